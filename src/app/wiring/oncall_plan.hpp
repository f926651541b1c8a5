#pragma once

#include <string_view>

#include "config/config.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::app {

// The configuration's on-call plan with what is not said under `oncall:`: the shop, time zones left out, channels that
// need no uplink. Without `oncall:` a plan of nobody, which reaches nobody.
oncall::Plan oncall_plan(const config::Replaceable& live);
// Whether there is an escalation of that name; none at all (empty) is always there: it means the first.
bool has_escalation(const oncall::Plan& plan, std::string_view name);

}  // namespace tenfold::app
