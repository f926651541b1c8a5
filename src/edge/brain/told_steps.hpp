#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "edge/guard_policy.hpp"
#include "guard/ladder/audit.hpp"

namespace tenfold::edge {

// Tells the operator, in the program's log, with whom the guard went further than to let it wait behind: at most `most`
// lines in each `interval`, however many there are, and then how many were not told of. One thread only.
class ToldSteps {
 public:
  static constexpr std::uint32_t most = 5;
  static constexpr Duration interval = std::chrono::seconds(10);

  // After each step of the brain, with what is new in the trail.
  void tell(std::span<const guard::ladder::AuditEntry> entries, GuardMode mode, TimePoint now);
  std::uint64_t told() const { return told_ever_; }
  std::uint64_t untold() const { return untold_; }  // in the present interval

  // "192.0.2.7: refuse, before: challenge (found: ignored 21 challenges within seconds, solved 0, ...)"
  static std::string text(const guard::ladder::AuditEntry& entry);

 private:
  TimePoint began_{};
  std::uint32_t told_ = 0;
  std::uint64_t told_ever_ = 0;
  std::uint64_t untold_ = 0;
};

}  // namespace tenfold::edge
