#pragma once

#include <cstddef>
#include <string_view>

namespace tenfold::http {

// The place of the next `separator` outside quoted strings, from `start` on; text.size() if there is none (RFC 9110,
// 5.6.4 and 5.6.6).
inline std::size_t find_unquoted(std::string_view text, char separator, std::size_t start = 0) {
  bool quoted = false;
  for (std::size_t i = start; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == separator && !quoted) {
      return i;
    }
  }
  return text.size();
}

}  // namespace tenfold::http
