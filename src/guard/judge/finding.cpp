#include "guard/judge/finding.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace tenfold::guard::judging {

std::string_view name(Charge charge) {
  static constexpr std::array<std::string_view, 3> names{"takes more", "ignores challenges", "breaks the protocol"};
  return names[static_cast<std::size_t>(charge)];
}

namespace {

// Who is found may ask for no more than its share by now: what it took before is held against it.
std::string words_of_share(double asks, double fair, const std::string& from) {
  const std::string words = fmt::format("asks for {:.0f} ms of origin time a second{}", asks, from);
  const std::string share = fmt::format("fair share of {:.{}f} ms", fair, fair < 10 ? 1 : 0);
  const double times = asks / fair;
  if (times <= 1) return fmt::format("{}, after more than its {}", words, share);
  if (times < 1.05) return fmt::format("{}, a little more than its {}", words, share);
  return fmt::format("{}, {:.{}f} times its {}", words, times, times < 9.95 ? 1 : 0, share);
}

std::string times_a_second(double times) {
  if (times < 0.95) return "less than once a second";
  return times < 1.5 ? "once a second" : fmt::format("{:.0f} times a second", times);
}

}  // namespace

double Finding::fair_shares() const {
  return evidence.fair_ms_per_s > 0 ? evidence.asks_ms_per_s / evidence.fair_ms_per_s : 0;
}

std::string words(Charge charge, const Evidence& evidence) {
  const std::string from = evidence.spread > 1 ? fmt::format(" from {} clients", evidence.spread) : "";
  switch (charge) {
    case Charge::takes_more:
      if (evidence.fair_ms_per_s > 0) return words_of_share(evidence.asks_ms_per_s, evidence.fair_ms_per_s, from);
      return fmt::format("asks for {:.0f} ms of origin time a second{}", evidence.asks_ms_per_s, from);
    case Charge::ignores:
      return fmt::format("ignored {:.0f} challenges{} within seconds, solved {:.0f}, and asks {}",
                         evidence.challenges_ignored, from, evidence.challenges_solved,
                         times_a_second(evidence.asked_per_s));
    case Charge::breaks_protocol:
      return fmt::format("left {:.0f} requests or handshakes{} unfinished within seconds, and finished {:.0f}",
                         evidence.half_sent, from, evidence.requests);
  }
  return {};
}

}  // namespace tenfold::guard::judging
