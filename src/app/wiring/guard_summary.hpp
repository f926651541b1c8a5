#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace tenfold::app {

// What the guard will do with this configuration, for its owner: "acts while there is not enough for everyone: ...".
std::string guard_summary(const config::Replaceable& live);
// What is missing or makes it weaker than it could be, each by its key; empty: nothing.
std::vector<std::string> guard_gaps(const config::Replaceable& live);

}  // namespace tenfold::app
