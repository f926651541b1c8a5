#pragma once

#include <cstddef>
#include <functional>
#include <unordered_map>

#include "transfer/poller.hpp"
#include "transfer/transfers.hpp"

namespace tenfold::oncall::channels {

// What a channel has under way: transfers and timers, all dropped with it, so that none calls a channel that is gone.
// What it calls must not destroy it.
class Errands {
 public:
  // Transfers and timers together. Past it nothing more is begun: an outbox that asks for so much at once is told that
  // it failed and may be tried again.
  static constexpr std::size_t most = 1000;

  Errands(transfer::Poller& poller, transfer::Transfers& transfers) : poller_(poller), transfers_(transfers) {}
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;
  ~Errands();

  bool has_room() const { return transfers_under_way_.size() + timers_.size() < most; }
  std::size_t under_way() const { return transfers_under_way_.size() + timers_.size(); }

  // Both call from within Poller::run, never from within themselves.
  void ask(transfer::Request request, transfer::Transfers::Done done);
  void later(Duration after, transfer::Poller::Task task);

 private:
  transfer::Poller& poller_;
  transfer::Transfers& transfers_;
  std::size_t last_ = 0;
  std::unordered_map<std::size_t, transfer::Transfers::Id> transfers_under_way_;
  std::unordered_map<std::size_t, transfer::Poller::TimerId> timers_;
};

}  // namespace tenfold::oncall::channels
