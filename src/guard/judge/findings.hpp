#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "guard/judge/demand.hpp"
#include "guard/judge/fading.hpp"
#include "guard/judge/finding.hpp"
#include "guard/judge/policy.hpp"
#include "guard/judge/posture.hpp"
#include "guard/judge/samples.hpp"
#include "guard/judge/watched.hpp"

namespace tenfold::guard::judging {

// Finds who takes more than its share. A client answers for what it takes; a network or larger only for what is left
// when its clients that were found are taken out, and only if it shows that it is no crowd of people. While there is
// enough, or while the trouble is a fault of our own, only breaches of the protocol are found. Bounded by the policy.
// One thread only.
class Findings {
 public:
  explicit Findings(const FindingPolicy& policy) : policy_(policy), watched_(policy.most_watched) {}

  // The gravest and heaviest first.
  std::vector<Finding> take(const Samples& samples, const Signals& signals, Posture posture);

  std::size_t watched() const { return watched_.size(); }

 private:
  static constexpr std::size_t counted_levels = 5;
  // What holds for all subjects in this window.
  struct Measuring {
    enum class What : std::uint8_t { protocol_only, everything } what = What::protocol_only;
    std::array<double, counted_levels> fair_ms_per_s;     // infinite: there is enough
    std::array<double, counted_levels> allowed_ms_per_s;  // that nobody is found for
    double burst = 1;                                     // of SharePolicy::burst_ms
    double ignored = 0;                                   // challenges that are enough
    double half_sent = 1;                                 // of FindingPolicy::half_sent
  };
  Measuring measuring(const Totals& totals, const Signals& signals, Posture posture);
  void set_shares(Measuring& measuring, const Totals& totals, const Signals& signals, double shares);

  std::optional<Charge> charge(const Watched& watched, const Measuring& measuring, const Signals& signals) const;
  bool takes_more(const Watched& watched, const Measuring& measuring, const Signals& signals) const;
  bool ignores(const Watched& watched, const Measuring& measuring) const;
  bool breaks_protocol(const Watched& watched, const Measuring& measuring) const;
  bool looks_like_customers(const Watched& watched) const;
  bool looks_like_no_people(const Watched& watched, const Measuring& measuring) const;
  bool is_over_represented(const Watched& watched, const Signals& signals) const;

  FindingPolicy policy_;
  WatchList watched_;
  FadingSum known_{std::chrono::seconds(5)};  // requests of known customers
};

}  // namespace tenfold::guard::judging
