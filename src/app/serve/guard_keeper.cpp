#include "app/serve/guard_keeper.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/thread.hpp"
#include "guard/known/owner_lists.hpp"
#include "net/address.hpp"
#include "store/database.hpp"
#include "store/migrations.hpp"
#include "store/transaction.hpp"

namespace tenfold::app {

namespace {

// Times are in seconds since 1970.
constexpr std::array<std::string_view, 2> guard_tables{
    "CREATE TABLE guard_kept (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT",
    "CREATE TABLE guard_lists (list TEXT NOT NULL, network TEXT NOT NULL, reason TEXT NOT NULL, added_at INTEGER NOT "
    "NULL, ends_at INTEGER NOT NULL, PRIMARY KEY (list, network)) STRICT"};

constexpr std::string_view customers_name = "customers";
constexpr std::string_view measures_name = "measures";

// A power cut may cost the last second; a crash of ours costs nothing.
Result<std::unique_ptr<store::Database>> open_kept(const std::string& file) {
  auto database = store::Database::open(file, {.durability = store::OpenOptions::Durability::normal});
  if (!database) return database;
  auto migrated = store::migrate(**database, {"guard", guard_tables});
  if (!migrated) return std::unexpected(migrated.error());
  return database;
}

Result<std::optional<std::string>> kept_value(store::Database& database, std::string_view name) {
  auto select = database.prepare("SELECT value FROM guard_kept WHERE name = ?");
  if (!select) return std::unexpected(select.error());
  auto step = select->bind(name).step();
  if (!step) return std::unexpected(step.error());
  if (*step == store::Statement::Step::done) return std::nullopt;
  return std::string(select->blob(0));
}

constexpr std::array<std::pair<std::string_view, guard::OwnerList>, 2> kept_lists{
    {{"deny", &guard::OwnerEntries::deny}, {"allow", &guard::OwnerEntries::allow}}};

WallTime kept_time(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

std::int64_t seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// What is no network any more, by somebody's hand, is left out.
Result<guard::OwnerEntries> kept_entries(store::Database& database) {
  auto select = database.prepare("SELECT network, reason, added_at, ends_at FROM guard_lists WHERE list = ?");
  if (!select) return std::unexpected(select.error());
  guard::OwnerEntries entries;
  for (const auto& [name, list] : kept_lists) {
    select->bind(name);
    while (true) {
      auto step = select->step();
      if (!step) return std::unexpected(step.error());
      if (*step == store::Statement::Step::done) break;
      const auto network = net::IpNetwork::parse(select->text(0));
      if (!network) continue;
      (entries.*list)
          .push_back(
              {*network, std::string(select->text(1)), kept_time(select->integer(2)), kept_time(select->integer(3))});
    }
  }
  return entries;
}

Result<void> write_lists(store::Database& database, const std::optional<guard::OwnerEntries>& entries) {
  if (!entries) return {};
  if (auto emptied = database.execute("DELETE FROM guard_lists"); !emptied) return emptied;
  auto insert = database.prepare("INSERT INTO guard_lists VALUES (?, ?, ?, ?, ?)");
  if (!insert) return std::unexpected(insert.error());
  for (const auto& [name, list] : kept_lists) {
    for (const guard::OwnerEntry& entry : (*entries).*list) {
      auto written =
          insert->bind(name, entry.network.text(), entry.reason, seconds_of(entry.added), seconds_of(entry.ends)).run();
      if (!written) return written;
    }
  }
  return {};
}

Result<edge::Kept> read_kept(const std::string& file) {
  auto database = open_kept(file);
  if (!database) return std::unexpected(database.error());
  auto customers = kept_value(**database, customers_name);
  if (!customers) return std::unexpected(customers.error());
  auto measures = kept_value(**database, measures_name);
  if (!measures) return std::unexpected(measures.error());
  auto lists = kept_entries(**database);
  if (!lists) return std::unexpected(lists.error());
  edge::Kept kept{.customers = std::move(*customers), .measures = std::move(*measures)};
  if (*lists != guard::OwnerEntries()) kept.lists = std::move(*lists);
  return kept;
}

Result<void> write_value(store::Database& database, std::string_view name, const std::optional<std::string>& value) {
  if (!value) return {};
  auto insert = database.prepare("INSERT OR REPLACE INTO guard_kept (name, value) VALUES (?, ?)");
  if (!insert) return std::unexpected(insert.error());
  return insert->bind(name, store::Blob{*value}).run();
}

Result<void> write_kept(const std::string& file, const edge::Kept& kept) {
  auto database = open_kept(file);
  if (!database) return std::unexpected(database.error());
  auto transaction = store::Transaction::begin(**database, store::Transaction::Kind::write);
  if (!transaction) return std::unexpected(transaction.error());
  auto written = write_value(**database, customers_name, kept.customers);
  if (written) written = write_value(**database, measures_name, kept.measures);
  if (written) written = write_lists(**database, kept.lists);
  if (!written) return written;
  return transaction->commit();
}

}  // namespace

GuardKeeper::~GuardKeeper() { TENFOLD_ASSERT(!thread_.joinable()); }

edge::Kept GuardKeeper::read() const {
  if (store_file_.empty()) return {};
  auto kept = read_kept(store_file_);
  if (kept) return std::move(*kept);
  log::warn("guard: customers, measures and lists of before the start are not known: {}", kept.error().text());
  return {};
}

Result<void> GuardKeeper::start() {
  auto thread = start_thread("the thread that keeps what the guard knows", [this] { run(); });
  if (!thread) return std::unexpected(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void GuardKeeper::keep(edge::Kept kept) {
  if (kept.empty() || store_file_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (kept.customers) waiting_.customers = std::move(kept.customers);
    if (kept.measures) waiting_.measures = std::move(kept.measures);
    if (kept.lists) waiting_.lists = std::move(kept.lists);
  }
  changed_.notify_one();
}

void GuardKeeper::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void GuardKeeper::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const edge::Kept kept = std::exchange(waiting_, {});
    lock.unlock();
    write(kept);
    lock.lock();
  }
}

void GuardKeeper::write(const edge::Kept& kept) {
  const auto written = write_kept(store_file_, kept);
  if (written) {
    if (std::exchange(has_failed_, false)) log::info("guard: what it knows is kept in the store again");
  } else if (!std::exchange(has_failed_, true)) {
    log::warn("guard: what it knows will not outlive this process: {}", written.error().text());
  }
}

}  // namespace tenfold::app
