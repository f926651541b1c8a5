#include "base/text/json.hpp"

#include "base/text/hex.hpp"

namespace tenfold {

std::string json_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      escaped.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      escaped += "\\u00";
      append_hex(escaped, c);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace tenfold
