#include "oncall/plain_text.hpp"

#include <cstdint>

namespace tenfold::oncall {
namespace {

struct Character {
  std::size_t bytes;  // at least 1
  std::uint32_t code;
  bool good;
};

// RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF.
Character first_of(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = at(0);
  if (lead < 0x80) return {1, lead, true};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes > text.size()) return {1, 0, false};
  std::uint32_t code = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {1, 0, false};
    code = code << 6 | (at(i) & 0x3f);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  if (overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {1, 0, false};
  return {bytes, code, true};
}

// Besides C0 and C1: line and paragraph separators, and what turns the direction of writing.
bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string plain(std::string_view text, std::size_t most_bytes) {
  std::string out;
  bool blank = false;  // a run of control characters is waiting to be one
  while (!text.empty()) {
    const Character character = first_of(text);
    const std::string_view piece = character.good ? text.substr(0, character.bytes) : std::string_view("?");
    text.remove_prefix(character.bytes);
    if (character.good && is_control(character.code)) {
      blank = true;
      continue;
    }
    if (blank && !out.empty() && out.back() != ' ' && piece != " ") {
      if (out.size() + 1 > most_bytes) break;
      out += ' ';
    }
    blank = false;
    if (out.size() + piece.size() > most_bytes) break;
    out += piece;
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return std::string(text);
  constexpr std::string_view missing = "...";
  if (most_bytes <= missing.size()) return std::string(missing.substr(0, most_bytes));
  std::size_t end = most_bytes - missing.size();
  while (end > 0 && continues(text[end])) --end;
  const std::size_t blank = text.substr(0, end + 1).rfind(' ');
  if (blank != std::string_view::npos && blank > end / 2) end = blank;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == ',')) --end;
  return std::string(text.substr(0, end)) + std::string(missing);
}

}  // namespace tenfold::oncall
