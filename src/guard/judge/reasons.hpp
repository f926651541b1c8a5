#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "guard/judge/demand.hpp"
#include "guard/judge/judge.hpp"
#include "guard/judge/policy.hpp"
#include "guard/judge/posture.hpp"

// Why things stand as they do, for people. A number that is told never contradicts what it is told for: where rounding
// would, words stand in its place.
namespace tenfold::guard::judging {

// The weightiest first; at most six. What is remembered is told where nothing else is, but for a siege that was.
std::vector<std::string> reasons_of(const Signals& signals, Likeness likeness, const DemandPolicy& policy,
                                    const PostureState& state, TimePoint now);

}  // namespace tenfold::guard::judging
