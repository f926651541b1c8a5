#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

// The link in a written message. Opening it shows a page; only its button, a POST, acknowledges: mail scanners and
// previews open links too. Pure; any thread.
namespace tenfold::oncall {

struct LinkClaim {
  std::int64_t alert = 0;
  std::string who;  // the recipient
  WallTime expires{};
};

// "<link_url>/ack/7?who=ada&exp=1767225600&sig=<hex HMAC-SHA256 of "7:1767225600:ada">". `secret` must not be empty.
std::string signed_link(std::string_view link_url, std::string_view secret, const LinkClaim& claim);

// Of the path and query that arrive ("/ack/7?who=..."). Nothing: not signed by us, tampered with or malformed. It may
// have expired. Compares in constant time.
std::optional<LinkClaim> signed_claim(std::string_view path_and_query, std::string_view secret);
// The same, and it has not expired.
std::optional<LinkClaim> verify_link(std::string_view path_and_query, std::string_view secret, WallTime now);

}  // namespace tenfold::oncall
