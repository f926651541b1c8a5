#pragma once

#include <chrono>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"

namespace tenfold::app {

// A process that was killed may hold its addresses and locks for a moment after its end (its io_uring is taken down
// late), and whoever starts the next one at once would find them taken.
class UntilFree {
 public:
  static constexpr Duration patience = std::chrono::seconds(1);  // for all that one start opens
  static constexpr Duration try_every = std::chrono::milliseconds(20);

  explicit UntilFree(const Clock& clock) : clock_(clock), give_up_at_(clock.now() + patience) {}

  // What `open` returns; while that is busy it is called again.
  template <class Open>
  auto operator()(Open open) -> decltype(open()) {
    bool said = false;
    while (true) {
      auto opened = open();
      if (opened || opened.error().code != Errc::busy || clock_.now() >= give_up_at_) return opened;
      if (!std::exchange(said, true)) log::warn("{}; trying for a second", opened.error().text());
      std::this_thread::sleep_for(try_every);
    }
  }

 private:
  const Clock& clock_;
  TimePoint give_up_at_;
};

}  // namespace tenfold::app
