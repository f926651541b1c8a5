#pragma once

#include <memory>

#include "config/config.hpp"
#include "edge/guard_policy.hpp"

namespace tenfold::app {

// What the owner says of the guard: `guard:`, `worth:`, `sales:`.
std::shared_ptr<const edge::GuardRules> guard_rules(const config::Replaceable& live);

}  // namespace tenfold::app
