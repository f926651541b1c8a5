#pragma once

#include <string>

#include "config/config.hpp"

namespace tenfold::app {

// Which checks of pages come to the shield as a customer (WatchPass), for the operator: "to the shield as a customer:
// front; as a stranger: partner". No name is looked up. Empty: there are no such checks, or there is no guard.
std::string known_checks(const config::Replaceable& live);

}  // namespace tenfold::app
