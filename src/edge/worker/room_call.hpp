#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

#include "http/exchange.hpp"

namespace tenfold::edge {

// All workers are asked whether one of them has an idle connection for a newcomer that found no place: first for one
// whose turn is the first, and only when no worker has any, for any other. One call is under way at a time
// and it has at most one connection closed, so that newcomers cost no more connections than there are newcomers.
// Any thread.
class RoomCall {
 public:
  // ask: has every worker look for one of that turn, soon, and on its own thread; each calls looked() once.
  RoomCall(std::uint32_t workers, std::function<void(http::IdleTurn)> ask) : workers_(workers), ask_(std::move(ask)) {}
  RoomCall(const RoomCall&) = delete;
  RoomCall& operator=(const RoomCall&) = delete;

  // Nothing where a call is under way: its place will be for whoever comes next.
  void begin() {
    if (!under_way_.exchange(true)) ask(http::IdleTurn::first);
  }
  // A worker has found one, or that there are places again. True: it is the one to close it, or to leave it at that.
  bool claim() { return !claimed_.exchange(true); }
  void looked(http::IdleTurn turn) {
    if (to_look_.fetch_sub(1) != 1) return;
    if (!claimed_ && turn == http::IdleTurn::first) return ask(http::IdleTurn::second);
    under_way_ = false;
  }

 private:
  // By whoever alone is in the call: it has just begun, or all have looked.
  void ask(http::IdleTurn turn) {
    to_look_ = workers_;
    claimed_ = false;
    ask_(turn);
  }

  const std::uint32_t workers_;
  const std::function<void(http::IdleTurn)> ask_;
  std::atomic<bool> under_way_ = false;
  std::atomic<bool> claimed_ = false;
  std::atomic<std::uint32_t> to_look_ = 0;
};

}  // namespace tenfold::edge
