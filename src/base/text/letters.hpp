#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// ASCII, whatever the locale says: what protocols are written in. Other bytes are left as they are.
namespace tenfold {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

constexpr bool equal_but_for_case(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) { return to_lower(a) == to_lower(b); });
}

inline constexpr std::string_view blanks = " \t";  // RFC 9110, 5.6.3: optional white space
inline constexpr std::string_view blanks_and_line_ends = " \t\r\n";

// Without what of `off` is at either end.
constexpr std::string_view trimmed(std::string_view text, std::string_view off = blanks) {
  const std::size_t first = text.find_first_not_of(off);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(off) - first + 1);
}

}  // namespace tenfold
