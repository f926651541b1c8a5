#include "cache/key/key.hpp"

#include <absl/hash/hash.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text/letters.hpp"

namespace tenfold::cache {

namespace {

// Bytes of a host and port as URIs have them (RFC 3986, 3.2.2: reg-name, IP literal), without user information.
constexpr std::array<bool, 256> make_authority_bytes() {
  std::array<bool, 256> allowed{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                       "-._~!$&'()*+,;=%:[]")) {
    allowed[static_cast<unsigned char>(c)] = true;
  }
  return allowed;
}
constexpr auto authority_bytes = make_authority_bytes();

// "host:443" is "host" for https; an empty port is the scheme's own (RFC 3986, 6.2.3).
std::string_view without_own_port(std::string_view scheme, std::string_view authority) {
  if (authority.ends_with(':')) return authority.substr(0, authority.size() - 1);
  const std::string_view own = scheme == "https" ? ":443" : ":80";
  return authority.ends_with(own) ? authority.substr(0, authority.size() - own.size()) : authority;
}

}  // namespace

std::string_view normal_authority(std::string_view scheme, std::string_view authority, Arena& arena) {
  authority = without_own_port(scheme, authority);
  if (std::ranges::none_of(authority, [](char c) { return c >= 'A' && c <= 'Z'; })) return authority;
  char* const lower = arena.allocate(authority.size());
  std::ranges::transform(authority, lower, to_lower);
  return {lower, authority.size()};
}

std::optional<std::string_view> key_text(std::string_view scheme, std::string_view authority, std::string_view target,
                                         Arena& arena) {
  if (!target.starts_with('/')) return {};
  for (const char c : authority) {
    if (!authority_bytes[static_cast<unsigned char>(c)]) return {};
  }
  const bool is_https = http::equals_ignoring_case(scheme, "https");
  if (!is_https && !http::equals_ignoring_case(scheme, "http")) return {};
  const std::string_view own_scheme = is_https ? "https" : "http";
  authority = without_own_port(own_scheme, authority);

  const std::size_t size = own_scheme.size() + 3 + authority.size() + target.size();
  char* const start = arena.allocate(size);
  char* at = start;
  std::memcpy(at, own_scheme.data(), own_scheme.size());
  at += own_scheme.size();
  std::memcpy(at, "://", 3);
  at += 3;
  for (const char c : authority) *at++ = to_lower(c);
  std::memcpy(at, target.data(), target.size());
  return std::string_view(start, size);
}

std::uint64_t key_hash(std::string_view text, std::uint64_t seed) { return absl::HashOf(seed, text); }

}  // namespace tenfold::cache
