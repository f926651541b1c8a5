#pragma once

#include <string>
#include <vector>

#include "config/values.hpp"

// Which addresses lead to the same socket.
namespace tenfold::config {

// Two listeners that cannot both be opened. Port 0 is another free port each time.
bool overlap(const HostPort& a, const HostPort& b);

// Whether a connection to `server` that this machine makes arrives at what listens at `listener`. own_addresses: those
// of the machine's interfaces; loopback, "localhost" and the unspecified addresses lead here without being among them.
bool leads_to(const HostPort& server, const HostPort& listener, const std::vector<std::string>& own_addresses);

}  // namespace tenfold::config
