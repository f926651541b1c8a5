#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"
#include "watch/history/history_store.hpp"
#include "watch/history/summary.hpp"

// How single results become hours and hours become days. Within a transaction of the caller's.
namespace tenfold::watch {

Result<std::optional<std::int64_t>> mark(store::Database& database, std::string_view name);
Result<void> set_mark(store::Database& database, std::string_view name, std::int64_t value);

// Adds it to what is there of that span.
Result<void> add_span(store::Database& database, std::int64_t check_id, std::int64_t length_s, std::int64_t start_s,
                      const Summary& summary);

struct Span {
  std::int64_t check_id = 0;
  std::int64_t start_s = 0;
  Summary summary;
};
// The hours that single results since that moment amount to.
Result<std::vector<Span>> hours_of_results(store::Database& database, std::int64_t since_us);

// What results there are before `until` and in no hour yet become hours.
Result<void> roll_up_results(store::Database& database, WallTime until);

// Hours that are older than is kept become days, and days that are older go. Changes and checks of which nothing is
// left go too.
Result<void> roll_up_hours(store::Database& database, const Retention& retention, WallTime now);

// Of results that are too old or too many, at most `most` go. Returns how many.
Result<std::int64_t> drop_results(store::Database& database, std::int64_t before_us, std::int64_t most);

}  // namespace tenfold::watch
