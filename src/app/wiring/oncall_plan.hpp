#pragma once

#include "config/config.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::app {

// The configuration's on-call plan as the module's own values. Without `oncall:` a plan of nobody, which reaches
// nobody.
oncall::Plan oncall_plan(const config::Replaceable& live);

}  // namespace tenfold::app
