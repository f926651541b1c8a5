#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace tenfold::edge {

// How fast something goes on, over the last ten seconds or somewhat more. Fed with a total that grows. One thread only.
class Pace {
 public:
  static constexpr Duration window = std::chrono::seconds(10);

  explicit Pace(TimePoint now, std::uint64_t total = 0) : before_{now, total}, last_{now, total} {}

  // Bytes per second; empty until a whole window has been seen.
  std::optional<std::uint64_t> look(TimePoint now, std::uint64_t total) {
    if (total < last_.total) *this = Pace(now, total);  // it is counted otherwise from here on
    if (now - last_.at >= window) {
      before_ = last_;
      last_ = {now, total};
    }
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - before_.at);
    if (now - before_.at < window) return {};
    return (total - before_.total) * 1000 / static_cast<std::uint64_t>(ms.count());
  }

 private:
  struct Mark {
    TimePoint at;
    std::uint64_t total = 0;
  };
  Mark before_;  // one or two windows ago
  Mark last_;
};

}  // namespace tenfold::edge
