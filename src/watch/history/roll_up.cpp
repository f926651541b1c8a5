#include "watch/history/roll_up.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "watch/history/tables.hpp"

namespace tenfold::watch {

using store::Database;
using store::Statement;

Result<std::optional<std::int64_t>> mark(Database& database, std::string_view name) {
  auto statement = database.prepare("SELECT value FROM watch_mark WHERE name=?");
  if (!statement) return std::unexpected(statement.error());
  auto step = statement->bind(name).step();
  if (!step) return std::unexpected(step.error());
  if (*step == Statement::Step::done) return std::optional<std::int64_t>();
  return std::optional(statement->integer(0));
}

Result<void> set_mark(Database& database, std::string_view name, std::int64_t value) {
  auto statement = database.prepare("INSERT OR REPLACE INTO watch_mark(name, value) VALUES(?, ?)");
  if (!statement) return std::unexpected(statement.error());
  return statement->bind(name, value).run();
}

Result<void> add_span(Database& database, std::int64_t check_id, std::int64_t length_s, std::int64_t start_s,
                      const Summary& summary) {
  auto reading = database.prepare(
      "SELECT good, failed, muted, times FROM watch_span WHERE check_id=? AND length_s=? AND start_s=?");
  if (!reading) return std::unexpected(reading.error());
  auto step = reading->bind(check_id, length_s, start_s).step();
  if (!step) return std::unexpected(step.error());
  Summary whole = summary;
  if (*step == Statement::Step::row) {
    whole.merge(Summary::of(static_cast<std::uint64_t>(reading->integer(0)),
                            static_cast<std::uint64_t>(reading->integer(1)),
                            static_cast<std::uint64_t>(reading->integer(2)), reading->text(3)));
    auto ended = reading->run();
    if (!ended) return ended;
  }
  auto writing = database.prepare(
      "INSERT OR REPLACE INTO watch_span(check_id, length_s, start_s, good, failed, muted, times) "
      "VALUES(?, ?, ?, ?, ?, ?, ?)");
  if (!writing) return std::unexpected(writing.error());
  return writing
      ->bind(check_id, length_s, start_s, static_cast<std::int64_t>(whole.good()),
             static_cast<std::int64_t>(whole.failed()), static_cast<std::int64_t>(whole.muted()), whole.times())
      .run();
}

Result<std::vector<Span>> hours_of_results(Database& database, std::int64_t since_us) {
  auto statement = database.prepare("SELECT check_id, at_us, counts, took_us FROM watch_result WHERE at_us>=?");
  if (!statement) return std::unexpected(statement.error());
  statement->bind(since_us);
  std::map<std::pair<std::int64_t, std::int64_t>, Summary> hours;
  while (true) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) break;
    const WallTime hour = tables::hour_of(tables::at_microseconds(statement->integer(1)));
    std::optional<Duration> took;
    if (!statement->is_null(3)) took = std::chrono::microseconds(statement->integer(3));
    const auto counts = static_cast<Counts>(std::clamp<std::int64_t>(statement->integer(2), 0, 3));
    hours[{statement->integer(0), tables::seconds(hour)}].add(counts, took);
  }
  std::vector<Span> spans;
  for (auto& [key, summary] : hours) {
    if (!summary.empty()) spans.push_back({key.first, key.second, std::move(summary)});
  }
  return spans;
}

Result<void> roll_up_results(Database& database, WallTime until) {
  const auto rolled_until = mark(database, tables::hours_until_us);
  if (!rolled_until) return std::unexpected(rolled_until.error());
  const std::int64_t from_us = rolled_until->value_or(0);
  if (from_us >= tables::microseconds(until)) return {};
  const auto hours = hours_of_results(database, from_us);
  if (!hours) return std::unexpected(hours.error());
  for (const Span& hour : *hours) {
    if (hour.start_s >= tables::seconds(until)) continue;
    auto added = add_span(database, hour.check_id, tables::hour_s, hour.start_s, hour.summary);
    if (!added) return added;
  }
  return set_mark(database, tables::hours_until_us, tables::microseconds(until));
}

namespace {

Result<std::vector<Span>> old_hours(Database& database, std::int64_t before_s) {
  // Check by check, so that each is one seek in the table; most have nothing.
  auto statement = database.prepare(
      "SELECT s.check_id, s.start_s, s.good, s.failed, s.muted, s.times FROM watch_check c "
      "JOIN watch_span s ON s.check_id=c.id AND s.length_s=? AND s.start_s<? LIMIT 50000");
  if (!statement) return std::unexpected(statement.error());
  statement->bind(tables::hour_s, before_s);
  std::vector<Span> hours;
  while (true) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) return hours;
    hours.push_back({statement->integer(0), statement->integer(1),
                     Summary::of(static_cast<std::uint64_t>(statement->integer(2)),
                                 static_cast<std::uint64_t>(statement->integer(3)),
                                 static_cast<std::uint64_t>(statement->integer(4)), statement->text(5))});
  }
}

Result<void> hours_to_days(Database& database, std::int64_t before_s) {
  const auto hours = old_hours(database, before_s);
  if (!hours) return std::unexpected(hours.error());
  std::map<std::pair<std::int64_t, std::int64_t>, Summary> days;
  auto removing = database.prepare("DELETE FROM watch_span WHERE check_id=? AND length_s=? AND start_s=?");
  if (!removing) return std::unexpected(removing.error());
  for (const Span& hour : *hours) {
    days[{hour.check_id, hour.start_s - hour.start_s % tables::day_s}].merge(hour.summary);
    auto removed = removing->bind(hour.check_id, tables::hour_s, hour.start_s).run();
    if (!removed) return removed;
  }
  for (const auto& [key, summary] : days) {
    auto added = add_span(database, key.first, tables::day_s, key.second, summary);
    if (!added) return added;
  }
  return {};
}

template <class... Values>
Result<void> run(Database& database, std::string_view sql, const Values&... values) {
  auto statement = database.prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  return statement->bind(values...).run();
}

}  // namespace

Result<void> roll_up_hours(Database& database, const Retention& retention, WallTime now) {
  // Whole days, so that each day is made once.
  const std::int64_t hours_from = tables::seconds(now - retention.hours);
  auto rolled = hours_to_days(database, hours_from - hours_from % tables::day_s);
  if (!rolled) return rolled;
  auto dropped = run(database,
                     "DELETE FROM watch_span WHERE check_id IN (SELECT id FROM watch_check) AND length_s=? AND "
                     "start_s<?",
                     tables::day_s, tables::seconds(now - retention.days));
  if (!dropped) return dropped;
  dropped = run(database, "DELETE FROM watch_change WHERE id<=(SELECT max(id) FROM watch_change)-?",
                static_cast<std::int64_t>(retention.most_changes));
  if (!dropped) return dropped;
  return run(database,
             "DELETE FROM watch_check WHERE NOT EXISTS (SELECT 1 FROM watch_state s WHERE s.check_id=id) AND NOT "
             "EXISTS (SELECT 1 FROM watch_span s WHERE s.check_id=watch_check.id) AND NOT EXISTS (SELECT 1 FROM "
             "watch_change c WHERE c.check_id=watch_check.id) AND NOT EXISTS (SELECT 1 FROM watch_result r WHERE "
             "r.check_id=watch_check.id)");
}

Result<std::int64_t> drop_results(Database& database, std::int64_t before_us, std::int64_t most) {
  auto counting = database.prepare(
      "SELECT count(*), max(at_us) FROM (SELECT at_us FROM watch_result WHERE at_us<? ORDER BY at_us LIMIT ?)");
  if (!counting) return std::unexpected(counting.error());
  auto step = counting->bind(before_us, most).step();
  if (!step) return std::unexpected(step.error());
  const std::int64_t count = counting->integer(0);
  const std::int64_t last_us = counting->integer(1);
  auto ended = counting->run();
  if (!ended) return std::unexpected(ended.error());
  if (count == 0) return 0;
  auto dropped = run(database, "DELETE FROM watch_result WHERE at_us<=?", last_us);
  if (!dropped) return std::unexpected(dropped.error());
  return count;
}

}  // namespace tenfold::watch
