#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "oncall/outbox/ledger.hpp"

namespace tenfold::oncall {

// The ledger as something that may be away for a while: a full disk, a file that is read-only or damaged. What cannot
// be written stays with the caller, who is told when a later try may go better. One thread.
class Journal {
 public:
  static constexpr Duration retry_after = std::chrono::seconds(5);

  // An empty file name: nothing is ever written, and that is no error.
  Journal(const Clock& clock, std::string file, std::uint64_t largest_bytes);

  // Opens the file if it is not open and a try is due. True: it has just been opened, and all is to be written anew.
  enum class Opening : std::uint8_t { closed, opened, open };
  Opening open();
  // Once opened: what an earlier run left.
  Result<Ledger::Kept> read();
  // Done: it is on the disk (or never to be written). Otherwise error() says why not, and the file is closed.
  enum class Writing : std::uint8_t { done, failed };
  Writing write(const Ledger::Page& page);
  // Something about the file's content is wrong: closed until the next try.
  void close(const Error& error);

  bool in_memory_only() const { return file_.empty(); }
  const std::string& error() const { return error_; }  // empty: none
  std::optional<TimePoint> retry_at() const { return retry_at_; }

 private:
  const Clock& clock_;
  std::string file_;
  std::uint64_t largest_bytes_;
  std::optional<Ledger> ledger_;
  std::optional<TimePoint> retry_at_;
  std::string error_;
};

}  // namespace tenfold::oncall
