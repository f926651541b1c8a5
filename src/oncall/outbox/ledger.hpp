#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "oncall/outbox/send.hpp"
#include "store/database.hpp"

namespace tenfold::oncall {

// The on-call tables of the store: the alert book (one row), and a row for each send. What is written is there after a
// power cut. One thread; every call may wait for the disk, and `busy_timeout` for other processes.
class Ledger {
 public:
  // Errors: those of store::Database; invalid: a row that no version of this program has written.
  static Result<Ledger> open(const std::string& file, const store::OpenOptions& options);

  struct Kept {
    std::string book;         // as AlertBook::save() wrote it; empty: none yet
    std::vector<Send> sends;  // oldest first
  };
  Result<Kept> read();

  // All of it or nothing, so that no order of the book is without its row.
  struct Page {
    std::string_view book;  // empty: as it was
    const std::vector<const Send*>& sends;
    const std::deque<std::string>& gone;  // keys
  };
  Result<void> write(const Page& page);

 private:
  explicit Ledger(std::unique_ptr<store::Database> database) : database_(std::move(database)) {}

  std::unique_ptr<store::Database> database_;
};

}  // namespace tenfold::oncall
