#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"

namespace tenfold::app {

// As whom the shop's own watch comes to its shield: a customer of earlier days. As a stranger it would be challenged in
// a siege, and call down a shop that serves its customers. Whoever gets hold of one takes a customer's budget and no
// more, from a few networks only (guard/token/id_watch), for as long as a first-seen cookie lives.
class WatchPass {
 public:
  // secret: what this process's guard signs with; empty: there is none that would know the watch.
  WatchPass(const Clock& clock, std::string secret);

  // Whether there is a guard at all. Without one no cookie is sent: before another edge it would change what is seen.
  void set_guarded(bool guarded) { guarded_.store(guarded, std::memory_order_relaxed); }
  // "tenfold_seen=...", signed now; empty: none is to be sent. Any thread.
  std::string cookie() const;

 private:
  const Clock& clock_;
  const std::string secret_;
  const std::uint64_t id_;
  std::atomic<bool> guarded_{false};
};

}  // namespace tenfold::app
