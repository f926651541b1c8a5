#pragma once

#include "edge/visit.hpp"

namespace tenfold::edge {

// Whether the owner has shut the client out (guard.deny, or the list of the API), and no rule of its lets the request
// be. Counted, also where the guard only observes; then, and where it is off, false.
bool is_shut_out(Visit& visit);

}  // namespace tenfold::edge
