#pragma once

#include "edge/visit.hpp"

namespace tenfold::edge {

// Who asks, and for what. Behind it the request's fields are those that the origin would be sent.
void identify(Visit& visit);

}  // namespace tenfold::edge
