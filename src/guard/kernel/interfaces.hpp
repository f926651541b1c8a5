#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/address.hpp"

namespace tenfold::guard::kernel {

struct Interface {
  std::string name;
  unsigned index = 0;
  enum class Kind : std::uint8_t {
    ethernet,
    loopback,
    other,  // its frames do not begin with an Ethernet header: tunnels, PPP
  } kind = Kind::ethernet;
  bool is_up = false;
  bool has_default_route = false;
  std::vector<net::IpAddress> addresses = {};
};

// Of this network namespace. Errors: failed.
Result<std::vector<Interface>> read_interfaces();

// Those by which visitors come to the listeners, loopback left out. For listeners that have all addresses: those of the
// default routes, and if there is none, all that are up and have an address.
std::vector<Interface> serving(std::span<const Interface> all, std::span<const net::Endpoint> listeners);

// Whether visitors of other machines can come to one of them at all.
bool is_public(std::span<const net::Endpoint> listeners);

}  // namespace tenfold::guard::kernel
