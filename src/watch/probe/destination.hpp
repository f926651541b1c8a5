#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace tenfold::watch {

// Where a request goes.
struct Destination {
  std::string scheme;  // "http" or "https"
  std::string host;    // in lower case; an IPv6 address is in brackets
  std::uint16_t port = 0;
  std::vector<std::string> addresses;  // of the host, without brackets; none: not asked for yet
};

// Scheme, host and port.
bool is_same_origin(const Destination& one, const Destination& other);

// What the owner has a request say may prove who asks (a key, a login, a cookie), whatever the field is called: at
// another origin than it was written for only those are said that tell what answer is wanted.
using HeaderFields = std::vector<std::pair<std::string, std::string>>;
void leave_secrets(HeaderFields& headers);

// Without its addresses. Errors: invalid, for what is no URL of http or https.
Result<Destination> destination_of(const std::string& url);

}  // namespace tenfold::watch
