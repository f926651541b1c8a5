#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "guard/judge/finding.hpp"
#include "guard/judge/posture.hpp"
#include "guard/judge/subject_id.hpp"
#include "guard/ladder/measure.hpp"
#include "guard/ladder/step.hpp"

namespace tenfold::guard::ladder {

// Why a step was taken.
enum class Cause : std::uint8_t {
  found,           // the evidence tells
  returned,        // found again, and known from before
  time_over,       // its lifetime
  calm_again,      // there is enough for everyone
  tried_well,      // on a tenth of its clients
  tried_badly,     // the same; the bar says how
  customers_came,  // known customers were seen behind it
  posture,         // strangers as a whole
  lifted,          // by the owner
  kept,            // from before a restart
};
std::string_view words(Cause cause);

struct AuditEntry {
  TimePoint at{};
  judging::Subject subject;
  Step from = Step::serve;
  Step to = Step::serve;
  Measure::Reach reach = Measure::Reach::all;
  Cause cause = Cause::found;
  Bar bar = Bar::none;
  judging::Posture posture = judging::Posture::calm;
  judging::Charge charge = judging::Charge::takes_more;
  judging::Evidence evidence{};

  std::string reason() const;
};

// Every step up or down. Bounded: the oldest entry goes.
class AuditTrail {
 public:
  static constexpr std::size_t most_entries = 4096;

  explicit AuditTrail(std::size_t most = most_entries) : most_(most) {}
  void add(const AuditEntry& entry);
  std::vector<AuditEntry> since(std::uint64_t number) const;  // those kept with that number and on, oldest first
  std::uint64_t next_number() const { return next_; }         // entries there ever were

 private:
  std::size_t most_;
  std::vector<AuditEntry> ring_;
  std::uint64_t next_ = 0;
};

}  // namespace tenfold::guard::ladder
