#pragma once

#include "base/result.hpp"
#include "net/cancel.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"

namespace tenfold::app {

// SIGHUP, SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 as something to wait for. Blocks them for the thread that makes it and
// for those that it starts later: make it before there are others. SIGPIPE is ignored.
class Signals {
 public:
  static Result<Signals> make();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;
  ~Signals();

  // The next signal's number. Errors: cancelled.
  net::Task<Result<int>> next(net::Loop& loop, net::CancelToken token);

 private:
  explicit Signals(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace tenfold::app
