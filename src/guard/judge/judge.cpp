#include "guard/judge/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace tenfold::guard::judging {

namespace {

long long whole_seconds(Duration duration) {
  return std::max<long long>(0, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

void say_demand(const Signals& signals, std::vector<std::string>& reasons) {
  if (signals.exceeds) {
    reasons.push_back(fmt::format("strangers ask for {:.0f} ms of origin time a second; {:.0f} are left for them",
                                  signals.strangers_ask_ms_per_s, signals.left_ms_per_s));
  }
  if (signals.overloaded && signals.strangers_wait > Duration::zero()) {
    reasons.push_back(fmt::format("strangers wait {} ms for an origin",
                                  std::chrono::ceil<std::chrono::milliseconds>(signals.strangers_wait).count()));
  } else if (signals.overloaded) {
    reasons.emplace_back("requests are sent away for want of a place");
  }
  if (signals.many_ignore) {
    reasons.push_back(fmt::format("{:.0f} challenges a second are ignored, {:.0f} solved",
                                  signals.challenges_ignored_per_s, signals.challenges_solved_per_s));
  }
}

void say_origins(const Signals& signals, std::vector<std::string>& reasons) {
  const std::string demand = signals.fault ? ", with no rise in demand: a fault of our own" : "";
  if (signals.failing_share > 0 && signals.suffering) {
    reasons.push_back(fmt::format("{:.0f} % of the origins' answers fail{}", 100 * signals.failing_share, demand));
  } else if (signals.suffering && signals.slowness > 1.1) {
    reasons.push_back(fmt::format("origins take {:.1f} times as long as usual{}", signals.slowness, demand));
  } else if (signals.suffering) {
    reasons.push_back(fmt::format("origins do less than usual{}", demand));
  }
}

void say_memory(const PostureState& state, TimePoint now, std::vector<std::string>& reasons) {
  if (state.phase() == PostureState::Phase::wary) {
    reasons.push_back(fmt::format("besieged until {} s ago; forgotten in {} s", whole_seconds(now - state.since()),
                                  whole_seconds(state.forgotten_at() - now)));
  } else if (reasons.empty() && state.phase() == PostureState::Phase::strained) {
    reasons.push_back(
        fmt::format("enough for everyone again; calm in {} s", whole_seconds(state.forgotten_at() - now)));
  } else if (reasons.empty() && state.phase() == PostureState::Phase::besieged) {
    reasons.push_back(fmt::format("nobody has pressed for {} s", whole_seconds(now - state.last_pressure())));
  }
}

}  // namespace

std::string_view name(Likeness likeness) {
  static constexpr std::array<std::string_view, 5> names{"none", "attack", "rush", "fault", "demand"};
  return names[static_cast<std::size_t>(likeness)];
}

Verdict Judge::judge(const Samples& samples, TimePoint now) {
  const bool calm = posture_.phase() == PostureState::Phase::calm;
  Verdict verdict;
  verdict.signals = demand_.take(samples, calm ? Demand::Learn::usual : Demand::Learn::nothing);
  posture_.take(verdict.signals, samples.window, now);
  verdict.posture = posture_.posture();
  verdict.trouble_began = posture_.trouble_began();
  verdict.likeness = likeness(verdict.signals, now);
  verdict.findings = findings_.take(samples, verdict.signals, verdict.posture);
  if (verdict.posture == Posture::calm) return verdict;
  say_demand(verdict.signals, verdict.reasons);
  say_origins(verdict.signals, verdict.reasons);
  if (verdict.likeness == Likeness::rush) verdict.reasons.emplace_back("it looks like a rush: they are people");
  say_memory(posture_, now, verdict.reasons);
  return verdict;
}

Likeness Judge::likeness(const Signals& signals, TimePoint now) const {
  if (signals.fault) return Likeness::fault;
  if (posture_.posture() == Posture::calm || !(signals.overloaded || signals.presses)) return Likeness::none;
  if (signals.many_ignore) return Likeness::attack;
  if (posture_.believes_rush(signals, now) || (signals.rush_like && posture_.posture() == Posture::strained)) {
    return Likeness::rush;
  }
  return signals.exceeds && signals.bot_like ? Likeness::attack : Likeness::demand;
}

}  // namespace tenfold::guard::judging
