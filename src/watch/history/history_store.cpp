#include "watch/history/history_store.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "store/migrations.hpp"
#include "store/transaction.hpp"
#include "watch/history/roll_up.hpp"
#include "watch/history/tables.hpp"

namespace tenfold::watch {

using store::Database;
using store::Statement;
using store::Transaction;

namespace {

constexpr std::size_t longest_what_bytes = 400;
// So much of what is too old goes with a batch, at most: a batch a second keeps up with 20,000 results a second.
constexpr std::int64_t dropped_at_once = 20'000;
// A results thread can wait, but nobody's console should find the state of an hour ago.
constexpr Duration patience = std::chrono::seconds(2);

// Cut where a character begins.
std::string_view shortened(std::string_view what) {
  if (what.size() <= longest_what_bytes) return what;
  std::size_t length = longest_what_bytes;
  while (length > 0 && (static_cast<unsigned char>(what[length]) & 0xc0) == 0x80) --length;
  return what.substr(0, length);
}

State state_of(std::int64_t number) {
  return number < 0 || number > static_cast<std::int64_t>(State::down) ? State::unknown : static_cast<State>(number);
}

Told told_of(std::int64_t number) {
  return number < 0 || number > static_cast<std::int64_t>(Told::unsure) ? Told::no : static_cast<Told>(number);
}

Result<std::int64_t> count_results(Database& database) {
  auto statement = database.prepare("SELECT count(*) FROM watch_result");
  if (!statement) return std::unexpected(statement.error());
  auto step = statement->step();
  if (!step) return std::unexpected(step.error());
  return statement->integer(0);
}

}  // namespace

struct HistoryStore::Statements {
  Statement find_check;
  Statement add_check;
  Statement add_result;
  Statement set_state;
  Statement drop_state;
  Statement add_change;
};

HistoryStore::HistoryStore(std::unique_ptr<Database> database, const Retention& retention)
    : retention_(retention), database_(std::move(database)) {}

HistoryStore::~HistoryStore() = default;

Result<std::unique_ptr<HistoryStore>> HistoryStore::open(const std::string& file, const Retention& retention,
                                                         WallTime now) {
  auto database = Database::open(
      file, {.durability = store::OpenOptions::Durability::normal, .busy_timeout = patience, .largest_bytes = 0});
  if (!database) return std::unexpected(database.error());
  std::unique_ptr<HistoryStore> history(new HistoryStore(std::move(*database), retention));
  auto ready = history->prepare();
  if (!ready) return std::unexpected(ready.error());
  auto transaction = Transaction::begin(*history->database_, Transaction::Kind::write);
  if (!transaction) return std::unexpected(transaction.error());
  auto rolled = roll_up_results(*history->database_, tables::hour_of(now));
  if (!rolled) return std::unexpected(rolled.error());
  auto committed = transaction->commit();
  if (!committed) return std::unexpected(committed.error());
  return history;
}

Result<void> HistoryStore::prepare() {
  auto migrated = store::migrate(*database_, tables::migrations);
  if (!migrated) return migrated;
  auto counted = count_results(*database_);
  if (!counted) return std::unexpected(counted.error());
  results_ = *counted;
  auto find_check = database_->prepare("SELECT id FROM watch_check WHERE name=?");
  auto add_check = database_->prepare("INSERT INTO watch_check(name) VALUES(?)");
  auto add_result = database_->prepare(
      "INSERT OR REPLACE INTO watch_result(at_us, check_id, path, counts, cause, failed, took_us, what) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
  auto set_state = database_->prepare(
      "INSERT OR REPLACE INTO watch_state(check_id, state, since_us, last_result_us, told, what, needs_uplink) "
      "VALUES(?, ?, ?, ?, ?, ?, ?)");
  auto drop_state = database_->prepare("DELETE FROM watch_state WHERE check_id=?");
  auto add_change =
      database_->prepare("INSERT INTO watch_change(check_id, at_us, from_state, to_state, what) VALUES(?, ?, ?, ?, ?)");
  for (const auto* statement : {&find_check, &add_check, &add_result, &set_state, &drop_state, &add_change}) {
    if (!*statement) return std::unexpected(statement->error());
  }
  statements_ =
      std::make_unique<Statements>(Statements{std::move(*find_check), std::move(*add_check), std::move(*add_result),
                                              std::move(*set_state), std::move(*drop_state), std::move(*add_change)});
  return {};
}

Result<std::int64_t> HistoryStore::id_of(const std::string& check) {
  if (const auto found = ids_.find(check); found != ids_.end()) return found->second;
  auto step = statements_->find_check.bind(check).step();
  if (!step) return std::unexpected(step.error());
  std::int64_t id = 0;
  if (*step == Statement::Step::row) {
    id = statements_->find_check.integer(0);
    auto ended = statements_->find_check.run();
    if (!ended) return std::unexpected(ended.error());
  } else {
    auto added = statements_->add_check.bind(check).run();
    if (!added) return std::unexpected(added.error());
    id = database_->last_insert_id();
  }
  if (ids_.size() >= most_ids) ids_.clear();
  ids_.emplace(check, id);
  return id;
}

Result<void> HistoryStore::write(const Batch& batch, WallTime now) {
  if (batch.keep_results) retention_.results = *batch.keep_results;
  auto transaction = Transaction::begin(*database_, Transaction::Kind::write);
  if (!transaction) return std::unexpected(transaction.error());
  auto written = write_all(batch);
  std::int64_t results = results_ + static_cast<std::int64_t>(batch.results.size());
  if (written) {
    const bool too_many = static_cast<std::uint64_t>(results) > retention_.most_results;
    const std::int64_t before_us =
        too_many ? std::numeric_limits<std::int64_t>::max() : tables::microseconds(now - retention_.results);
    const std::int64_t most =
        too_many ? std::min(dropped_at_once, results - static_cast<std::int64_t>(retention_.most_results))
                 : dropped_at_once;
    auto dropped = drop_results(*database_, before_us, most);
    if (!dropped) written = std::unexpected(dropped.error());
    if (dropped) results -= *dropped;
  }
  // Once an hour: what has become too old meanwhile.
  const std::int64_t hour = tables::seconds(now) / tables::hour_s;
  if (written && hour != retained_hour_) written = roll_up_hours(*database_, retention_, now);
  if (written) written = transaction->commit();
  if (!written) {
    ids_.clear();  // those that were added are not there
    return written;
  }
  if (hour != std::exchange(retained_hour_, hour)) ids_.clear();  // checks may have gone
  results_ = results;
  return {};
}

Result<void> HistoryStore::write_all(const Batch& batch) {
  auto written = write_results(batch);
  if (written) written = write_states(batch);
  if (written) written = write_changes(batch);
  if (!written) return written;
  for (const HourRecord& hour : batch.hours) {
    auto id = id_of(hour.check);
    if (!id) return std::unexpected(id.error());
    auto added = add_span(*database_, *id, tables::hour_s, tables::seconds(hour.start), hour.summary);
    if (!added) return added;
  }
  for (const std::string& check : batch.forgotten) {
    auto gone = forget(check);
    if (!gone) return gone;
  }
  if (batch.hours_until) {
    auto set = set_mark(*database_, tables::hours_until_us, tables::microseconds(*batch.hours_until));
    if (!set) return set;
  }
  if (batch.uplink_down) {
    auto set = set_mark(*database_, tables::uplink_down_us, tables::microseconds(*batch.uplink_down));
    if (!set) return set;
  }
  if (batch.alive_at) return set_mark(*database_, tables::alive_at_us, tables::microseconds(*batch.alive_at));
  return {};
}

Result<void> HistoryStore::write_results(const Batch& batch) {
  for (const ResultRecord& record : batch.results) {
    auto id = id_of(record.check);
    if (!id) return std::unexpected(id.error());
    const CheckResult& result = record.result;
    const bool failed = result.outcome == CheckResult::Outcome::failed;
    std::optional<std::int64_t> took_us;
    if (!failed && result.path == CheckResult::Path::usual)
      took_us = std::chrono::duration_cast<std::chrono::microseconds>(result.phases.total).count();
    std::optional<std::string> what;
    if (failed) what = shortened(result.what);
    auto added =
        statements_->add_result
            .bind(tables::microseconds(result.at), *id, static_cast<int>(result.path), static_cast<int>(record.counts),
                  static_cast<int>(result.cause), failed ? 1 : 0, took_us, what)
            .run();
    if (!added) return added;
  }
  return {};
}

Result<void> HistoryStore::write_states(const Batch& batch) {
  for (const StateRecord& record : batch.states) {
    auto id = id_of(record.check);
    if (!id) return std::unexpected(id.error());
    auto set = statements_->set_state
                   .bind(*id, static_cast<int>(record.state.state), tables::microseconds(record.state.since),
                         tables::microseconds(record.state.last_result), static_cast<int>(record.told),
                         shortened(record.state.what), record.needs_uplink ? 1 : 0)
                   .run();
    if (!set) return set;
  }
  return {};
}

Result<void> HistoryStore::write_changes(const Batch& batch) {
  for (const Change& change : batch.changes) {
    auto id = id_of(change.check);
    if (!id) return std::unexpected(id.error());
    auto added = statements_->add_change
                     .bind(*id, tables::microseconds(change.at), static_cast<int>(change.from),
                           static_cast<int>(change.to), shortened(change.what))
                     .run();
    if (!added) return added;
  }
  return {};
}

Result<void> HistoryStore::forget(const std::string& check) {
  auto id = id_of(check);
  if (!id) return std::unexpected(id.error());
  return statements_->drop_state.bind(*id).run();
}

namespace {

Result<std::vector<StateRecord>> states_of(Database& database) {
  auto statement = database.prepare(
      "SELECT c.name, s.state, s.since_us, s.last_result_us, s.told, s.what, s.needs_uplink "
      "FROM watch_state s "
      "JOIN watch_check c ON c.id=s.check_id ORDER BY c.name");
  if (!statement) return std::unexpected(statement.error());
  std::vector<StateRecord> states;
  while (true) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) return states;
    states.push_back({.check = std::string(statement->text(0)),
                      .state = {.state = state_of(statement->integer(1)),
                                .since = tables::at_microseconds(statement->integer(2)),
                                .last_result = tables::at_microseconds(statement->integer(3)),
                                .what = std::string(statement->text(5))},
                      .told = told_of(statement->integer(4)),
                      .needs_uplink = statement->integer(6) != 0});
  }
}

Result<std::unordered_map<std::int64_t, std::string>> names_of(Database& database) {
  auto statement = database.prepare("SELECT id, name FROM watch_check");
  if (!statement) return std::unexpected(statement.error());
  std::unordered_map<std::int64_t, std::string> names;
  while (true) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) return names;
    names.emplace(statement->integer(0), statement->text(1));
  }
}

Result<void> append_hours(Database& database, WallTime now, std::vector<Span>& spans) {
  auto statement = database.prepare(
      "SELECT s.check_id, s.start_s, s.good, s.failed, s.muted, s.times FROM watch_check c "
      "JOIN watch_span s ON s.check_id=c.id AND s.length_s=? AND s.start_s>=? AND s.start_s<=?");
  if (!statement) return std::unexpected(statement.error());
  const std::int64_t hour_s = tables::seconds(tables::hour_of(now));
  statement->bind(tables::hour_s, hour_s - tables::day_s, hour_s);
  while (true) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) return {};
    spans.push_back({statement->integer(0), statement->integer(1),
                     Summary::of(static_cast<std::uint64_t>(statement->integer(2)),
                                 static_cast<std::uint64_t>(statement->integer(3)),
                                 static_cast<std::uint64_t>(statement->integer(4)), statement->text(5))});
  }
}

}  // namespace

Result<Restored> HistoryStore::restore(WallTime now) {
  auto transaction = Transaction::begin(*database_, Transaction::Kind::read);
  if (!transaction) return std::unexpected(transaction.error());
  Restored restored;
  auto states = states_of(*database_);
  if (!states) return std::unexpected(states.error());
  restored.states = std::move(*states);
  const auto names = names_of(*database_);
  if (!names) return std::unexpected(names.error());
  auto spans = hours_of_results(*database_, tables::microseconds(tables::hour_of(now)));
  if (!spans) return std::unexpected(spans.error());
  auto appended = append_hours(*database_, now, *spans);
  if (!appended) return std::unexpected(appended.error());
  for (Span& span : *spans) {
    const auto name = names->find(span.check_id);
    if (name == names->end()) continue;
    restored.hours.push_back({name->second, tables::at_seconds(span.start_s), std::move(span.summary)});
  }
  auto alive_at = mark(*database_, tables::alive_at_us);
  if (!alive_at) return std::unexpected(alive_at.error());
  if (*alive_at) restored.alive_at = tables::at_microseconds(**alive_at);
  auto uplink_down = mark(*database_, tables::uplink_down_us);
  if (!uplink_down) return std::unexpected(uplink_down.error());
  if (uplink_down->value_or(0) != 0) restored.uplink_down = tables::at_microseconds(**uplink_down);
  return restored;
}

}  // namespace tenfold::watch
