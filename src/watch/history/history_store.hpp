#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"
#include "watch/history/records.hpp"

namespace tenfold::watch {

struct Retention {
  Duration results = std::chrono::hours(7 * 24);
  std::uint64_t most_results = 10'000'000;  // some 60 bytes each; past it the oldest go sooner
  Duration hours = std::chrono::hours(2 * 366 * 24);
  Duration days = std::chrono::hours(10 * 366 * 24);
  std::uint64_t most_changes = 100'000;
};

// The tables of the watch in the store. What a check takes there, with an answer every 30 s: 0.9 MB for the week of
// single results, 1 MB a year as hours for two years, 0.05 MB a year as days for ten, and nothing after that.
//
// Single results lie in the order of time, so that a batch of a thousand checks writes a few pages and not a thousand,
// and so that old ones go from one end. One thread at a time; every call may wait for the disk.
class HistoryStore {
 public:
  // Makes the tables where they are not there yet, and rolls up the hours that a run before left behind.
  // Errors: those of store::Database and store::migrate().
  static Result<std::unique_ptr<HistoryStore>> open(const std::string& file, const Retention& retention, WallTime now);
  HistoryStore(const HistoryStore&) = delete;
  HistoryStore& operator=(const HistoryStore&) = delete;
  ~HistoryStore();

  Result<Restored> restore(WallTime now);

  // All of the batch or none, and some of what is too old goes. Two results of one check, path and microsecond are one.
  Result<void> write(const Batch& batch, WallTime now);

 private:
  struct Statements;
  HistoryStore(std::unique_ptr<store::Database> database, const Retention& retention);
  Result<void> prepare();
  Result<std::int64_t> id_of(const std::string& check);
  Result<void> write_all(const Batch& batch);
  Result<void> write_results(const Batch& batch);
  Result<void> write_states(const Batch& batch);
  Result<void> write_changes(const Batch& batch);
  Result<void> forget(const std::string& check);

  Retention retention_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Statements> statements_;
  std::unordered_map<std::string, std::int64_t> ids_;  // of names; emptied when it has grown past most_ids
  static constexpr std::size_t most_ids = 100'000;
  std::int64_t results_ = 0;  // rows, or somewhat more
  std::int64_t retained_hour_ = -1;
};

}  // namespace tenfold::watch
