#include "edge/access_log/access_log_writer.hpp"

#include <signal.h>

#include <algorithm>
#include <utility>

namespace tenfold::edge {

// ---- the work ----

AccessLogDrain::AccessLogDrain(std::vector<AccessRing*> rings, std::unique_ptr<AccessSink> sink, AccessFormat format,
                               AccessLogMetrics& metrics, AccessLogComplaint complain)
    : rings_(std::move(rings)),
      sink_(std::move(sink)),
      format_(format),
      metrics_(metrics),
      complain_(std::move(complain)),
      drops_told_(dropped_by_rings()) {}

std::uint64_t AccessLogDrain::dropped_by_rings() const {
  std::uint64_t dropped = 0;
  for (const AccessRing* const ring : rings_) dropped += ring->dropped();
  return dropped;
}

void AccessLogDrain::complain(TimePoint now, const std::string& text) {
  if (now < next_complaint_) return;
  next_complaint_ = now + complaint_interval;
  complain_(text);
}

AccessLogDrain::Progress AccessLogDrain::write_pending(TimePoint now, Duration patience) {
  while (written_bytes_ < pending_.size()) {
    const std::string_view rest = std::string_view(pending_).substr(written_bytes_);
    const auto written = sink_->write(rest, patience);
    if (!written) {
      metrics_.write_errors.add();
      complain(now, written.error().text() + "; it is tried again, lines wait and may be dropped");
      return Progress::failed;
    }
    if (*written == 0) return Progress::waiting;
    metrics_.bytes.add(*written);
    metrics_.lines.add(static_cast<std::uint64_t>(std::ranges::count(rest.substr(0, *written), '\n')));
    written_bytes_ += *written;
  }
  pending_.clear();
  written_bytes_ = 0;
  return Progress::all_written;
}

AccessLogDrain::Progress AccessLogDrain::drain(AccessRing& ring, TimePoint now, Duration patience) {
  AccessEntry entry;
  const auto format = format_ == AccessFormat::json ? &format_json : &format_combined;
  // The ring's room is given back chunk by chunk, so that a pass over a full one does not make the worker drop.
  while (ring.next(entry)) {
    format(entry, time_, pending_);
    if (pending_.size() < chunk_bytes) continue;
    ring.release();
    const Progress progress = write_pending(now, patience);
    if (progress != Progress::all_written) return progress;
  }
  ring.release();
  return Progress::all_written;
}

Duration AccessLogDrain::pass(TimePoint now, Duration patience) {
  std::size_t fullest_percent = 0;
  for (const AccessRing* const ring : rings_) {
    fullest_percent = std::max(fullest_percent, ring->used_bytes() * 100 / ring->capacity_bytes());
  }
  // What an earlier pass left goes first: the order of lines, and the bound on what is kept, depend on it.
  Progress progress = write_pending(now, patience);
  for (auto ring = rings_.begin(); ring != rings_.end() && progress == Progress::all_written; ++ring) {
    progress = drain(**ring, now, patience);
  }
  if (progress == Progress::all_written) progress = write_pending(now, patience);

  const std::uint64_t dropped = dropped_by_rings();
  if (dropped > drops_told_ && now >= next_complaint_) {
    complain(now, std::to_string(dropped - drops_told_) +
                      " lines of the access log were dropped: it is not written fast enough");
    drops_told_ = dropped;
  }
  if (progress == Progress::failed) return retry_wait;
  if (progress == Progress::waiting) return shortest_wait;
  if (fullest_percent > 25) {
    wait_ = std::max(wait_ / 2, shortest_wait);
  } else if (fullest_percent < 10) {
    wait_ = std::min(wait_ * 2, longest_wait);
  }
  return wait_;
}

void AccessLogDrain::reopen(TimePoint now) {
  const auto reopened = sink_->reopen();
  if (!reopened) {
    metrics_.reopen_errors.add();
    complain_(reopened.error().text() + "; the access log goes on in the file that was open");
    return;
  }
  // A new file begins with a whole line.
  if (written_bytes_ > 0) {
    const std::size_t line_end = pending_.rfind('\n', written_bytes_ - 1);
    written_bytes_ = line_end == std::string::npos ? 0 : line_end + 1;
  }
  next_complaint_ = std::min(next_complaint_, now);
}

void AccessLogDrain::finish(TimePoint now, Duration patience) {
  Progress progress = write_pending(now, patience);
  for (AccessRing* const ring : rings_) {
    if (progress == Progress::all_written) progress = drain(*ring, now, patience);
  }
  if (progress == Progress::all_written) progress = write_pending(now, patience);
  if (progress == Progress::all_written) return;

  std::uint64_t lost = static_cast<std::uint64_t>(
      std::count(pending_.begin() + static_cast<std::ptrdiff_t>(written_bytes_), pending_.end(), '\n'));
  AccessEntry entry;
  for (AccessRing* const ring : rings_) {
    while (ring->next(entry)) ++lost;
    ring->release();
  }
  pending_.clear();
  written_bytes_ = 0;
  metrics_.lost_lines.add(lost);
  complain_(std::to_string(lost) + " lines of the access log could not be written before the end");
}

// ---- the thread ----

AccessLogWriter::AccessLogWriter(const Clock& clock, std::vector<AccessRing*> rings, std::unique_ptr<AccessSink> sink,
                                 AccessFormat format, AccessLogMetrics& metrics, AccessLogComplaint complain)
    : clock_(clock),
      drain_(std::move(rings), std::move(sink), format, metrics, std::move(complain)),
      thread_([this] { run(); }) {}

AccessLogWriter::~AccessLogWriter() { stop(); }

void AccessLogWriter::request_reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_requested_ = true;
  }
  wake_.notify_one();
}

void AccessLogWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void AccessLogWriter::run() {
  // Signals are other threads' business; a closed pipe is an error of the write and not the process's end.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);

  Duration wait{0};
  while (true) {
    bool reopen = false;
    bool stop = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, wait, [this] { return stopping_ || reopen_requested_; });
      stop = stopping_;
      reopen = std::exchange(reopen_requested_, false);
    }
    if (reopen) drain_.reopen(clock_.now());
    if (stop) break;
    wait = drain_.pass(clock_.now(), AccessLogDrain::longest_wait);
  }
  drain_.finish(clock_.now(), stop_patience);
}

}  // namespace tenfold::edge
