#include "watch/probe/charset.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "base/text/letters.hpp"
#include "watch/probe/words.hpp"

namespace tenfold::watch {
namespace {

constexpr std::size_t looked_into_bytes = 4'096;  // for a page's own word on its charset; browsers look at 1,024
constexpr std::size_t longest_name_bytes = 64;
constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

// How the Encoding Standard's labels are called in glibc, where that differs.
using Pair = std::pair<std::string_view, std::string_view>;
constexpr std::array known_labels{
    Pair{"iso-8859-1", "cp1252"},
    Pair{"iso8859-1", "cp1252"},
    Pair{"iso88591", "cp1252"},
    Pair{"iso_8859-1", "cp1252"},
    Pair{"latin1", "cp1252"},
    Pair{"latin-1", "cp1252"},
    Pair{"l1", "cp1252"},
    Pair{"ascii", "cp1252"},
    Pair{"us-ascii", "cp1252"},
    Pair{"x-cp1252", "cp1252"},
    Pair{"windows-1252", "cp1252"},
    Pair{"iso-8859-9", "cp1254"},
    Pair{"iso8859-9", "cp1254"},
    Pair{"latin5", "cp1254"},
    Pair{"iso-8859-11", "cp874"},
    Pair{"tis-620", "cp874"},
    Pair{"windows-874", "cp874"},
    Pair{"gb2312", "gb18030"},
    Pair{"gbk", "gb18030"},
    Pair{"x-gbk", "gb18030"},
    Pair{"gb_2312-80", "gb18030"},
    Pair{"shift_jis", "cp932"},
    Pair{"shift-jis", "cp932"},
    Pair{"sjis", "cp932"},
    Pair{"x-sjis", "cp932"},
    Pair{"windows-31j", "cp932"},
    Pair{"euc-kr", "uhc"},
    Pair{"ks_c_5601-1987", "uhc"},
    Pair{"korean", "uhc"},
    Pair{"windows-949", "uhc"},
    Pair{"big5", "big5-hkscs"},
    Pair{"big5-hkscs", "big5-hkscs"},
    Pair{"x-x-big5", "big5-hkscs"},
    Pair{"x-euc-jp", "euc-jp"},
    Pair{"macintosh", "macintosh"},
    Pair{"x-mac-roman", "macintosh"},
    Pair{"x-mac-cyrillic", "mac-cyrillic"},
    Pair{"iso-8859-8-i", "iso-8859-8"},
    Pair{"koi8", "koi8-r"},
    Pair{"utf-16", "utf-16le"},
    Pair{"unicode", "utf-16le"},
    Pair{"utf-32", "utf-32le"},
    Pair{"utf16", "utf-16le"},
    Pair{"ucs-2", "utf-16le"},
    Pair{"iso-10646-ucs-2", "utf-16le"},
};
constexpr std::array<std::string_view, 4> utf8_labels{"utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8"};

struct Mark {
  std::string_view bytes;
  std::string_view charset;
};
// The longer ones first: UTF-32's little end begins with UTF-16's.
constexpr std::array marks{Mark{"\xef\xbb\xbf", "utf-8"}, Mark{std::string_view("\xff\xfe\0\0", 4), "utf-32le"},
                           Mark{std::string_view("\0\0\xfe\xff", 4), "utf-32be"}, Mark{"\xff\xfe", "utf-16le"},
                           Mark{"\xfe\xff", "utf-16be"}};

bool is_name_character(char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.' || c == ':'; }

// The value behind "=", with or without quotes; empty: there is none.
std::string value_behind(std::string_view text) {
  text = trimmed(text, blanks_and_line_ends);
  if (!text.starts_with('=')) return {};
  text = trimmed(text.substr(1), blanks_and_line_ends);
  if (text.starts_with('"') || text.starts_with('\'')) text.remove_prefix(1);
  text = trimmed(text, blanks_and_line_ends);
  const auto end = std::ranges::find_if_not(text, is_name_character);
  const auto size = std::min(static_cast<std::size_t>(end - text.begin()), longest_name_bytes);
  return lower_case(text.substr(0, size));
}

std::string in_meta(std::string_view lower) {
  for (std::size_t at = lower.find("<meta"); at != std::string_view::npos; at = lower.find("<meta", at + 5)) {
    const std::string_view tag = lower.substr(at, lower.find('>', at) - at);
    const std::size_t charset = tag.find("charset");
    if (charset == std::string_view::npos) continue;
    if (std::string value = value_behind(tag.substr(charset + 7)); !value.empty()) return value;
  }
  return {};
}

// What the page says of itself, in letters that all charsets share which can say it so.
std::string in_page(std::string_view body) {
  const std::string lower = lower_case(body.substr(0, looked_into_bytes));
  if (lower.starts_with("<?xml")) {
    const std::string_view declaration = std::string_view(lower).substr(0, lower.find("?>"));
    const std::size_t at = declaration.find("encoding");
    if (at != std::string_view::npos) return value_behind(declaration.substr(at + 8));
  }
  std::string charset = in_meta(lower);
  // Whoever can read that has not to do with two bytes a letter.
  return charset.starts_with("utf-16") || charset.starts_with("utf-32") ? "utf-8" : charset;
}

bool is_utf8_name(std::string_view name) { return std::ranges::find(utf8_labels, name) != utf8_labels.end(); }

// RFC 3629.
bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    if (byte(0) < 0x80) {
      ++at;
      continue;
    }
    const std::size_t size = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
    if (byte(0) < 0xc2 || byte(0) > 0xf4 || at + size > text.size()) return false;
    for (std::size_t i = 1; i < size; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return false;
    }
    const unsigned second = byte(1);
    const bool is_overlong = (byte(0) == 0xe0 && second < 0xa0) || (byte(0) == 0xf0 && second < 0x90);
    const bool is_outside = (byte(0) == 0xed && second > 0x9f) || (byte(0) == 0xf4 && second > 0x8f);
    if (is_overlong || is_outside) return false;
    at += size;
  }
  return true;
}

// Without a word and without a mark: two bytes a letter, of which one is none, are UTF-16 and nothing else.
std::string_view by_its_look(std::string_view body) {
  if (body.size() >= 4 && body.size() % 2 == 0) {
    if (body[0] == '<' && body[1] == '\0' && body[3] == '\0') return "utf-16le";
    if (body[0] == '\0' && body[1] == '<' && body[2] == '\0') return "utf-16be";
  }
  return is_utf8(body) ? "utf-8" : "windows-1252";
}

class Converter {
 public:
  explicit Converter(const std::string& from) : handle_(::iconv_open("UTF-8", from.c_str())) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (is_open()) ::iconv_close(handle_);
  }
  bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  // `unit`: how many bytes are left out where they are no character.
  std::string converted(std::string_view text, std::size_t unit) const {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    std::array<char, 16 * 1024> buffer;
    char* from = const_cast<char*>(text.data());  // iconv's old signature; it does not write there
    std::size_t left = text.size();
    while (left > 0) {
      char* to = buffer.data();
      std::size_t room = buffer.size();
      const bool stopped = ::iconv(handle_, &from, &left, &to, &room) == static_cast<std::size_t>(-1);
      const int error = stopped ? errno : 0;
      out.append(buffer.data(), buffer.size() - room);
      if (error != EILSEQ && error != EINVAL) continue;  // done, or the buffer was full
      out += replacement;
      const std::size_t skipped = std::min(unit, left);
      from += skipped;
      left -= skipped;
    }
    char* to = buffer.data();
    std::size_t room = buffer.size();
    ::iconv(handle_, nullptr, nullptr, &to, &room);  // what it held back: some letters wait for an accent
    out.append(buffer.data(), buffer.size() - room);
    return out;
  }

 private:
  iconv_t handle_;
};

Result<std::string> converted(std::string_view body, const std::string& name) {
  const auto known = std::ranges::find(known_labels, name, &Pair::first);
  const std::string charset = known != known_labels.end() ? std::string(known->second) : name;
  // "//TRANSLIT" and the like are no part of a name.
  const Converter converter(charset);
  if (!converter.is_open()) {
    return fail(Errc::invalid, fmt::format("the page is written in {}, which is not known", in_quotes(name)));
  }
  const std::size_t unit = charset.starts_with("utf-32") ? 4 : charset.starts_with("utf-16") ? 2 : 1;
  return converter.converted(body, unit);
}

}  // namespace

std::string charset_of(std::string_view content_type) {
  const std::string lower = lower_case(content_type.substr(0, looked_into_bytes));
  for (std::size_t at = lower.find(';'); at != std::string::npos; at = lower.find(';', at + 1)) {
    const std::string_view parameter = trimmed(std::string_view(lower).substr(at + 1), blanks_and_line_ends);
    if (parameter.starts_with("charset")) return value_behind(parameter.substr(7));
  }
  return {};
}

Result<std::string> as_utf8(std::string body, std::string_view content_type) {
  for (const Mark& mark : marks) {
    if (!body.starts_with(mark.bytes)) continue;
    body.erase(0, mark.bytes.size());
    if (mark.charset == "utf-8") return body;
    return converted(body, std::string(mark.charset));
  }
  std::string name = charset_of(content_type);
  if (name.empty()) name = in_page(body);
  if (name.empty()) name = by_its_look(body);
  if (is_utf8_name(name)) return body;
  return converted(body, name);
}

}  // namespace tenfold::watch
