#include "console/recorder.hpp"

namespace tenfold::console {

void Recorder::record(const Status& status, TimePoint now) {
  const Reading reading{.at = now,
                        .requests = status.requests_total,
                        .client_errors = status.client_errors_total,
                        .server_errors = status.server_errors_total,
                        .guard_answers = status.guard_answers_total,
                        .from_cache = status.from_cache_total};
  // Two readings at one time say nothing about a rate.
  if (last_ && now <= last_->at) return;
  if (last_ && reading.requests >= last_->requests) {
    const double seconds = std::chrono::duration<double>(now - last_->at).count();
    const auto grown = [](std::uint64_t from, std::uint64_t to) {
      return to > from ? static_cast<double>(to - from) : 0;
    };
    const double requests = grown(last_->requests, reading.requests);
    rates_ = {.requests_per_s = requests / seconds,
              .client_errors_per_s = grown(last_->client_errors, reading.client_errors) / seconds,
              .server_errors_per_s = grown(last_->server_errors, reading.server_errors) / seconds,
              .guard_answers_per_s = grown(last_->guard_answers, reading.guard_answers) / seconds,
              .from_cache_share = requests > 0 ? grown(last_->from_cache, reading.from_cache) / requests : 0};
    points_.push_back({now, rates_, status.latency});
    if (points_.size() > most_points) points_.pop_front();
  } else {
    rates_ = {};
  }
  last_ = reading;
}

}  // namespace tenfold::console
