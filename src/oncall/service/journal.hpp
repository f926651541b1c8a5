#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "oncall/outbox/ledger.hpp"
#include "oncall/service/ledger_thread.hpp"

namespace tenfold::oncall {

// The ledger as something that may be away for a while: a full disk, a file that is read-only or damaged, a disk that
// does not answer. What cannot be written stays with the caller, who is told when a later try may go better. One
// thread, which waits for the disk for a bounded time only.
class Journal {
 public:
  static constexpr Duration retry_after = std::chrono::seconds(5);
  // So long the thread that rings waits for the disk, and not longer: after that it rings without it. When it first
  // opens the file nobody is known to be waiting, and much may have to be read.
  static constexpr Duration patience = std::chrono::seconds(3);
  static constexpr Duration first_patience = std::chrono::seconds(10);

  // An empty file name: nothing is ever written, and that is no error.
  Journal(const Clock& clock, std::string file, std::uint64_t largest_bytes);

  // Opens the file if it is not open and a try is due. True: it has just been opened, and all is to be written anew.
  enum class Opening : std::uint8_t { closed, opened, open };
  Opening open();
  // Once opened: what an earlier run left.
  Result<Ledger::Kept> read();
  // Done: it is on the disk (or never to be written). Otherwise error() says why not, and the file is closed: of what
  // the disk is still at nobody can say whether it arrives.
  enum class Writing : std::uint8_t { done, failed };
  Writing write(std::shared_ptr<const Ledger::Page> page);
  // Something about the file's content is wrong: closed until the next try.
  void close(const Error& error);

  bool in_memory_only() const { return file_.empty(); }
  const std::string& error() const { return error_; }  // empty: none
  std::optional<TimePoint> retry_at() const { return retry_at_; }

 private:
  template <class T>
  Result<T> on_thread(std::function<Result<T>(std::optional<Ledger>&)> work);

  const Clock& clock_;
  std::string file_;
  std::uint64_t largest_bytes_;
  bool open_ = false;
  bool was_read_ = false;
  std::optional<TimePoint> retry_at_;
  std::string error_;
  LedgerThread thread_;
};

}  // namespace tenfold::oncall
