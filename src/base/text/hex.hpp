#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenfold {

inline constexpr std::string_view hex_digits = "0123456789abcdef";
inline constexpr std::string_view capital_hex_digits = "0123456789ABCDEF";

// Appends a byte's two digits.
constexpr void append_hex(std::string& out, char byte, std::string_view digits = hex_digits) {
  const auto value = static_cast<unsigned char>(byte);
  out += digits[value >> 4];
  out += digits[value & 15];
}

// Two digits a byte, in lower case.
std::string hex(std::string_view bytes);

// Of a digit in either case; -1 of anything else.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
constexpr bool is_hex_digit(char c) { return hex_value(c) >= 0; }

// The bytes of an even number of digits in either case; nothing of other text.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace tenfold
