#include "app/wiring/networks.hpp"

#include "base/result.hpp"

namespace tenfold::app {

std::vector<net::IpNetwork> networks_of(const std::vector<config::Network>& from) {
  std::vector<net::IpNetwork> to;
  to.reserve(from.size());
  for (const config::Network& network : from) {
    const auto parsed = net::IpNetwork::parse(network.text);
    TENFOLD_ASSERT(parsed.has_value());
    to.push_back(*parsed);
  }
  return to;
}

}  // namespace tenfold::app
