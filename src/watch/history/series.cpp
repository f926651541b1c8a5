#include "watch/history/series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "store/migrations.hpp"
#include "store/transaction.hpp"
#include "watch/history/roll_up.hpp"
#include "watch/history/tables.hpp"

namespace tenfold::watch {

using store::Database;
using store::Statement;

namespace {

using Points = std::map<std::int64_t, Summary>;  // by number of step since 1970

struct Asked {
  std::int64_t check_id = 0;
  WallTime from;
  WallTime until;
  Duration step;

  std::int64_t place(WallTime at) const { return at.time_since_epoch() / step; }
};

Result<std::int64_t> id_of(Database& database, std::string_view check) {
  auto statement = database.prepare("SELECT id FROM watch_check WHERE name=?");
  if (!statement) return std::unexpected(statement.error());
  auto step = statement->bind(check).step();
  if (!step) return std::unexpected(step.error());
  if (*step == Statement::Step::done) return fail(Errc::not_found, fmt::format("no check named \"{}\"", check));
  return statement->integer(0);
}

// Newest first, so that where there are too many the oldest are missing. Returns whether that was all.
Result<bool> add_results(Database& database, const Asked& asked, WallTime from, Points& points) {
  auto statement = database.prepare(
      "SELECT check_id, at_us, counts, took_us FROM watch_result WHERE at_us>=? AND at_us<? ORDER BY at_us DESC");
  if (!statement) return std::unexpected(statement.error());
  statement->bind(tables::microseconds(from), tables::microseconds(asked.until));
  for (std::int64_t read = 0; read < most_read_results; ++read) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) return true;
    if (statement->integer(0) != asked.check_id) continue;
    std::optional<Duration> took;
    if (!statement->is_null(3)) took = std::chrono::microseconds(statement->integer(3));
    const auto counts = static_cast<Counts>(std::clamp<std::int64_t>(statement->integer(2), 0, 3));
    if (counts != Counts::none) points[asked.place(tables::at_microseconds(statement->integer(1)))].add(counts, took);
  }
  return false;
}

Result<void> add_spans(Database& database, const Asked& asked, Points& points) {
  auto statement = database.prepare(
      "SELECT start_s, good, failed, muted, times FROM watch_span WHERE check_id=? AND length_s=? AND start_s>=? AND "
      "start_s<?");
  if (!statement) return std::unexpected(statement.error());
  for (const std::int64_t length_s : {tables::day_s, tables::hour_s}) {
    // A span that has begun before `from` is left out rather than counted whole.
    statement->bind(asked.check_id, length_s, tables::seconds(asked.from), tables::seconds(asked.until));
    while (true) {
      auto step = statement->step();
      if (!step) return std::unexpected(step.error());
      if (*step == Statement::Step::done) break;
      points[asked.place(tables::at_seconds(statement->integer(0)))].merge(Summary::of(
          static_cast<std::uint64_t>(statement->integer(1)), static_cast<std::uint64_t>(statement->integer(2)),
          static_cast<std::uint64_t>(statement->integer(3)), statement->text(4)));
    }
  }
  return {};
}

Result<std::vector<Change>> changes_of(Database& database, std::string_view check, const Asked& asked) {
  auto statement = database.prepare(
      "SELECT at_us, from_state, to_state, what FROM watch_change WHERE check_id=? AND at_us>=? AND at_us<? "
      "ORDER BY at_us DESC, id DESC LIMIT ?");
  if (!statement) return std::unexpected(statement.error());
  statement->bind(asked.check_id, tables::microseconds(asked.from), tables::microseconds(asked.until),
                  static_cast<std::int64_t>(most_series_changes));
  std::vector<Change> changes;
  while (true) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) break;
    const auto state = [](std::int64_t number) {
      return static_cast<State>(std::clamp<std::int64_t>(number, 0, static_cast<std::int64_t>(State::down)));
    };
    changes.push_back({.check = std::string(check),
                       .from = state(statement->integer(1)),
                       .to = state(statement->integer(2)),
                       .at = tables::at_microseconds(statement->integer(0)),
                       .what = std::string(statement->text(3))});
  }
  std::ranges::reverse(changes);
  return changes;
}

Result<bool> collect(Database& database, const Asked& asked, Points& points) {
  if (asked.step < std::chrono::hours(1)) return add_results(database, asked, asked.from, points);
  auto added = add_spans(database, asked, points);
  if (!added) return std::unexpected(added.error());
  // The hour under way is in no span yet.
  const auto rolled_until = mark(database, tables::hours_until_us);
  if (!rolled_until) return std::unexpected(rolled_until.error());
  return add_results(database, asked, std::max(asked.from, tables::at_microseconds(rolled_until->value_or(0))), points);
}

}  // namespace

Result<Series> read_series(const std::string& file, std::string_view check, WallTime from, WallTime until,
                           Duration step) {
  if (until <= from) return fail(Errc::invalid, "the time asked for ends before it begins");
  Series series;
  const Duration finest = (until - from) / static_cast<Duration::rep>(most_points) + Duration(1);
  series.step = std::chrono::ceil<std::chrono::seconds>(std::max<Duration>({step, finest, std::chrono::seconds(1)}));
  auto database = Database::open(file, {.durability = store::OpenOptions::Durability::normal});
  if (!database) return std::unexpected(database.error());
  auto migrated = store::migrate(**database, tables::migrations);
  if (!migrated) return std::unexpected(migrated.error());
  auto transaction = store::Transaction::begin(**database, store::Transaction::Kind::read);
  if (!transaction) return std::unexpected(transaction.error());
  const auto id = id_of(**database, check);
  if (!id) return std::unexpected(id.error());
  const Asked asked{.check_id = *id, .from = from, .until = until, .step = series.step};
  Points points;
  const auto complete = collect(**database, asked, points);
  if (!complete) return std::unexpected(complete.error());
  series.complete = *complete;
  for (const auto& [place, summary] : points) {
    series.points.push_back({.at = WallTime(place * asked.step),
                             .good = summary.good(),
                             .failed = summary.failed(),
                             .muted = summary.muted(),
                             .up_share = summary.up_share(),
                             .p50_ms = summary.quantile_ms(0.5),
                             .p95_ms = summary.quantile_ms(0.95)});
  }
  auto changes = changes_of(**database, check, asked);
  if (!changes) return std::unexpected(changes.error());
  series.changes = std::move(*changes);
  return series;
}

}  // namespace tenfold::watch
