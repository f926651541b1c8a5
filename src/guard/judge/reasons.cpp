#include "guard/judge/reasons.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace tenfold::guard::judging {

namespace {

// "12 s"; less than one is "a moment".
std::string length(Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  return seconds < 1 ? "a moment" : fmt::format("{} s", seconds);
}

std::string in_ms(Duration duration) {
  return fmt::format("{} ms", std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

// Strangers exceed what there is by what they ask for, or by how many of them are sent away.
void say_excess(const Signals& signals, std::vector<std::string>& reasons) {
  const double asked = signals.strangers_press_ms_per_s, left = signals.left_ms_per_s;
  const std::string asks = fmt::format("strangers ask for {:.0f} ms of origin time a second", asked);
  if (signals.capacity_ms_per_s <= 0) {
    reasons.push_back(asks + ", and wait for it");
  } else if (asked <= left) {
    reasons.emplace_back("many requests of strangers are sent away for want of a place");
  } else if (std::round(asked) <= std::round(left)) {
    reasons.push_back(asks + ", a little more than is left for them");
  } else {
    reasons.push_back(fmt::format("{}; {:.0f} are left for them", asks, left));
  }
}

void say_overload(const Signals& signals, const DemandPolicy& policy, std::vector<std::string>& reasons) {
  if (signals.strangers_wait > policy.overload_wait) {
    reasons.push_back(fmt::format("strangers wait {} for an origin", in_ms(signals.strangers_wait)));
  } else if (signals.strangers_wait_p90 > policy.overload_wait_p90) {
    reasons.push_back(
        fmt::format("one stranger in ten waits {} for an origin, or longer", in_ms(signals.strangers_wait_p90)));
  } else if (signals.sheds) {
    reasons.emplace_back("requests are sent away for want of a place");
  } else {
    reasons.emplace_back("more requests wait than the origins can work on");
  }
}

void say_origins(const Signals& signals, const DemandPolicy& policy, std::vector<std::string>& reasons) {
  if (!signals.suffering) return;
  const std::string demand = signals.fault ? ", with no rise in demand: a fault of our own" : "";
  if (signals.failing_share >= policy.suffering_share) {
    reasons.push_back(fmt::format("{:.0f} % of the origins' answers fail{}", 100 * signals.failing_share, demand));
  } else if (signals.slowness >= policy.slow) {
    reasons.push_back(fmt::format("origins take {:.1f} times as long as usual{}", signals.slowness, demand));
  } else {
    reasons.push_back(fmt::format("origins do less than usual{}", demand));
  }
}

void say_memory(const Signals& signals, const PostureState& state, TimePoint now, std::vector<std::string>& reasons) {
  const auto remaining = [&] { return length(state.forgotten_at() - now); };
  if (state.phase() == PostureState::Phase::wary) {
    reasons.push_back(fmt::format("besieged until {} ago; forgotten in {}", length(now - state.since()), remaining()));
  } else if (!reasons.empty()) {
    return;
  } else if (state.phase() == PostureState::Phase::strained) {
    reasons.push_back(fmt::format("enough for everyone again; calm in {}", remaining()));
  } else if (state.phase() == PostureState::Phase::besieged && signals.presses) {
    reasons.push_back(
        fmt::format("strangers still ask for {:.0f} ms of origin time a second, most of the {:.0f} left "
                    "for them",
                    signals.strangers_press_ms_per_s, signals.left_ms_per_s));
  } else if (state.phase() == PostureState::Phase::besieged) {
    reasons.push_back(fmt::format("nobody has pressed for {}", length(now - state.last_pressure())));
  }
}

}  // namespace

std::vector<std::string> reasons_of(const Signals& signals, Likeness likeness, const DemandPolicy& policy,
                                    const PostureState& state, TimePoint now) {
  std::vector<std::string> reasons;
  if (signals.exceeds) say_excess(signals, reasons);
  if (signals.overloaded) say_overload(signals, policy, reasons);
  if (signals.many_ignore) {
    reasons.push_back(fmt::format("{:.0f} challenges a second are ignored, {:.0f} solved",
                                  signals.challenges_ignored_per_s, signals.challenges_solved_per_s));
  }
  say_origins(signals, policy, reasons);
  if (likeness == Likeness::rush) reasons.emplace_back("it looks like a rush: they are people");
  say_memory(signals, state, now, reasons);
  return reasons;
}

}  // namespace tenfold::guard::judging
