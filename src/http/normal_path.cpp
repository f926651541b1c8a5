#include "http/normal_path.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/text/hex.hpp"
#include "http/overlong.hpp"

namespace tenfold::http {

namespace {

bool is_normal(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '%' || c == '\\' || c == ';' || static_cast<unsigned char>(c) <= ' ') return false;
    if (c != '/' && c != '.') continue;
    const bool last = i + 1 == path.size();
    if (c == '/' ? !last && path[i + 1] == '/' : last || path[i + 1] == '/') return false;
  }
  return true;
}

// The byte that an escape at the text's beginning stands for.
std::optional<char> escaped(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return {};
  const int high = hex_value(text[1]);
  const int low = hex_value(text[2]);
  if (high < 0 || low < 0) return {};
  return static_cast<char>(high * 16 + low);
}

// Decodes escapes into `out`, which has room for the path; returns the length.
std::size_t decode(std::string_view path, char* out) {
  std::size_t length = 0;
  // How many of the next bytes, if they are digits, would turn a "%" that begins no escape into one that does.
  int could_complete = 0;
  while (!path.empty()) {
    const auto byte = escaped(path);
    const bool would_complete = byte && could_complete > 0 && is_hex_digit(*byte);
    if (byte && *byte != '%' && !would_complete) {
      path.remove_prefix(3);
      out[length++] = *byte == '\\' ? '/' : *byte;
      could_complete = 0;
      continue;
    }
    if (byte) {
      length = static_cast<std::size_t>(std::ranges::copy(path.substr(0, 3), out + length).out - out);
      path.remove_prefix(3);
      could_complete = 0;
      continue;
    }
    const char c = path.front();
    path.remove_prefix(1);
    out[length++] = c == '\\' ? '/' : c;
    could_complete = c == '%' ? 2 : is_hex_digit(c) ? std::max(could_complete - 1, 0) : 0;
  }
  return length;
}

std::string_view without_end(std::string_view segment, bool (*is_dropped)(char)) {
  while (!segment.empty() && is_dropped(segment.back())) segment.remove_suffix(1);
  return segment;
}

bool is_blank(char c) { return c != '\0' && static_cast<unsigned char>(c) <= ' '; }
bool is_blank_or_dot(char c) { return c == '.' || is_blank(c); }

// What names the segment. Dots alone, three or more, are a name.
std::string_view name_of(std::string_view segment) {
  segment = without_end(segment.substr(0, segment.find(';')), &is_blank);
  if (segment == "." || segment == "..") return segment;
  const std::string_view name = without_end(segment, &is_blank_or_dot);
  return name.empty() ? segment : name;
}

// Resolves the segments of `text`, which begins with "/", in place; returns the length.
std::size_t resolve(char* text, std::size_t size) {
  std::string_view rest(text + 1, size - 1);
  std::size_t length = 0;  // of what is resolved, without a slash at its end
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string_view name = name_of(rest.substr(0, slash));
    const bool last = slash == std::string_view::npos;
    if (name == "..") {
      length = std::string_view(text, length).rfind('/');
      if (length == std::string_view::npos) length = 0;
    } else if (!name.empty() && name != ".") {
      text[length++] = '/';
      // The target is never behind the source.
      length = static_cast<std::size_t>(std::ranges::copy(name, text + length).out - text);
      if (last) return length;
    }
    if (last) break;
    rest.remove_prefix(slash + 1);
  }
  text[length++] = '/';
  return length;
}

}  // namespace

bool has_more_readings(std::string_view path) {
  if (overlong_in(path) != Overlong::none) return true;
  if (is_normal(path)) return false;
  int dots = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto byte = escaped(path.substr(i));
    dots = byte.value_or(path[i]) == '.' ? dots + 1 : 0;
    if (dots == 2) return true;
    if (!byte) continue;
    if (*byte == '%' && i + 4 < path.size() && is_hex_digit(path[i + 3]) && is_hex_digit(path[i + 4])) return true;
    i += 2;
  }
  return false;
}

std::string_view normal_path(std::string_view path, Arena& arena) {
  if (!path.starts_with('/') || is_normal(path)) return path;
  char* const text = arena.allocate(path.size());
  const std::size_t length = resolve(text, decode(path, text));
  return {text, length};
}

}  // namespace tenfold::http
