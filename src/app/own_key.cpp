#include "app/own_key.hpp"

#include <array>
#include <memory>
#include <utility>

#include "base/log.hpp"
#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "base/text/hex.hpp"
#include "store/database.hpp"
#include "store/migrations.hpp"
#include "store/transaction.hpp"

namespace tenfold::app {
namespace {

constexpr std::array<std::string_view, 1> steps{
    "CREATE TABLE app_keys (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"};

Result<std::string> stored(store::Database& database, std::string_view name) {
  auto select = database.prepare("SELECT value FROM app_keys WHERE name = ?");
  if (!select) return std::unexpected(select.error());
  auto step = select->bind(name).step();
  if (!step) return std::unexpected(step.error());
  return *step == store::Statement::Step::row ? std::string(select->text(0)) : std::string();
}

std::string fresh_key() {
  constexpr std::size_t bytes = 32;
  return hex(secret_bytes(bytes));
}

Result<std::unique_ptr<store::Database>> open_keys(const std::string& store_file) {
  auto database = store::Database::open(store_file);
  if (!database) return std::unexpected(database.error());
  auto migrated = store::migrate(**database, {"app", steps});
  if (!migrated) return std::unexpected(migrated.error());
  return std::move(*database);
}

Result<std::string> stored_or_made(const std::string& store_file, std::string_view name) {
  auto database = open_keys(store_file);
  if (!database) return std::unexpected(database.error());
  auto transaction = store::Transaction::begin(**database, store::Transaction::Kind::write);
  if (!transaction) return std::unexpected(transaction.error());
  auto key = stored(**database, name);
  if (!key || !key->empty()) return key;
  std::string fresh = fresh_key();
  auto insert = (*database)->prepare("INSERT INTO app_keys (name, value) VALUES (?, ?)");
  if (!insert) return std::unexpected(insert.error());
  auto inserted = insert->bind(name, fresh).run();
  if (!inserted) return std::unexpected(inserted.error());
  auto committed = transaction->commit();
  if (!committed) return std::unexpected(committed.error());
  return fresh;
}

}  // namespace

std::string own_key(const std::string& store_file, std::string_view name, std::string_view what) {
  if (store_file.empty()) return fresh_key();
  auto key = stored_or_made(store_file, name);
  if (key) return std::move(*key);
  log::warn("{} will not outlive this process: {}", what, key.error().text());
  return fresh_key();
}

std::string kept_key(const std::string& store_file, std::string_view name, std::string_view what) {
  if (store_file.empty()) return {};
  const auto database = open_keys(store_file);
  const auto key = database ? stored(**database, name) : std::unexpected(database.error());
  if (key) return *key;
  log::warn("{} are not known from before: {}", what, key.error().text());
  return {};
}

}  // namespace tenfold::app
