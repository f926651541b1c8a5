#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include "base/random.hpp"
#include "rehearse/record/run_record.hpp"

// For tests: a shop of some workers with a fixed service time, as a queue in a loop, and the record that a driver would
// make of a run against it.
namespace tenfold::rehearse::testing_shop {

struct Shop {
  int workers = 20;
  double service_s = 0.04;
  double capacity() const { return workers / service_s; }
};

inline std::unique_ptr<RunRecord> run(const Shop& shop, double per_s, double seconds, std::uint64_t seed,
                                      double timeout_s = 30) {
  auto record = std::make_unique<RunRecord>();
  record->mode = RunRecord::Mode::constant_rate;
  record->length = Duration(static_cast<std::int64_t>(seconds * 1e9));
  record->lasted = record->length;
  record->rate_per_s = per_s;
  const auto bins = static_cast<std::size_t>(std::ceil(seconds));
  record->windows.resize(bins);
  record->judged.resize((bins + 9) / 10);
  record->templates.resize(1);
  record->templates[0].name = "GET /page";
  for (std::size_t i = 0; i < bins; ++i) {
    record->windows[i].from = std::chrono::seconds(i);
    record->windows[i].to = std::chrono::seconds(i + 1);
  }
  for (std::size_t i = 0; i < record->judged.size(); ++i) {
    record->judged[i].from = std::chrono::seconds(i * 10);
    record->judged[i].to = std::min<Duration>(std::chrono::seconds(i * 10 + 10), record->length);
    record->judged[i].templates.resize(1);
    record->judged[i].templates[0].name = "GET /page";
  }
  FastRandom random(seed);
  std::priority_queue<double, std::vector<double>, std::greater<>> free;
  for (int i = 0; i < shop.workers; ++i) free.push(0);
  std::vector<double> change(bins + 1);
  for (double at = -std::log(1 - random.unit()) / per_s; at < seconds; at -= std::log(1 - random.unit()) / per_s) {
    const double begins = std::max(at, free.top());
    free.pop();
    const double done = begins + shop.service_s;
    free.push(done);
    const bool failed = done - at > timeout_s;
    const Duration took(static_cast<std::int64_t>(std::min(done - at, timeout_s) * 1e9));
    const auto planned_in = static_cast<std::size_t>(at);
    ++record->windows[planned_in].counts.planned;
    ++record->windows[planned_in].counts.sent;
    change[planned_in] += 1;
    const auto done_in = std::min(static_cast<std::size_t>(std::min(done, at + timeout_s)), bins);
    change[done_in] -= 1;
    ++record->total.planned;
    ++record->total.sent;
    record->response.record(took);
    record->templates[0].response.record(took);
    ++record->templates[0].sent;
    JudgedWindow& judged = record->judged[std::min(done_in, bins - 1) / 10];
    judged.response.record(took);
    judged.templates[0].response.record(took);
    ++judged.templates[0].sent;
    auto count = [&](Counts& counts) { failed ? ++counts.failed[3] : ++counts.answered; };
    count(record->total);
    count(judged.counts);
    count(record->windows[std::min(done_in, bins - 1)].counts);
    if (failed) ++record->templates[0].failed, ++judged.templates[0].failed;
  }
  double in_flight = 0;
  for (std::size_t i = 0; i < bins; ++i) {
    in_flight += change[i];
    record->windows[i].in_flight = static_cast<std::uint64_t>(std::max(0.0, in_flight));
  }
  return record;
}

}  // namespace tenfold::rehearse::testing_shop
