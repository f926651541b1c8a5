#include "ready/readiness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tenfold::ready {
namespace {

using State = Item::State;

std::string ago(WallTime at, WallTime now) {
  const auto days = std::chrono::floor<std::chrono::days>(std::max<Duration>(now - at, Duration::zero())).count();
  return days == 0 ? "today" : days == 1 ? "yesterday" : fmt::format("{} days ago", days);
}

// An item that rests on the newest thing of its kind that was tried.
Item proven(std::string name, const std::optional<Evidence>& evidence, Duration lasts, WallTime now,
            std::string_view never, std::string_view again) {
  if (!evidence) return {std::move(name), State::missing, std::string(never), std::nullopt};
  const std::string what = fmt::format("{} {}: {}", evidence->verdict, ago(evidence->at, now), evidence->subject);
  if (evidence->verdict != "PASS") {
    return {std::move(name), State::bad, fmt::format("{}. {}", what, again), evidence->at};
  }
  if (now - evidence->at > lasts) {
    const auto days = std::chrono::floor<std::chrono::days>(lasts).count();
    return {std::move(name), State::stale, fmt::format("{}. That is more than {} days; {}", what, days, again),
            evidence->at};
  }
  return {std::move(name), State::good, what, evidence->at};
}

Item watching(const Facts& facts) {
  if (facts.checks == 0) {
    return {"watch", State::missing, "nothing looks at the shop from outside: name checks under watch.checks", {}};
  }
  if (!facts.nobody_looks.empty()) {
    return {"watch",
            State::bad,
            fmt::format("{} check{} named, and nobody looks: {}", facts.checks, facts.checks == 1 ? " is" : "s are",
                        facts.nobody_looks),
            {}};
  }
  if (!facts.down.empty()) {
    return {"watch", State::bad, fmt::format("down now: {}", fmt::join(facts.down, ", ")), {}};
  }
  return {"watch", State::good, fmt::format("{} check{}", facts.checks, facts.checks == 1 ? "" : "s"), {}};
}

Item people(const Facts& facts) {
  if (facts.people == 0) return {"oncall", State::missing, "nobody is told: name people under oncall.people", {}};
  if (!facts.can_ring) {
    return {"oncall", State::bad, "nobody's phone would ring: no contact by call or sms", {}};
  }
  if (!facts.holes.empty()) {
    constexpr std::size_t most = 5;
    const std::vector<std::string> first(
        facts.holes.begin(), facts.holes.begin() + static_cast<std::ptrdiff_t>(std::min(most, facts.holes.size())));
    return {"oncall",
            State::bad,
            fmt::format("{}{}", fmt::join(first, "; "),
                        facts.holes.size() > most ? fmt::format("; and {} more", facts.holes.size() - most) : ""),
            {}};
  }
  return {"oncall", State::good, "somebody can be reached at every moment of the weeks ahead", {}};
}

Item outside(const Facts& facts) {
  if (facts.outside_parties == 0) {
    return {"outside-parties",
            State::missing,
            "the internet provider's out-of-hours number is not there: add it under oncall.outside_parties",
            {}};
  }
  if (!facts.unconfirmed.empty()) {
    return {"outside-parties", State::stale, fmt::format("{}", fmt::join(facts.unconfirmed, "; ")), {}};
  }
  return {"outside-parties", State::good, fmt::format("{} with confirmed numbers", facts.outside_parties), {}};
}

}  // namespace

std::string_view name(Item::State state) {
  switch (state) {
    case State::good: return "good";
    case State::stale: return "stale";
    case State::missing: return "missing";
    case State::bad: return "bad";
  }
  return "?";
}

std::vector<Item> judge(const Facts& facts, WallTime now) {
  return {
      proven("rehearsal", facts.rehearsal, rehearsal_lasts, now,
             "never rehearsed: `tenfold learn` the access log, then `tenfold rehearse`",
             "rehearse with `tenfold rehearse URL --traffic shop.traffic.json --times 10`"),
      proven("limit", facts.limit, rehearsal_lasts, now,
             "how much the shop bears is not known: `--find-limit` seeks it",
             "seek it with `tenfold rehearse ... --find-limit`"),
      proven("phone", facts.drill_phone, drill_lasts, now,
             "nobody knows whether the phone rings: `tenfold drill phone`", "try it with `tenfold drill phone`"),
      watching(facts),
      people(facts),
      outside(facts),
  };
}

bool is_ready(const std::vector<Item>& items) {
  return std::ranges::all_of(items, [](const Item& item) { return item.state == State::good; });
}

}  // namespace tenfold::ready
