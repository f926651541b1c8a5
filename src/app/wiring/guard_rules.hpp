#pragma once

#include <memory>

#include "config/config.hpp"
#include "edge/guard_policy.hpp"
#include "guard/known/worth_classes.hpp"

namespace tenfold::app {

// `worth:`, and what of it is worth more than the rest.
guard::WorthClasses worth_classes(const config::Replaceable& live);

// What the owner says of the guard: `guard:`, `worth:`, `sales:`.
std::shared_ptr<const edge::GuardRules> guard_rules(const config::Replaceable& live);

}  // namespace tenfold::app
