#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "watch/probe/check.hpp"

namespace tenfold::watch {

// The looks of one check that are under way. A round is a usual look, and another by another path where that failed or
// lets itself be waited for; several rounds may be under way, but they are told in the order in which they began.
class Rounds {
 public:
  static constexpr std::size_t most_under_way = 4;  // past it no further one begins

  struct Round {
    std::uint64_t number = 0;
    TimePoint begun{};
    std::optional<CheckResult> usual;
    std::optional<CheckResult> other;
    bool other_begun = false;

    bool done() const { return usual && (usual->outcome == CheckResult::Outcome::good || other.has_value()); }
  };

  bool full() const { return rounds_.size() >= most_under_way; }
  bool empty() const { return rounds_.empty(); }
  std::size_t size() const { return rounds_.size(); }

  Round& begin(TimePoint now) {
    rounds_.push_back({.number = ++last_, .begun = now, .usual = {}, .other = {}, .other_begun = false});
    return rounds_.back();
  }
  Round* find(std::uint64_t number) {
    for (Round& round : rounds_) {
      if (round.number == number) return &round;
    }
    return nullptr;
  }
  // The oldest, once it is done.
  std::optional<Round> take_done() {
    if (rounds_.empty() || !rounds_.front().done()) return std::nullopt;
    std::optional<Round> done = std::move(rounds_.front());
    rounds_.pop_front();
    return done;
  }
  void clear() { rounds_.clear(); }

 private:
  std::deque<Round> rounds_;
  std::uint64_t last_ = 0;
};

}  // namespace tenfold::watch
