#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/address.hpp"

namespace tenfold::rehearse {

// Where a rehearsal goes: "http://127.0.0.1:8080/", "https://shop.example/start?a=b".
struct Target {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 literal without brackets
  std::uint16_t port = 0;
  std::string path;  // with query; begins with "/"
  bool tls() const { return scheme == "https"; }
  std::string authority() const;  // for Host: port left out where it is the scheme's own
  std::string origin() const { return scheme + "://" + authority(); }
};

// Errors: invalid, with what was expected. A user name in it is refused; a fragment is dropped.
Result<Target> parse_target(std::string_view url);

}  // namespace tenfold::rehearse
