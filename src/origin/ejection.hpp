#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "origin/server.hpp"
#include "origin/settings.hpp"

namespace tenfold::origin {

// Ejections of one server so far. Pure: whoever applies a decision keeps it.
struct EjectionRecord {
  std::uint32_t in_row = 0;  // forgotten once the server has stayed for max_ejection
  bool ejected = false;
  TimePoint until{};     // while ejected
  TimePoint returned{};  // from the last ejection
};

// One server of a pool, as its requests show it.
struct EjectionSample {
  bool down = false;  // by its health checks: neither ejected nor counted as staying
  std::uint32_t failures_in_row = 0;
  std::uint32_t server_errors_in_row = 0;
  std::uint64_t answers = 0;        // in the window; without the errors that were the request's fault
  std::uint64_t server_errors = 0;  // of those
  EjectionRecord record;
};

struct EjectionDecision {
  enum class Act : std::uint8_t { eject, bring_back } act = Act::eject;
  enum class Cause : std::uint8_t { none, failures, server_errors_in_row, error_share } cause = Cause::none;
  std::size_t server = 0;  // its place among the samples
  EjectionRecord record;   // the new one
};

// Which servers of one pool are to pause, and which to come back. At most max_ejected_share of the pool is ejected at
// a time, the worst first, and never the last server that its health checks find good.
std::vector<EjectionDecision> judge(std::span<const EjectionSample> pool, const EjectionPolicy& policy, TimePoint now);

// Turns totals that only grow into counts of the last while, in steps of a twentieth of it.
class OutcomeWindow {
 public:
  explicit OutcomeWindow(Duration length) : length_(length) {}
  // Call as often as wished. Returns answers and server_errors since `length` ago; the other fields likewise.
  ServerTotals advance(const ServerTotals& totals, TimePoint now);

 private:
  struct Step {
    TimePoint at;
    ServerTotals totals;
  };
  Duration length_;
  std::deque<Step> steps_;  // at most 22
};

}  // namespace tenfold::origin
