#include "watch/history/history_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.hpp"
#include "base/thread.hpp"

namespace tenfold::watch {

namespace {

std::size_t bounded_size(const Batch& batch) {
  return batch.results.size() + batch.hours.size() + batch.changes.size();
}

template <class Record>
void append(std::vector<Record>& to, std::vector<Record>&& from, std::size_t most) {
  const auto count = std::min(most, from.size());
  std::move(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count), std::back_inserter(to));
}

}  // namespace

HistoryWriter::HistoryWriter(const Clock& clock, Options options, std::unique_ptr<HistoryStore> opened,
                             std::string error)
    : clock_(clock),
      options_(std::move(options)),
      begun_(clock.wall_now()),
      retention_(options_.retention),
      store_(std::move(opened)) {
  status_.error = std::move(error);
  begin();
}

void HistoryWriter::begin() {
  auto thread = start_thread("the thread that keeps history", [this] { run(); });
  if (thread) {
    thread_ = std::move(*thread);
    return;
  }
  begin_next_ = clock_.now() + options_.retry_every;
  const std::lock_guard lock(mutex_);
  if (status_.error.empty()) log::error("watch: history cannot be kept, watching goes on: {}", thread.error().text());
  status_.error = thread.error().text();
}

HistoryWriter::~HistoryWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void HistoryWriter::hand_in(Batch batch) {
  if (!thread_.joinable() && clock_.now() >= *begin_next_) begin();
  const std::lock_guard lock(mutex_);
  const std::size_t offered = bounded_size(batch);
  const std::size_t before = bounded_size(waiting_);
  const auto room = [&] { return options_.most_waiting - std::min(options_.most_waiting, bounded_size(waiting_)); };
  // Hours and changes are few and stand for many results: they come first.
  append(waiting_.hours, std::move(batch.hours), room());
  append(waiting_.changes, std::move(batch.changes), room());
  append(waiting_.results, std::move(batch.results), room());
  status_.lost_total += offered - (bounded_size(waiting_) - before);
  // What was said of a check later stands; one that is forgotten has no state, until it is there again.
  for (const std::string& check : batch.forgotten) states_[check] = std::nullopt;
  for (StateRecord& record : batch.states) states_[record.check] = std::move(record);
  if (batch.hours_until) waiting_.hours_until = batch.hours_until;
  if (batch.alive_at) waiting_.alive_at = batch.alive_at;
  if (batch.uplink_down) waiting_.uplink_down = batch.uplink_down;
  if (batch.keep_results) waiting_.keep_results = batch.keep_results;
}

HistoryWriter::Status HistoryWriter::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Batch HistoryWriter::take() {
  const std::lock_guard lock(mutex_);
  Batch batch = std::exchange(waiting_, Batch());
  for (auto& [check, record] : std::exchange(states_, {})) {
    if (record) {
      batch.states.push_back(std::move(*record));
    } else {
      batch.forgotten.push_back(check);
    }
  }
  return batch;
}

void HistoryWriter::wait(Duration at_most) {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, at_most, [this] { return stopping_; });
}

void HistoryWriter::run() {
  const auto stopping = [this] {
    const std::lock_guard lock(mutex_);
    return stopping_;
  };
  while (true) {
    wait(options_.write_every);
    const bool last = stopping();
    const Batch batch = take();
    while (!write(batch)) {
      if (last || stopping()) return;
      wait(options_.retry_every);
    }
    if (last) return;
  }
}

// True: done with it.
bool HistoryWriter::write(const Batch& batch) {
  Result<void> written{};
  if (batch.keep_results) retention_.results = *batch.keep_results;
  if (!store_) {
    // As of the beginning: hours that have ended since are handed in, and would be counted twice.
    auto opened = HistoryStore::open(options_.file, retention_, begun_);
    if (opened) {
      store_ = std::move(*opened);
    } else {
      written = std::unexpected(opened.error());
    }
  }
  if (store_) written = store_->write(batch, clock_.wall_now());
  const std::string error = written ? std::string() : written.error().text();
  // Whatever is wrong with it, opening it anew does no harm and may help: its disk was mounted anew, it was moved away.
  if (!written) store_.reset();
  const std::lock_guard lock(mutex_);
  if (error.empty() != status_.error.empty()) {
    if (error.empty()) {
      log::info("watch: history is kept again");
    } else {
      log::error("watch: history cannot be kept, watching goes on: {}", error);
    }
  }
  status_.error = error;
  if (written) status_.written_total += batch.size();
  return written.has_value();
}

}  // namespace tenfold::watch
