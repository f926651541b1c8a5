#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/clock.hpp"
#include "watch/history/history_store.hpp"
#include "watch/history/records.hpp"

namespace tenfold::watch {

// Writes what the watch hands in, on a thread of its own, in one transaction at most once a second, so that nobody who
// watches waits for the disk. A store that cannot be written is tried again every retry_every, and what was handed in
// waits; past most_waiting results, hours and changes, further ones are dropped and counted. Of states only the newest
// of each check waits, and none is dropped.
class HistoryWriter {
 public:
  struct Options {
    std::string file;  // not empty
    Retention retention;
    Duration write_every = std::chrono::seconds(1);
    Duration retry_every = std::chrono::seconds(2);
    std::size_t most_waiting = 100'000;  // again as many may be in the transaction under way
  };
  struct Status {
    std::uint64_t lost_total = 0;     // results, hours and changes that were dropped
    std::string error;                // why nothing can be written; empty: it can
    std::uint64_t written_total = 0;  // records of all kinds
  };

  // `opened`: the store, where it could be opened already; else `error` says why, and it is tried again.
  HistoryWriter(const Clock& clock, Options options, std::unique_ptr<HistoryStore> opened, std::string error);
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;
  ~HistoryWriter();  // what waits is written, if that can be done at the first try

  // From one thread at a time; waits for nothing. Where there was no thread to write on it is started now, if it can
  // be.
  void hand_in(Batch batch);
  Status status() const;

 private:
  void begin();
  void run();
  bool write(const Batch& batch);
  void wait(Duration at_most);
  Batch take();

  const Clock& clock_;
  const Options options_;
  const WallTime begun_;
  Retention retention_;  // this and the store are the writing thread's
  std::unique_ptr<HistoryStore> store_;

  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;                                               // these are under mutex_
  Batch waiting_;                                                       // without states
  std::unordered_map<std::string, std::optional<StateRecord>> states_;  // the newest; none: it is forgotten
  Status status_;

  std::thread thread_;                   // none: the machine had none to give
  std::optional<TimePoint> begin_next_;  // when it is tried again
};

}  // namespace tenfold::watch
