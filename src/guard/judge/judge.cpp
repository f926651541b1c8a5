#include "guard/judge/judge.hpp"

#include <array>
#include <cstddef>

#include "guard/judge/reasons.hpp"

namespace tenfold::guard::judging {

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
  if (verdict.likeness != Likeness::none) saw_attack_ = verdict.likeness == Likeness::attack;
  if (verdict.posture != Posture::besieged) saw_attack_ = false;
  verdict.findings = findings_.take(samples, verdict.signals, verdict.posture);
  if (verdict.posture == Posture::calm) return verdict;
  verdict.reasons = reasons_of(verdict.signals, verdict.likeness, policy_.demand, posture_, now);
  return verdict;
}

Likeness Judge::likeness(const Signals& signals, TimePoint now) const {
  if (signals.fault) return Likeness::fault;
  if (posture_.posture() == Posture::calm) return Likeness::none;
  const bool is_short = signals.overloaded || signals.presses;
  if (signals.many_ignore && (is_short || posture_.posture() == Posture::besieged)) return Likeness::attack;
  if (!is_short) return Likeness::none;
  if (posture_.believes_rush(signals, now) || (signals.rush_like && posture_.posture() == Posture::strained)) {
    return Likeness::rush;
  }
  // Once those who showed what it is are held off, what is left shows it no more.
  return saw_attack_ || (signals.exceeds && signals.bot_like) ? Likeness::attack : Likeness::demand;
}

}  // namespace tenfold::guard::judging
