#pragma once

#include <string>
#include <string_view>

#include "config/config.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::app {

// The configuration's on-call plan with what is not said under `oncall:`: the shop, time zones left out, channels that
// need no uplink. Without `oncall:` a plan of nobody, which reaches nobody.
oncall::Plan oncall_plan(const config::Replaceable& live);
// Whether there is an escalation of that name; none at all (empty) is always there: it means the first.
bool has_escalation(const oncall::Plan& plan, std::string_view name);
// What to say where there is none: "there is no escalation "nigth" in shop.yaml; did you mean "night"?", and which
// there are.
std::string no_escalation(const oncall::Plan& plan, std::string_view name, std::string_view where);
// Whether somebody of the plan has that name. Where the plan names nobody, everybody has.
bool has_somebody(const oncall::Plan& plan, std::string_view name);
// What to say where nobody has: "nobody of the plan is called "adda" (there are: ada, bela); did you mean "ada"?"
std::string nobody_called(const oncall::Plan& plan, std::string_view name);

}  // namespace tenfold::app
