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

  explicit Pace(TimePoint now, std::uint64_t total = 0) : before_{now, total}, last_{now, total}, now_{now, total} {}

  void look(TimePoint now, std::uint64_t total) {
    if (total < now_.total) *this = Pace(now, total);  // it is counted otherwise from here on
    now_ = {now, total};
    if (now - last_.at >= window) {
      before_ = last_;
      last_ = {now, total};
    }
  }

  // Bytes per second as of the last look; empty until a whole window has been seen.
  std::optional<std::uint64_t> bytes_per_s() const { return after(window); }
  // The same where it is known for two seconds only.
  std::optional<std::uint64_t> so_far() const { return after(std::chrono::seconds(2)); }

 private:
  std::optional<std::uint64_t> after(Duration least) const {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now_.at - before_.at);
    if (ms < least) return {};
    return (now_.total - before_.total) * 1000 / static_cast<std::uint64_t>(ms.count());
  }

  struct Mark {
    TimePoint at;
    std::uint64_t total = 0;
  };
  Mark before_;  // one or two windows ago
  Mark last_;
  Mark now_;
};

}  // namespace tenfold::edge
