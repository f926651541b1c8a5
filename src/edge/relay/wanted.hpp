#pragma once

#include <chrono>

#include "base/clock.hpp"
#include "cache/fill.hpp"
#include "net/cancel.hpp"
#include "net/loop.hpp"
#include "net/timers.hpp"

namespace tenfold::edge {

// Whether a fetch is still wanted. One that is made for its client alone is given up when the client has left; one for
// which others wait goes on for as long as somebody does, so that nobody's leaving costs another the time that an
// origin took already (docs/decisions/0007-departed-clients.md). One thread only.
class Wanted {
 public:
  // All must outlive this. The fill may be empty.
  Wanted(net::Loop& loop, net::CancelToken client_left, const cache::Fill& fill);
  Wanted(const Wanted&) = delete;
  Wanted& operator=(const Wanted&) = delete;

  // Cancelled when the fetch is to be given up.
  net::CancelToken token() { return source_.token(); }
  // The answer has begun. From here on only a write that fails tells that the client is gone: one that closed its side
  // long ago may still be reading.
  void answering();
  // The client is gone, as a write to it has shown.
  void client_gone() { look(); }

 private:
  // How late it may be noticed that the last of those who waited has left too.
  static constexpr Duration look_every = std::chrono::milliseconds(500);

  static void on_look(void* self) { static_cast<Wanted*>(self)->look(); }
  void look();

  net::Loop& loop_;
  const cache::Fill& fill_;
  net::CancelSource source_;
  net::CancelHook client_left_{&on_look, this};
  net::Timer next_look_{&on_look, this};
};

}  // namespace tenfold::edge
