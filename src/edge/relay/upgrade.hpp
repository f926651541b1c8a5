#pragma once

#include "edge/visit.hpp"
#include "net/task.hpp"

namespace tenfold::edge {

// Passes a request to change protocols on; after 101 carries bytes both ways until both sides have ended.
net::Task<void> relay_upgrade(Visit& visit);

}  // namespace tenfold::edge
