#pragma once

#include <cstdint>
#include <string>
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

// Without its addresses. Errors: invalid, for what is no URL of http or https.
Result<Destination> destination_of(const std::string& url);

}  // namespace tenfold::watch
