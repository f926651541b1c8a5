#pragma once

#include <cstdint>
#include <utility>

#include "base/result.hpp"
#include "store/database.hpp"

namespace tenfold::store {

// All or nothing: what is written between begin() and commit() is there as a whole or not at all, also when the process
// is killed or the machine loses power. Rolled back unless committed. One at a time for each database.
class Transaction {
 public:
  enum class Kind : std::uint8_t {
    read,   // all its statements see the same state
    write,  // nobody else writes meanwhile; the wait for others comes at begin() and not later
  };
  static Result<Transaction> begin(Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // On an error everything is rolled back. Statements must have been run to their end. Once only.
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;  // null: ended, or moved from
};

}  // namespace tenfold::store
