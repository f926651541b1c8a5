#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "guard/judge/judge.hpp"
#include "guard/judge/posture.hpp"
#include "guard/ladder/measure.hpp"
#include "guard/ladder/step.hpp"

namespace tenfold::guard::ladder {

// What a stranger needs before it may cost origin time, whoever it is.
enum class StrangersNeed : std::uint8_t {
  nothing,
  queue,      // stands behind customers where there is a queue
  challenge,  // has to solve one, or to wait its turn
};
std::string_view name(StrangersNeed need);

enum class Acting : std::uint8_t {
  enforce,
  observe,  // the same plan, shown and not acted on
};

// All that is decided, for workers, kernel and API: who takes what, at which step, why, until when. Immutable once
// published.
struct Plan {
  Acting acting = Acting::enforce;
  judging::Posture posture = judging::Posture::calm;
  judging::Likeness likeness = judging::Likeness::none;
  std::vector<std::string> reasons;  // of the posture, for people
  std::optional<TimePoint> trouble_began;
  StrangersNeed strangers_need = StrangersNeed::nothing;
  std::vector<Measure> measures;  // that hold, by level and id
  std::uint64_t revision = 0;     // of strangers_need and measures: the same number, the same content

  bool acts() const { return acting == Acting::enforce; }
};

// As it is acted on where nobody is ever challenged: who would be waits behind instead.
Plan without_challenges(Plan plan);

}  // namespace tenfold::guard::ladder
