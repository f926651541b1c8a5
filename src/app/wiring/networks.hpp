#pragma once

#include <vector>

#include "config/config.hpp"
#include "net/address.hpp"

namespace tenfold::app {

// Networks as shop.yaml names them; config has checked that they are some.
std::vector<net::IpNetwork> networks_of(const std::vector<config::Network>& from);

}  // namespace tenfold::app
