#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "transfer/poller.hpp"
#include "transfer/transfers.hpp"

namespace tenfold::watch {

// Reports to an outside address that the watch is alive; whoever listens there alarms when the reports stay away. On
// the poller's thread. A report that is still under way when the next is due stands for both.
class HeartbeatOut {
 public:
  HeartbeatOut(transfer::Poller& poller, transfer::Transfers& transfers) : poller_(poller), transfers_(transfers) {}
  HeartbeatOut(const HeartbeatOut&) = delete;
  HeartbeatOut& operator=(const HeartbeatOut&) = delete;
  ~HeartbeatOut();

  // From now on, at once and then every interval (a second at least). An empty address: no more. The same: no change.
  void replace(const std::string& url, Duration every);

  std::optional<WallTime> confirmed_at() const { return confirmed_at_; }
  const std::string& error() const { return error_; }  // of the newest report; empty: it was confirmed

 private:
  void report();
  void answered(const transfer::Outcome& outcome);
  void stop();

  transfer::Poller& poller_;
  transfer::Transfers& transfers_;
  std::string url_;
  Duration every_{};
  TimePoint due_{};
  std::optional<transfer::Poller::TimerId> timer_;
  std::optional<transfer::Transfers::Id> under_way_;
  std::optional<WallTime> confirmed_at_;
  std::string error_;
};

}  // namespace tenfold::watch
