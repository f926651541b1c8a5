#include "store/migrations.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "store/transaction.hpp"

namespace tenfold::store {

namespace {

constexpr const char* version_table =
    "CREATE TABLE IF NOT EXISTS schema_version("
    "component TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID";

// How many steps have been taken; 0: none.
Result<std::int64_t> version_of(Database& database, std::string_view component) {
  auto table = database.prepare("SELECT 1 FROM sqlite_schema WHERE type='table' AND name='schema_version'");
  if (!table) return std::unexpected(table.error());
  auto exists = table->step();
  if (!exists) return std::unexpected(exists.error());
  if (*exists == Statement::Step::done) return 0;
  auto statement = database.prepare("SELECT version FROM schema_version WHERE component=?");
  if (!statement) return std::unexpected(statement.error());
  auto found = statement->bind(component).step();
  if (!found) return std::unexpected(found.error());
  return *found == Statement::Step::row ? statement->integer(0) : 0;
}

Result<void> set_version(Database& database, std::string_view component, std::size_t version) {
  auto statement = database.prepare("INSERT OR REPLACE INTO schema_version(component, version) VALUES(?, ?)");
  if (!statement) return std::unexpected(statement.error());
  return statement->bind(component, static_cast<std::int64_t>(version)).run();
}

}  // namespace

Result<void> migrate(Database& database, const Migrations& migrations) {
  const auto last = static_cast<std::int64_t>(migrations.steps.size());
  // Without the lock for writing first: almost always there is nothing to do.
  auto version = version_of(database, migrations.component);
  if (!version) return std::unexpected(version.error());
  if (*version == last) return {};
  auto transaction = Transaction::begin(database, Transaction::Kind::write);
  if (!transaction) return std::unexpected(transaction.error());
  version = version_of(database, migrations.component);
  if (!version) return std::unexpected(version.error());
  if (*version > last) {
    return fail(
        Errc::unsupported,
        fmt::format("{}: was written by a newer Tenfold ({}: version {}, this program knows {}); use that one, or "
                    "name another file",
                    database.file(), migrations.component, *version, last));
  }
  auto made = database.execute(version_table);
  if (!made) return made;
  for (auto step = *version; step < last; ++step) {
    auto taken = database.execute(std::string(migrations.steps[static_cast<std::size_t>(step)]));
    if (!taken) return taken;
    TENFOLD_ASSERT(database.in_transaction());  // a step that ends the transaction could be taken by half
  }
  auto set = set_version(database, migrations.component, migrations.steps.size());
  if (!set) return set;
  return transaction->commit();
}

}  // namespace tenfold::store
