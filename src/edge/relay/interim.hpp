#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>

#include "base/arena.hpp"
#include "base/clock.hpp"
#include "edge/visit.hpp"
#include "http/message.hpp"
#include "net/scope.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// Passes 103 (Early Hints) and the like on, in their order, at the origin's pace: those that come while the client is
// still being sent one wait, up to most_waiting_bytes; past that they are left out, since the place at the origin, and
// all who wait for the same fetch, would wait for this client.
class ForwardInterim final : public origin::InterimSink {
 public:
  static constexpr std::size_t most_waiting_bytes = 16 * 1024;

  explicit ForwardInterim(Visit& visit) : visit_(visit) {}

  net::Task<void> interim(const http::ResponseHead& from_origin) override;
  bool sending() const { return sending_.running() > 0; }
  // Before the final answer, which would come before those that wait: lets a client that reads have them. Takes no
  // longer than client_patience.
  net::Task<void> catch_up();
  // All have been sent that will be. To be awaited before the end.
  auto sent() { return sending_.drain(); }

 private:
  static constexpr Duration client_patience = std::chrono::milliseconds(100);

  struct KeptAnswer {
    Arena arena;
    http::ResponseHead head;
    std::size_t bytes = 0;
  };
  net::Task<void> send_waiting();

  Visit& visit_;
  std::deque<std::unique_ptr<KeptAnswer>> waiting_;
  std::size_t waiting_bytes_ = 0;
  net::Event all_sent_;
  net::Scope sending_;
};

}  // namespace tenfold::edge
