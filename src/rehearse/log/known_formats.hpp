#pragma once

#include <vector>

#include "rehearse/log/line_format.hpp"

namespace tenfold::rehearse {

// Formats of lines that are not in the combined format's family: AWS's load balancers, Envoy and Istio, nginx proxy
// manager.
const std::vector<LineFormat>& known_formats();

}  // namespace tenfold::rehearse
