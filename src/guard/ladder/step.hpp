#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "guard/judge/finding.hpp"

namespace tenfold::guard::ladder {

// What is done with a subject's requests; each step costs it more. None but a drop is felt by known and allowed
// customers among them: those are told by their cookies.
enum class Step : std::uint8_t {
  serve,      // as anybody
  behind,     // waits behind all others for an origin
  challenge,  // is served once it has solved one, or has waited its turn
  refuse,
  drop,  // in the kernel, where there is a way to
};
std::string_view name(Step step);  // "serve", "wait behind", "challenge", "refuse", "drop"

constexpr Step above(Step step) { return step == Step::drop ? step : static_cast<Step>(static_cast<int>(step) + 1); }

// What moves a subject on the ladder. One state machine: its diagram and its table are in the source.
enum class Push : std::uint8_t {
  takes_more,
  ignores,
  breaks_protocol,
  over,  // its time is over
};
Push push_of(judging::Charge charge);
Step next(Step from, Push push);

// How long a step lasts: the longer, the graver it is and the more often it had to be taken again.
Duration lifetime(Step step, std::uint8_t repeats);
inline constexpr std::uint8_t most_repeats = 6;
inline constexpr Duration longest_lifetime = std::chrono::minutes(30);  // addresses pass to others

}  // namespace tenfold::guard::ladder
