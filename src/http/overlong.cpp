#include "http/overlong.hpp"

#include <cstddef>
#include <optional>

#include "base/text/hex.hpp"

namespace tenfold::http {

namespace {

// A byte of the path, however it is written.
struct Byte {
  unsigned value = 0;
  std::size_t length = 1;  // of its text
};

Byte byte_at(std::string_view path, std::size_t at) {
  const auto raw = static_cast<unsigned char>(path[at]);
  if (raw != '%' || at + 2 >= path.size()) return {raw, 1};
  const int high = hex_value(path[at + 1]), low = hex_value(path[at + 2]);
  if (high < 0 || low < 0) return {raw, 1};
  return {static_cast<unsigned>(high * 16 + low), 3};
}

// How many bytes follow one that begins an overlong form, which is as long as six bytes for those who read what UTF-8
// once was (RFC 2279).
std::size_t bytes_behind(unsigned first) {
  switch (first) {
    case 0xc0:
    case 0xc1: return 1;
    case 0xe0: return 2;
    case 0xf0: return 3;
    case 0xf8: return 4;
    case 0xfc: return 5;
    default: return 0;
  }
}

struct Lenient {
  char means = 0;
  std::size_t length = 0;  // of its text
};

std::optional<Lenient> lenient_at(std::string_view path, std::size_t at) {
  const Byte first = byte_at(path, at);
  const std::size_t behind = bytes_behind(first.value);
  if (behind == 0) return {};
  unsigned means = first.value & 1;  // that of 0xc1; else 0
  std::size_t next = at + first.length;
  for (std::size_t i = 0; i < behind; ++i) {
    if (next >= path.size()) return {};
    const Byte byte = byte_at(path, next);
    if ((byte.value & 0xc0) != 0x80 || means > 1) return {};  // no such form, or of a longer character
    means = means << 6 | (byte.value & 0x3f);
    next += byte.length;
  }
  if (means != '.' && means != '/' && means != '\\' && means != 0) return {};
  return Lenient{static_cast<char>(means), next - at};
}

// One segment of a path, as servers read its name: without parameters, and without blanks at its end.
class Segment {
 public:
  void add(char c) {
    if (is_over_) return;
    if (c == ';') {
      is_over_ = true;
    } else if (static_cast<unsigned char>(c) <= ' ') {
      blank_ = true;
    } else {
      other_ = other_ || c != '.' || blank_;
      ++dots_;
    }
  }
  bool climbs() const { return dots_ == 2 && !other_; }

 private:
  std::size_t dots_ = 0;
  bool other_ = false;
  bool blank_ = false;
  bool is_over_ = false;
};

Overlong read_leniently(std::string_view path) {
  Segment segment;
  for (std::size_t i = 0; i < path.size();) {
    char c = 0;
    if (const auto lenient = lenient_at(path, i)) {
      c = lenient->means;
      if (c == '\0' || c == '\\') return Overlong::climbs;
      i += lenient->length;
    } else {
      const Byte byte = byte_at(path, i);
      c = static_cast<char>(byte.value);
      i += byte.length;
    }
    if (c != '/' && c != '\\') {
      segment.add(c);
      continue;
    }
    if (segment.climbs()) return Overlong::climbs;
    segment = Segment();
  }
  return segment.climbs() ? Overlong::climbs : Overlong::in_a_name;
}

}  // namespace

Overlong overlong_in(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%' && static_cast<unsigned char>(path[i]) < 0xc0) continue;
    if (lenient_at(path, i)) return read_leniently(path);
  }
  return Overlong::none;
}

}  // namespace tenfold::http
