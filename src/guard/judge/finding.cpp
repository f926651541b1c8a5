#include "guard/judge/finding.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace tenfold::guard::judging {

std::string_view name(Charge charge) {
  static constexpr std::array<std::string_view, 3> names{"takes more", "ignores challenges", "breaks the protocol"};
  return names[static_cast<std::size_t>(charge)];
}

double Finding::fair_shares() const {
  return evidence.fair_ms_per_s > 0 ? evidence.asks_ms_per_s / evidence.fair_ms_per_s : 0;
}

std::string words(Charge charge, const Evidence& evidence) {
  const std::string from = evidence.spread > 1 ? fmt::format(" from {} clients", evidence.spread) : "";
  switch (charge) {
    case Charge::takes_more: {
      const double fair = evidence.fair_ms_per_s;
      const std::string asks =
          fmt::format("asks for {:.0f} ms of origin time a second{}", evidence.asks_ms_per_s, from);
      if (fair <= 0) return asks;
      return fmt::format("{}, {:.0f} fair shares ({:.{}f} ms each)", asks, evidence.asks_ms_per_s / fair, fair,
                         fair < 10 ? 1 : 0);
    }
    case Charge::ignores:
      return fmt::format("ignored {:.0f} challenges{} within seconds, solved {:.0f}, and asks {:.0f} times a second",
                         evidence.challenges_ignored, from, evidence.challenges_solved, evidence.asked_per_s);
    case Charge::breaks_protocol:
      return fmt::format("left {:.0f} requests or handshakes{} unfinished within seconds, and finished {:.0f}",
                         evidence.half_sent, from, evidence.requests);
  }
  return {};
}

}  // namespace tenfold::guard::judging
