#pragma once

#include <memory>

#include "base/arena.hpp"
#include "edge/visit.hpp"
#include "http/message.hpp"
#include "net/scope.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// Passes 103 (Early Hints) and the like on, at the origin's pace: a client that is still being sent one does not get
// the next, since the place at the origin, and all who wait for the same fetch, would wait for it.
class ForwardInterim final : public origin::InterimSink {
 public:
  explicit ForwardInterim(Visit& visit) : visit_(visit) {}

  net::Task<void> interim(const http::ResponseHead& from_origin) override;
  // All that were begun have been sent, or the client is gone. To be awaited before the end.
  auto sent() { return sending_.drain(); }

 private:
  struct KeptAnswer {
    Arena arena;
    http::ResponseHead head;
  };
  static net::Task<void> send(Visit& visit, std::unique_ptr<KeptAnswer> answer);

  Visit& visit_;
  net::Scope sending_;
};

}  // namespace tenfold::edge
