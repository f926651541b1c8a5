#include "ready/readiness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

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

std::string first_of(const std::vector<std::string>& all) {
  constexpr std::size_t most = 5;
  const std::vector<std::string> first(all.begin(),
                                       all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size())));
  return fmt::format("{}{}", fmt::join(first, "; "),
                     all.size() > most ? fmt::format("; and {} more", all.size() - most) : "");
}

// One that was too short proves nothing; with -c it is recorded where this looks.
Item rehearsal(const Facts& facts, WallTime now) {
  const std::string how = "`tenfold rehearse URL --traffic shop.traffic.json --times 10 -c shop.yaml`";
  if (!facts.rehearsal && facts.short_rehearsal) {
    const Evidence& last = *facts.short_rehearsal;
    return {"rehearsal", State::missing,
            fmt::format("{} {}: {}, but that was short: one of {} minutes or more counts. Rehearse with {}",
                        last.verdict, ago(last.at, now), last.subject,
                        std::chrono::floor<std::chrono::minutes>(least_rehearsal).count(), how),
            std::nullopt};
  }
  return proven("rehearsal", facts.rehearsal, rehearsal_lasts, now,
                "never rehearsed: `tenfold learn` the access log, then " + how, "rehearse with " + how);
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
  if (!facts.resting.empty()) {
    return {"watch", State::bad, fmt::format("{}", fmt::join(facts.resting, "; ")), {}};
  }
  return {"watch", State::good, fmt::format("{} check{}", facts.checks, facts.checks == 1 ? "" : "s"), {}};
}

Item people(const Facts& facts) {
  if (facts.people == 0) return {"oncall", State::missing, "nobody is told: name people under oncall.people", {}};
  if (!facts.can_ring) {
    return {"oncall", State::bad, "nobody's phone would ring: no contact by call or sms", {}};
  }
  if (!facts.unworkable.empty()) return {"oncall", State::bad, first_of(facts.unworkable), {}};
  if (!facts.holes.empty()) return {"oncall", State::bad, first_of(facts.holes), {}};
  if (!facts.quiet.empty()) return {"oncall", State::bad, first_of(facts.quiet), {}};
  return {"oncall",
          State::good,
          "somebody of yours can be reached by call or SMS at every moment of the weeks ahead" +
              (facts.oversights.empty() ? "" : "; but " + first_of(facts.oversights)),
          {}};
}

bool fails(const ChannelHealth& channel, WallTime now) {
  return channel.failed_at && now - *channel.failed_at <= failure_lasts &&
         (!channel.worked_at || *channel.worked_at < *channel.failed_at);
}

// By which calls and messages go; nothing while none has been used.
std::optional<Item> channels(const Facts& facts, WallTime now) {
  std::vector<std::string> failing;
  std::vector<std::string> working;
  std::optional<WallTime> last;
  for (const ChannelHealth& each : facts.channels) {
    if (fails(each, now)) {
      failing.push_back(
          fmt::format("{} failed {} ({}), {}", each.name, ago(*each.failed_at, now), each.why,
                      each.worked_at ? "and last worked " + ago(*each.worked_at, now) : "and has not worked yet"));
    } else if (each.worked_at) {
      working.push_back(fmt::format("{} worked {}", each.name, ago(*each.worked_at, now)));
      last = std::max(last.value_or(*each.worked_at), *each.worked_at);
    }
  }
  if (!failing.empty()) {
    return Item{
        "channels",
        State::bad,
        fmt::format("{}: mend it under oncall.channels, then try it with `tenfold drill phone`", first_of(failing)),
        {}};
  }
  if (working.empty()) return std::nullopt;
  return Item{"channels", State::good, fmt::format("{}", fmt::join(working, ", ")), last};
}

std::optional<Item> store(const Facts& facts) {
  if (facts.store_error.empty()) return std::nullopt;
  return Item{"store",
              State::bad,
              fmt::format("it rings from memory, and forgets what is open when it ends: {}; make room or give the "
                          "store back its rights, it tries again every 5 s",
                          facts.store_error),
              {}};
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
  return {"outside-parties",
          State::good,
          facts.outside_parties == 1 ? "its numbers are confirmed"
                                     : fmt::format("{} with confirmed numbers", facts.outside_parties),
          {}};
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
  std::vector<Item> items{
      rehearsal(facts, now),
      proven("limit", facts.limit, rehearsal_lasts, now,
             "how much the shop bears is not known: `tenfold rehearse ... --find-limit -c shop.yaml` seeks it",
             "seek it with `tenfold rehearse ... --find-limit -c shop.yaml`"),
      proven("phone", facts.drill_phone, drill_lasts, now,
             "nobody knows whether the phone rings: `tenfold drill phone`", "try it with `tenfold drill phone`"),
      watching(facts),
      people(facts),
      outside(facts),
  };
  if (auto item = channels(facts, now)) items.push_back(std::move(*item));
  if (auto item = store(facts)) items.push_back(std::move(*item));
  return items;
}

bool is_ready(const std::vector<Item>& items) {
  return std::ranges::all_of(items, [](const Item& item) { return item.state == State::good; });
}

}  // namespace tenfold::ready
