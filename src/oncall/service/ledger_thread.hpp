#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "oncall/outbox/ledger.hpp"

namespace tenfold::oncall {

// The ledger on a thread of its own, which may hang in the disk for as long as the disk likes: whoever asks waits for
// so long as they say, and goes on. One thing at a time: while one is under way, nothing else may be asked.
class LedgerThread {
 public:
  using Work = std::function<void(std::optional<Ledger>&)>;  // given the ledger, if it is open

  LedgerThread() = default;
  LedgerThread(const LedgerThread&) = delete;
  LedgerThread& operator=(const LedgerThread&) = delete;
  // Closes the ledger. A thread that hangs is left behind after `patience` and ends by itself, should the disk answer.
  ~LedgerThread();
  static constexpr Duration patience = std::chrono::seconds(3);

  // Has it done there. What `work` refers to must be its own, since it may be done long after this has returned.
  // Errors: timed_out (it is not through, and is_busy() until it is), exhausted (no thread).
  Result<void> ask(Work work, Duration longest);
  bool is_busy() const;

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    Work work;  // empty: nothing is under way. These are under mutex; the thread alone empties it
    bool ending = false;
    bool gone = false;
  };
  static void serve(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::thread thread_;
};

}  // namespace tenfold::oncall
