#pragma once

#include <cstdint>

#include "origin/settings.hpp"

namespace tenfold::origin {

enum class CheckResult : std::uint8_t {
  good,
  bad_answer,  // HTTP came back, but with another status, or the answer was not HTTP
  no_answer,   // connected, or tried to, and time ran out
  nobody,      // refused, unreachable, or reset before an answer
};

enum class CheckReason : std::uint8_t { routine, suspicion };

// What the checks of one server have shown so far.
//
//             good                       bad_answer / no_answer / nobody
//   unknown → good                       → failing / silent / dead at once
//   good    → good                       → the same, after unhealthy_after in a row; no_answer or nobody on
//                                          suspicion: at once, because requests already showed the same
//   failing, silent, dead
//           → good, after healthy_after  → failing, silent or dead as the last one was
struct HealthRecord {
  enum class State : std::uint8_t { unknown, good, failing, silent, dead } state = State::unknown;
  std::uint32_t good_in_row = 0;
  std::uint32_t bad_in_row = 0;

  bool operator==(const HealthRecord&) const = default;
};

HealthRecord after_check(HealthRecord record, CheckResult result, CheckReason reason, const HealthPolicy& policy);

}  // namespace tenfold::origin
