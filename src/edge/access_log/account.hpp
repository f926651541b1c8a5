#pragma once

#include "edge/visit.hpp"

namespace tenfold::edge {

// The walk's last step: counts the request and writes it to the access log.
void account(Visit& visit);

}  // namespace tenfold::edge
