#pragma once

#include <cstdint>

#include "cache/fill.hpp"
#include "edge/visit.hpp"
#include "net/task.hpp"

namespace tenfold::edge {

// What a visit is met with that needs an origin. Counts it as one that asked; finds its standing. Step::serve where the
// guard is off or only observes. What it is expected to cost is reserved where it is served.
Step meet(Visit& visit);

// At the visit's end: what meet() reserved for it of its bearer's budgets is given back, and what it took is taken.
void settle(Visit& visit);

// Answers in the guard's way what is not served: a challenge, or that it is refused. What is stored, however old, is
// shown instead of a challenge.
net::Task<void> answer_met(Visit& visit, Step step, cache::Fill fill);

}  // namespace tenfold::edge
