#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "store/migrations.hpp"

// The history's tables, and the units that their columns are in.
namespace tenfold::watch::tables {

inline constexpr std::array<std::string_view, 2> steps = {
    "CREATE TABLE watch_check(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE watch_state("
    "check_id INTEGER PRIMARY KEY,"
    "state INTEGER NOT NULL,"  // of State, by its number, as in all tables
    "since_us INTEGER NOT NULL,"
    "last_result_us INTEGER NOT NULL,"
    "told INTEGER NOT NULL,"
    "what TEXT NOT NULL) STRICT;"
    "CREATE TABLE watch_result("
    "at_us INTEGER NOT NULL,"  // since 1970, UTC
    "check_id INTEGER NOT NULL,"
    "path INTEGER NOT NULL,"
    "counts INTEGER NOT NULL,"
    "cause INTEGER NOT NULL,"
    "failed INTEGER NOT NULL,"
    "took_us INTEGER,"  // of a good usual look
    "what TEXT,"        // of a failure
    "PRIMARY KEY(at_us, check_id, path)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE watch_span("
    "check_id INTEGER NOT NULL,"
    "length_s INTEGER NOT NULL,"  // an hour or a day
    "start_s INTEGER NOT NULL,"
    "good INTEGER NOT NULL,"
    "failed INTEGER NOT NULL,"
    "muted INTEGER NOT NULL,"
    "times TEXT NOT NULL,"  // as Summary writes them
    "PRIMARY KEY(check_id, length_s, start_s)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE watch_change("
    "id INTEGER PRIMARY KEY,"
    "check_id INTEGER NOT NULL,"
    "at_us INTEGER NOT NULL,"
    "from_state INTEGER NOT NULL,"
    "to_state INTEGER NOT NULL,"
    "what TEXT NOT NULL) STRICT;"
    "CREATE INDEX watch_change_of_a_check ON watch_change(check_id, at_us);"
    "CREATE TABLE watch_mark(name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    "ALTER TABLE watch_state ADD COLUMN needs_uplink INTEGER NOT NULL DEFAULT 0;"};

inline constexpr store::Migrations migrations{.component = "watch", .steps = steps};

// Marks. Results from hours_until on are in no hour yet.
inline constexpr std::string_view hours_until_us = "hours_until_us";
inline constexpr std::string_view alive_at_us = "alive_at_us";
inline constexpr std::string_view uplink_down_us = "uplink_down_us";  // since when; 0: it is up

inline constexpr std::int64_t hour_s = 3600;
inline constexpr std::int64_t day_s = 24 * hour_s;

inline std::int64_t microseconds(WallTime at) {
  return std::chrono::floor<std::chrono::microseconds>(at.time_since_epoch()).count();
}
inline std::int64_t seconds(WallTime at) {
  return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}
inline WallTime at_microseconds(std::int64_t at_us) { return WallTime(std::chrono::microseconds(at_us)); }
inline WallTime at_seconds(std::int64_t at_s) { return WallTime(std::chrono::seconds(at_s)); }
inline WallTime hour_of(WallTime at) { return std::chrono::floor<std::chrono::hours>(at); }

}  // namespace tenfold::watch::tables
