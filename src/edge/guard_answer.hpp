#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tenfold::edge {

// What the guard answered instead of a page of the shop's, for the access log and the metrics: a status alone is also
// an origin's.
enum class GuardAnswer : std::uint8_t {
  none,
  denied,      // 403: by the owner's list
  refused,     // 429: by the measure that is on it
  dropped,     // 429: likewise the last one, where the kernel does not drop it
  challenged,  // 503
  waiting,     // 503 with a place in the waiting room
  queue_full,  // likewise, since nothing was left of the queue for an origin
  cleared,     // 303 or 307: has solved, or waited its turn
};

inline constexpr std::size_t guard_answer_kinds = 8;  // none included

// Empty for none.
constexpr std::string_view name(GuardAnswer answer) {
  constexpr std::array<std::string_view, guard_answer_kinds> names{"",           "denied",  "refused",    "dropped",
                                                                   "challenged", "waiting", "queue full", "cleared"};
  return names[static_cast<std::size_t>(answer)];
}

}  // namespace tenfold::edge
