#include "guard/ladder/step.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace tenfold::guard::ladder {

std::string_view name(Step step) {
  static constexpr std::array<std::string_view, 5> names{"serve", "wait behind", "challenge", "refuse", "drop"};
  return names[static_cast<std::size_t>(step)];
}

Push push_of(judging::Charge charge) { return static_cast<Push>(charge); }

//          takes more         takes more            ignores          any
//   serve -----------> behind -----------> challenge -------> refuse -----> drop
//     |                  |    ignores          ^                ^
//     +------------------+---------------------+                |
//     |                  |    breaks protocol  |                |
//     +------------------+---------------------+----------------+
//
//   When its time is over each goes one step back. Who takes more but ignores nothing is challenged at the most: it may
//   be people, who solve.
Step next(Step from, Push push) {
  using enum Step;
  struct Row {
    Step takes_more, ignores, breaks_protocol, over;
  };
  static constexpr std::array<Row, 5> table{{
      //               takes_more ignores   protocol  over
      /*serve*/ {behind, challenge, refuse, serve},
      /*behind*/ {challenge, challenge, refuse, serve},
      /*challenge*/ {challenge, refuse, refuse, behind},
      /*refuse*/ {drop, drop, drop, challenge},
      /*drop*/ {drop, drop, drop, refuse},
  }};
  const Row& row = table[static_cast<std::size_t>(from)];
  switch (push) {
    case Push::takes_more: return row.takes_more;
    case Push::ignores: return row.ignores;
    case Push::breaks_protocol: return row.breaks_protocol;
    case Push::over: return row.over;
  }
  return from;
}

Duration lifetime(Step step, std::uint8_t repeats) {
  using std::chrono::seconds;
  static constexpr std::array<Duration, 5> once{seconds(0), seconds(5), seconds(15), seconds(30), seconds(60)};
  const Duration doubled = once[static_cast<std::size_t>(step)] * (1 << std::min(repeats, most_repeats));
  return std::min(doubled, longest_lifetime);
}

}  // namespace tenfold::guard::ladder
