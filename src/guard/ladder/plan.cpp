#include "guard/ladder/plan.hpp"

#include <array>
#include <cstddef>

namespace tenfold::guard::ladder {

std::string_view name(StrangersNeed need) {
  static constexpr std::array<std::string_view, 3> names{"nothing", "queue", "challenge"};
  return names[static_cast<std::size_t>(need)];
}

}  // namespace tenfold::guard::ladder
