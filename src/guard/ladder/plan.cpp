#include "guard/ladder/plan.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace tenfold::guard::ladder {

std::string_view name(StrangersNeed need) {
  static constexpr std::array<std::string_view, 3> names{"nothing", "queue", "challenge"};
  return names[static_cast<std::size_t>(need)];
}

Plan without_challenges(Plan plan) {
  const auto behind_instead = [](Step& step) {
    if (step == Step::challenge) step = Step::behind;
  };
  plan.strangers_need = std::min(plan.strangers_need, StrangersNeed::queue);
  for (Measure& measure : plan.measures) {
    behind_instead(measure.step);
    behind_instead(measure.elsewhere);
  }
  return plan;
}

}  // namespace tenfold::guard::ladder
