#include "oncall/outbox/ledger.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "oncall/escalate/saved.hpp"
#include "store/migrations.hpp"
#include "store/transaction.hpp"

namespace tenfold::oncall {
namespace {

using store::Statement;
using store::Transaction;

constexpr std::array<std::string_view, 2> steps = {
    "CREATE TABLE oncall_book("
    "id INTEGER PRIMARY KEY CHECK(id = 1),"
    "saved TEXT NOT NULL) STRICT;"  // JSON
    "CREATE TABLE oncall_alerts("
    "id INTEGER PRIMARY KEY,"
    "saved TEXT NOT NULL) STRICT;"  // JSON
    "CREATE TABLE oncall_sends("
    "number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "key TEXT NOT NULL UNIQUE,"
    "ordered TEXT NOT NULL,"  // JSON
    "state TEXT NOT NULL,"
    "channel TEXT NOT NULL,"
    "attempts INTEGER NOT NULL,"
    "rounds INTEGER NOT NULL,"
    "unanswered INTEGER NOT NULL,"
    "may_help INTEGER NOT NULL,"
    "told_failed INTEGER NOT NULL,"
    "created_ns INTEGER NOT NULL,"  // since 1970, UTC
    "changed_ns INTEGER,"
    "tried_ns INTEGER,"
    "next_try_ns INTEGER,"
    "provider_id TEXT NOT NULL,"
    "detail TEXT NOT NULL) STRICT;",
    "ALTER TABLE oncall_sends ADD COLUMN trouble TEXT NOT NULL DEFAULT ''"};

constexpr std::string_view write_send =
    "INSERT INTO oncall_sends(key, ordered, state, channel, attempts, rounds, unanswered, may_help, told_failed, "
    "created_ns, changed_ns, tried_ns, next_try_ns, provider_id, detail, trouble) "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT(key) DO UPDATE SET state=excluded.state, channel=excluded.channel, attempts=excluded.attempts, "
    "rounds=excluded.rounds, unanswered=excluded.unanswered, may_help=excluded.may_help, "
    "told_failed=excluded.told_failed, changed_ns=excluded.changed_ns, tried_ns=excluded.tried_ns, "
    "next_try_ns=excluded.next_try_ns, provider_id=excluded.provider_id, detail=excluded.detail, "
    "trouble=excluded.trouble";

constexpr std::string_view read_sends =
    "SELECT key, ordered, state, channel, attempts, rounds, unanswered, may_help, told_failed, created_ns, changed_ns, "
    "tried_ns, next_try_ns, provider_id, detail, trouble FROM oncall_sends ORDER BY number";

std::int64_t nanoseconds(WallTime at) { return at.time_since_epoch().count(); }
std::optional<std::int64_t> nanoseconds(const std::optional<WallTime>& at) {
  return at ? std::optional(nanoseconds(*at)) : std::nullopt;
}

std::optional<WallTime> time_of(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return WallTime(Duration(row.integer(column)));
}

Result<Send> send_of(const Statement& row) {
  auto order = load_order(row.text(1));
  if (!order) return std::unexpected(order.error());
  const auto state = send_state(row.text(2));
  if (!state) return fail(Errc::invalid, fmt::format("oncall_sends: the state \"{}\" is not known", row.text(2)));
  return Send{.key = std::string(row.text(0)),
              .order = std::move(*order),
              .state = *state,
              .by = std::string(row.text(3)),
              .attempts = static_cast<unsigned>(row.integer(4)),
              .rounds = static_cast<unsigned>(row.integer(5)),
              .unanswered = static_cast<unsigned>(row.integer(6)),
              .may_help = row.integer(7) != 0,
              .told_failed = row.integer(8) != 0,
              .created_at = WallTime(Duration(row.integer(9))),
              .changed_at = time_of(row, 10),
              .tried_at = time_of(row, 11),
              .next_try_at = time_of(row, 12),
              .provider_id = std::string(row.text(13)),
              .detail = std::string(row.text(14)),
              .trouble = std::string(row.text(15))};
}

Result<void> write_one(Statement& statement, const Send& send) {
  return statement
      .bind(send.key, saved(send.order), name(send.state), send.by, send.attempts, send.rounds, send.unanswered,
            send.may_help ? 1 : 0, send.told_failed ? 1 : 0, nanoseconds(send.created_at), nanoseconds(send.changed_at),
            nanoseconds(send.tried_at), nanoseconds(send.next_try_at), send.provider_id, send.detail, send.trouble)
      .run();
}

Result<void> write_sends(store::Database& database, const std::vector<Send>& sends) {
  if (sends.empty()) return {};
  auto statement = database.prepare(write_send);
  if (!statement) return std::unexpected(statement.error());
  for (const Send& send : sends) {
    if (auto written = write_one(*statement, send); !written) return written;
  }
  return {};
}

template <class Keys>
Result<void> erase(store::Database& database, std::string_view sql, const Keys& keys) {
  if (keys.empty()) return {};
  auto statement = database.prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  for (const auto& key : keys) {
    if (auto erased = statement->bind(key).run(); !erased) return erased;
  }
  return {};
}

Result<void> write_book(store::Database& database, const Ledger::Page& page) {
  if (!page.book.empty()) {
    auto statement = database.prepare("INSERT OR REPLACE INTO oncall_book(id, saved) VALUES(1, ?)");
    if (!statement) return std::unexpected(statement.error());
    if (auto written = statement->bind(page.book).run(); !written) return written;
  }
  if (page.alerts.empty()) return {};
  auto statement = database.prepare("INSERT OR REPLACE INTO oncall_alerts(id, saved) VALUES(?, ?)");
  if (!statement) return std::unexpected(statement.error());
  for (const auto& [id, saved] : page.alerts) {
    if (auto written = statement->bind(id, saved).run(); !written) return written;
  }
  return {};
}

Result<std::vector<std::string>> read_texts(store::Database& database, std::string_view sql) {
  std::vector<std::string> texts;
  auto statement = database.prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  while (true) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) return texts;
    texts.emplace_back(statement->text(0));
  }
}

}  // namespace

Result<Ledger> Ledger::open(const std::string& file, const store::OpenOptions& options) {
  auto database = store::Database::open(file, options);
  if (!database) return std::unexpected(database.error());
  auto migrated = store::migrate(**database, {.component = "oncall", .steps = steps});
  if (!migrated) return std::unexpected(migrated.error());
  return Ledger(std::move(*database));
}

Result<Ledger::Kept> Ledger::read() {
  auto transaction = Transaction::begin(*database_, Transaction::Kind::read);
  if (!transaction) return std::unexpected(transaction.error());
  Kept kept;
  auto books = read_texts(*database_, "SELECT saved FROM oncall_book");
  if (!books) return std::unexpected(books.error());
  if (!books->empty()) kept.book.book = std::move(books->front());
  auto alerts = read_texts(*database_, "SELECT saved FROM oncall_alerts ORDER BY id");
  if (!alerts) return std::unexpected(alerts.error());
  kept.book.alerts = std::move(*alerts);
  auto statement = database_->prepare(read_sends);
  if (!statement) return std::unexpected(statement.error());
  while (true) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) return kept;
    auto send = send_of(*statement);
    if (!send) return std::unexpected(send.error());
    kept.sends.push_back(std::move(*send));
  }
}

Result<void> Ledger::write(const Page& page) {
  auto transaction = Transaction::begin(*database_, Transaction::Kind::write);
  if (!transaction) return std::unexpected(transaction.error());
  if (auto written = write_book(*database_, page); !written) return written;
  auto erased = erase(*database_, "DELETE FROM oncall_alerts WHERE id=?", page.gone_alerts);
  if (erased) erased = erase(*database_, "DELETE FROM oncall_sends WHERE key=?", page.gone_sends);
  if (!erased) return erased;
  if (auto written = write_sends(*database_, page.sends); !written) return written;
  return transaction->commit();
}

}  // namespace tenfold::oncall
