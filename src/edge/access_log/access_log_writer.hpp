#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "edge/access_log/access_format.hpp"
#include "edge/access_log/access_ring.hpp"
#include "edge/access_log/access_sink.hpp"

namespace tenfold::edge {

// Read by any thread.
struct AccessLogMetrics {
  Counter lines;  // handed to the system whole
  Counter bytes;
  Counter lost_lines;  // read from the rings but not written by the end; what the rings dropped they count themselves
  Counter write_errors;
  Counter reopen_errors;
};

// Told what an operator should know, at most once a minute.
using AccessLogComplaint = std::function<void(const std::string& text)>;

// The work of the log's thread without the thread: takes entries out of the rings, formats them and writes them in
// chunks. When the sink fails or is slow, what is formatted is kept (at most one chunk and a line) and tried again; the
// rings fill meanwhile, then drop and count. Used by one thread; the rings' only reader.
class AccessLogDrain {
 public:
  AccessLogDrain(std::vector<AccessRing*> rings, std::unique_ptr<AccessSink> sink, AccessFormat format,
                 AccessLogMetrics& metrics, AccessLogComplaint complain);

  // Empties the rings as far as the sink takes it. Returns how long to wait before the next pass: shortest_wait when
  // the sink was waited for already, retry_wait after a failure, else at most longest_wait.
  Duration pass(TimePoint now, Duration patience);
  // What was not written yet goes to the new file, from the beginning of the line.
  void reopen(TimePoint now);
  // Passes until all is written or the sink makes no progress; the rest is counted as lost.
  void finish(TimePoint now, Duration patience);

  static constexpr std::size_t chunk_bytes = 64 * 1024;
  static constexpr Duration longest_wait = std::chrono::milliseconds(50);  // entries wait no longer to be written
  static constexpr Duration shortest_wait = std::chrono::milliseconds(2);  // while the rings fill fast
  static constexpr Duration retry_wait = std::chrono::milliseconds(500);
  static constexpr Duration complaint_interval = std::chrono::minutes(1);

 private:
  enum class Progress : std::uint8_t {
    all_written,
    waiting,  // for a pipe that is full
    failed,
  };

  Progress drain(AccessRing& ring, TimePoint now, Duration patience);
  Progress write_pending(TimePoint now, Duration patience);
  void complain(TimePoint now, const std::string& text);
  std::uint64_t dropped_by_rings() const;

  std::vector<AccessRing*> rings_;
  std::unique_ptr<AccessSink> sink_;
  AccessFormat format_;
  AccessLogMetrics& metrics_;
  AccessLogComplaint complain_;
  AccessTime time_;
  std::string pending_;            // formatted lines, whole ones
  std::size_t written_bytes_ = 0;  // of pending_
  Duration wait_ = longest_wait;
  TimePoint next_complaint_ = TimePoint::min();
  std::uint64_t drops_told_ = 0;
};

// The log's thread. The rings, the clock and the metrics must outlive it. All functions from any thread.
class AccessLogWriter {
 public:
  AccessLogWriter(const Clock& clock, std::vector<AccessRing*> rings, std::unique_ptr<AccessSink> sink,
                  AccessFormat format, AccessLogMetrics& metrics, AccessLogComplaint complain);
  ~AccessLogWriter();  // stop()
  AccessLogWriter(const AccessLogWriter&) = delete;
  AccessLogWriter& operator=(const AccessLogWriter&) = delete;

  void request_reopen();  // done within a moment, off the caller's thread; not to be called in a signal handler
  // Writes what the rings hold and ends the thread. Call it when the workers have ended. A pipe that nobody empties is
  // given stop_patience for each part.
  void stop();

  static constexpr Duration stop_patience = std::chrono::seconds(1);

 private:
  void run();

  const Clock& clock_;
  AccessLogDrain drain_;  // the thread's
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;          // under mutex_
  bool reopen_requested_ = false;  // under mutex_
  std::thread thread_;             // last: it uses all of the above
};

}  // namespace tenfold::edge
