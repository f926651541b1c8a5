#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "edge/relay/held_answer.hpp"
#include "edge/relay/spool.hpp"
#include "edge/respond/body_parts.hpp"
#include "edge/visit.hpp"
#include "http/message.hpp"
#include "net/buffer.hpp"
#include "net/task.hpp"
#include "net/timers.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// An answer whose body goes on behind what is here of it, on its way to its client. It is passed on as it comes, at the
// client's speed, with no copy; once the client has let one write wait for `slow_after` the rest goes through a Spool,
// where that is of use. One thread only.
class Passing {
 public:
  // Twice what a page takes a server, or so: who is waited for for less costs the others little.
  static constexpr Duration slow_after = std::chrono::milliseconds(20);

  Passing(Visit& visit, origin::Fetched& fetched);
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;

  // The head and `ready`, what is here of the body. Then send_body().
  net::Task<Result<void>> send_head(http::ResponseHead& head, BodyParts& ready);
  // The rest, after `first`, which is part of it and here. The head has been sent.
  net::Task<void> send_body(net::Buffer first);

 private:
  static void on_slow_timer(void* self) { static_cast<Passing*>(self)->on_slow(); }
  void on_slow();
  void begin_sending(std::size_t bytes);
  void end_sending();
  std::optional<std::uint64_t> remaining() const;
  net::Task<void> send_spooled();

  Visit& visit_;
  origin::Fetched& fetched_;
  std::optional<HeldAnswer> held_;  // until the origin has sent all
  std::unique_ptr<Spool> spool_;    // once the client has turned out to be slow; null: not yet
  const bool may_spool_;
  bool sending_ = false;
  TimePoint sending_since_{};
  std::size_t sending_bytes_ = 0;
  net::Timer slow_{&on_slow_timer, this};
};

}  // namespace tenfold::edge
