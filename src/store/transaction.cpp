#include "store/transaction.hpp"

namespace tenfold::store {

namespace {

void roll_back(Database& database) {
  // SQLite has done it already after some errors (a full disk). Rolling back writes nothing, so it cannot fail.
  if (database.in_transaction()) static_cast<void>(database.execute("ROLLBACK"));
}

}  // namespace

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  TENFOLD_ASSERT(!database.in_transaction());
  auto begun = database.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
  if (!begun) return std::unexpected(begun.error());
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) roll_back(*database_);
}

Result<void> Transaction::commit() {
  TENFOLD_ASSERT(database_ != nullptr && database_->in_transaction());
  Database& database = *std::exchange(database_, nullptr);
  auto committed = database.execute("COMMIT");
  if (!committed) roll_back(database);
  return committed;
}

}  // namespace tenfold::store
