#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "oncall/escalate/alert_book.hpp"
#include "oncall/outbox/send.hpp"
#include "store/database.hpp"

namespace tenfold::oncall {

// The on-call tables of the store: the alert book, a row for each of its alerts, and a row for each send. What is
// written is there after a power cut. One thread; every call may wait for the disk, and `busy_timeout` for other
// processes.
class Ledger {
 public:
  // Errors: those of store::Database; invalid: a row that no version of this program has written.
  static Result<Ledger> open(const std::string& file, const store::OpenOptions& options);

  struct Kept {
    AlertBook::Saved book;    // its first part is empty: none yet
    std::vector<Send> sends;  // oldest first
  };
  Result<Kept> read();

  // All of it or nothing, so that no order of the book is without its row.
  struct Page {
    std::string book;                                          // empty: as it was
    std::vector<std::pair<std::int64_t, std::string>> alerts;  // those that are new or have changed, by number
    std::vector<std::int64_t> gone_alerts;
    std::vector<Send> sends;
    std::vector<std::string> gone_sends;  // keys
  };
  Result<void> write(const Page& page);

 private:
  explicit Ledger(std::unique_ptr<store::Database> database) : database_(std::move(database)) {}

  std::unique_ptr<store::Database> database_;
};

}  // namespace tenfold::oncall
