#include "rehearse/drive/measure/collector.hpp"

#include <algorithm>
#include <optional>

#include "rehearse/record/merge.hpp"

namespace tenfold::rehearse {

namespace {

// What the run lasts beyond its last full second joins that if it is less: it would say nothing by itself.
constexpr Duration least_second = std::chrono::milliseconds(250);

}  // namespace

Collector::Collector(RunRecord record, std::vector<HandOver*> threads, std::counting_semaphore<>& handed,
                     Surroundings surroundings, DriveObserver& observer)
    : record_(std::move(record)),
      handed_(handed),
      surroundings_(std::move(surroundings)),
      observer_(observer),
      last_ended_(surroundings_.begin) {
  for (HandOver* each : threads) threads_.push_back({.hand_over = each, .since = surroundings_.begin});
}

RunRecord Collector::collect() {
  const auto second = std::make_unique<Second>();  // large
  bool asked_to_stop = false;
  for (int number = 0; !std::ranges::all_of(threads_, &Thread::ended); ++number) {
    *second = {};
    second->window.from = std::chrono::seconds(number);
    second->window.to = second->window.from;
    for (Thread& thread : threads_) {
      if (thread.ended) continue;
      const SecondTally& tally = wait_for(thread);
      add(*second, thread, tally);
      thread.hand_over->take();
    }
    // A full second, unless it is the last and ended sooner.
    if (!std::ranges::all_of(threads_, &Thread::ended)) second->window.to = std::chrono::seconds(number + 1);
    if (second->window.to <= second->window.from && second->window.counts.planned == 0) continue;
    finish(*second);
    settle();
    if (observer_.second(record_) == DriveObserver::Proceed::stop && !asked_to_stop) {
      asked_to_stop = true;
      record_.ended = RunRecord::Ended::stopped;
      surroundings_.stop();
    }
  }
  settle();
  auto& judged = record_.judged;
  if (judged.size() > 1 && judged.back().to - judged.back().from < judged_length_ / 2) {
    rehearse::add(judged[judged.size() - 2], judged.back());
    judged.pop_back();
  }
  return std::move(record_);
}

SecondTally& Collector::wait_for(Thread& thread) {
  while (true) {
    if (SecondTally* tally = thread.hand_over->waiting()) return *tally;
    handed_.acquire();
  }
}

void Collector::add(Second& second, Thread& thread, const SecondTally& tally) {
  Window& window = second.window;
  window.counts.add(tally.counts);
  window.in_flight += tally.in_flight;
  window.visitors += tally.visitors;
  const double lasted = in_seconds(tally.at - thread.since);
  if (lasted > 0.1) window.driver_cpu = std::max(window.driver_cpu, in_seconds(tally.cpu - thread.cpu) / lasted);
  window.to = std::max(window.to, tally.at - surroundings_.begin);
  thread.cpu = tally.cpu;
  thread.since = tally.at;
  thread.ended = tally.last;
  last_ended_ = std::max(last_ended_, tally.last_ended);

  for (std::size_t i = 0; i < tally.causes.size(); ++i) {
    if (record_.causes[i].empty()) record_.causes[i] = tally.causes[i];
  }
  record_.response.add(tally.response);
  record_.service.add(tally.service);
  record_.first_byte.add(tally.first_byte);
  record_.arrival_error.add(tally.arrival_error);
  second.response.add(tally.response);
  second.arrival_error.add(tally.arrival_error);
  add_templates(second, tally);
}

void Collector::add_templates(Second& second, const SecondTally& tally) {
  auto& judged = second.judged.templates;
  for (std::size_t i = 0; i < tally.templates.size(); ++i) {
    const TemplateTally& from = tally.templates[i];
    if (from.planned == 0 && from.sent == 0 && from.failed == 0 && from.response.count() == 0 && from.statuses.empty())
      continue;
    TemplateRecord& whole = record_.templates[i];
    whole.planned += from.planned;
    whole.sent += from.sent;
    whole.failed += from.failed;
    whole.response.add(from.response);
    whole.statuses.add(from.statuses);
    whole.held.add(from.held);
    if (whole.led_to.empty()) whole.led_to = from.led_to;

    second.judged.response.add(from.response);
    auto found = std::ranges::find(judged, whole.name, &TemplateRecord::name);
    if (found == judged.end()) {
      judged.emplace_back().name = whole.name;
      found = judged.end() - 1;
    }
    found->planned += from.planned;
    found->sent += from.sent;
    found->failed += from.failed;
    found->response.add(from.response);
    found->statuses.add(from.statuses);
    found->held.add(from.held);
  }
}

void Collector::finish(Second& second) {
  Window& window = second.window;
  const double lasted = in_seconds(window.to - window.from);
  if (lasted > 0) window.planned_per_s = surroundings_.expected(window.from, window.to) / lasted;
  window.p50 = second.response.quantile(0.50);
  window.p95 = second.response.quantile(0.95);
  window.p99 = second.response.quantile(0.99);
  window.most = second.response.most();
  window.arrival_error_p99 = second.arrival_error.quantile(0.99);
  record_.total.add(window.counts);
  second.judged.from = window.from;
  second.judged.to = window.to;
  second.judged.counts = window.counts;
  append(window);
  append(std::move(second.judged));
}

void Collector::append(const Window& window) {
  auto& windows = record_.windows;
  const bool rest = window.to - window.from < least_second;
  if (!windows.empty() && (rest || windows.back().to - windows.back().from < window_length_)) {
    windows.back() = merged(windows.back(), window);
    return;
  }
  if (windows.size() == most_windows) {
    halve(windows);
    window_length_ *= 2;
  }
  windows.push_back(window);
}

void Collector::append(JudgedWindow&& judged) {
  auto& windows = record_.judged;
  if (!windows.empty() && windows.back().to - windows.back().from < judged_length_) {
    return rehearse::add(windows.back(), judged);
  }
  if (windows.size() == most_judged_windows) {
    halve(windows);
    judged_length_ *= 2;
  }
  windows.push_back(std::move(judged));
}

// The record as a whole, after each second.
void Collector::settle() {
  Duration used{};
  Duration elapsed{};
  record_.busiest_thread = 0;
  for (const Thread& thread : threads_) {
    used += thread.cpu;
    elapsed = std::max(elapsed, thread.since - surroundings_.begin);
    const double lasted = in_seconds(thread.since - surroundings_.begin);
    if (lasted > 0) record_.busiest_thread = std::max(record_.busiest_thread, in_seconds(thread.cpu) / lasted);
  }
  record_.driver_cpu_s = in_seconds(used);
  record_.lasted = std::max(last_ended_ - surroundings_.begin, std::min(elapsed, record_.length));
}

}  // namespace tenfold::rehearse
