#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "guard/judge/demand.hpp"
#include "guard/judge/finding.hpp"
#include "guard/judge/findings.hpp"
#include "guard/judge/policy.hpp"
#include "guard/judge/posture.hpp"
#include "guard/judge/samples.hpp"

namespace tenfold::guard::judging {

// What the trouble looks like, in this window.
enum class Likeness : std::uint8_t {
  none,
  attack,  // strangers ask for more than there is, and are no people: they ignore challenges or load no assets
  rush,    // many people
  fault,   // of our own: origins are slow, fail or are missing, with no rise in demand
  demand,  // there is not enough, and no telling yet why
};
std::string_view name(Likeness likeness);

struct Verdict {
  Posture posture = Posture::calm;
  Likeness likeness = Likeness::none;
  std::vector<std::string> reasons;  // for people, the weightiest first; at most six. Empty: calm
  // Since when the present trouble lasts. Who was first seen only a little before it may have come with it.
  std::optional<TimePoint> trouble_began;
  std::vector<Finding> findings;
  Signals signals;
};

// Samples and time to a posture and to who takes more than its share. Decides only; the same windows give the same
// verdicts. Bounded (see the policy). One thread only.
class Judge {
 public:
  explicit Judge(const JudgePolicy& policy = {})
      : policy_(policy), demand_(policy.demand), posture_(policy.posture), findings_(policy.findings) {}

  // To be called with each window, in order. `now` is its end.
  Verdict judge(const Samples& samples, TimePoint now);

  std::size_t watched() const { return findings_.watched(); }  // subjects, at most FindingPolicy::most_watched

 private:
  Likeness likeness(const Signals& signals, TimePoint now) const;

  JudgePolicy policy_;
  Demand demand_;
  PostureState posture_;
  Findings findings_;
  bool saw_attack_ = false;  // in the siege that lasts
};

}  // namespace tenfold::guard::judging
