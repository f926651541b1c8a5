#include "http/rules/authority.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"

namespace tenfold::http {
namespace {

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, is_digit)) return false;
  std::uint32_t port = 0;
  for (const char c : text) port = port * 10 + static_cast<std::uint32_t>(c - '0');
  return port <= 65535;
}

constexpr bool is_name_char(char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }
constexpr bool is_address_char(char c) { return is_hex_digit(c) || c == ':' || c == '.'; }

// Of the host that it begins with; 0: with none.
std::size_t host_bytes(std::string_view authority) {
  if (!authority.starts_with('[')) {
    std::size_t bytes = 0;
    while (bytes < authority.size() && is_name_char(authority[bytes])) ++bytes;
    return bytes;
  }
  const std::size_t bracket = authority.find(']');
  if (bracket == std::string_view::npos || bracket < 3) return 0;
  return std::ranges::all_of(authority.substr(1, bracket - 1), is_address_char) ? bracket + 1 : 0;
}

bool has_port_behind(std::string_view authority, std::size_t host) {
  return host < authority.size() && authority[host] == ':' && is_port(authority.substr(host + 1));
}

std::string_view without_default_port(std::string_view authority, std::string_view scheme) {
  const std::string_view port = equal_but_for_case(scheme, "https") ? ":443" : ":80";
  return authority.ends_with(port) ? authority.substr(0, authority.size() - port.size()) : authority;
}

}  // namespace

bool is_valid_authority(std::string_view authority) {
  const std::size_t host = host_bytes(authority);
  return host > 0 && (host == authority.size() || has_port_behind(authority, host));
}

bool is_valid_authority_with_port(std::string_view authority) {
  const std::size_t host = host_bytes(authority);
  return host > 0 && has_port_behind(authority, host);
}

bool is_same_authority(std::string_view one, std::string_view other, std::string_view scheme) {
  return equal_but_for_case(without_default_port(one, scheme), without_default_port(other, scheme));
}

}  // namespace tenfold::http
