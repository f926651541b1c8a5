#include "app/rehearse/live_view.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "rehearse/verdict/judge.hpp"
#include "rehearse/verdict/words.hpp"

namespace tenfold::app {
namespace {

using rehearse::RunRecord;
using rehearse::Window;

constexpr int seconds_a_line = 10;

// Whether a person wants it to end. From the first time on the signals act as usual: the second ends the program at
// once.
bool asked_to_stop() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  const timespec at_once{};
  if (::sigtimedwait(&wanted, nullptr, &at_once) < 0) return false;
  ::pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
  return true;
}

// Answers a second over the last minute as a row of bars.
std::string sparkline(const RunRecord& record) {
  static constexpr std::string_view bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t shown = std::min<std::size_t>(60, record.windows.size());
  double most = 1;
  const auto first = record.windows.end() - static_cast<std::ptrdiff_t>(shown);
  for (auto window = first; window != record.windows.end(); ++window)
    most = std::max(most, static_cast<double>(window->counts.answered));
  std::string line;
  for (auto window = first; window != record.windows.end(); ++window)
    line += bars[static_cast<std::size_t>(static_cast<double>(window->counts.answered) / most * 7.0)];
  return line;
}

struct Rates {
  double planned = 0;
  double answered = 0;
  double failed = 0;
};
Rates rates_of(const Window& window) {
  const double length = std::max(1e-9, rehearse::in_seconds(window.to - window.from));
  return {static_cast<double>(window.counts.planned) / length, static_cast<double>(window.counts.answered) / length,
          static_cast<double>(window.counts.failed_all()) / length};
}

std::string left_of(const RunRecord& record, const Window& window) {
  return window.to >= record.length ? "waiting for answers"
                                    : rehearse::moment_text(record.length - window.to) + " left";
}

}  // namespace

void LiveView::name_step(std::string name) {
  erase();
  step_ = std::move(name);
  seconds_ = 0;
  why_down_.clear();
}

rehearse::DriveObserver::Proceed LiveView::second(const RunRecord& record) {
  if (asked_to_stop()) {
    interrupted_ = true;
    return Proceed::stop;
  }
  if (interrupted_ || !why_down_.empty()) return Proceed::stop;
  if (when_down_ == RehearseOptions::WhenDown::stop) {
    why_down_ = rehearse::clearly_down(record);
    if (!why_down_.empty()) return Proceed::stop;
  }
  if (record.windows.empty()) return Proceed::on;
  ++seconds_;
  if (form_ == Form::redrawn) {
    draw(record);
  } else if (seconds_ % seconds_a_line == 0) {
    say(record);
  }
  return Proceed::on;
}

void LiveView::erase() {
  if (drawn_lines_ == 0) return;
  const std::string text = fmt::format("\x1b[{}A\r\x1b[J", drawn_lines_);
  [[maybe_unused]] const auto written = ::write(2, text.data(), text.size());
  drawn_lines_ = 0;
}

void LiveView::draw(const RunRecord& record) {
  erase();
  const Window& window = record.windows.back();
  const Rates rates = rates_of(window);
  const std::string errors = fmt::format("{:.1f}/s failed", rates.failed);
  const std::string failed = rates.failed > 0 ? err_.ink(Ink::red, errors) : errors;
  if (!step_.empty()) err_.line(err_.ink(Ink::bold, step_));
  err_.line(fmt::format("  {:>9.1f}/s planned  {:>9.1f}/s answered  {}", rates.planned, rates.answered, failed));
  err_.line(fmt::format("  p50 {:>8}  p95 {:>8}  p99 {:>8}", rehearse::time_text(rehearse::in_seconds(window.p50)),
                        rehearse::time_text(rehearse::in_seconds(window.p95)),
                        rehearse::time_text(rehearse::in_seconds(window.p99))));
  err_.line(fmt::format("  {} in flight, {} visitors, {}", window.in_flight, window.visitors, left_of(record, window)));
  err_.line("  " + sparkline(record));
  drawn_lines_ = step_.empty() ? 4 : 5;
}

void LiveView::say(const RunRecord& record) {
  const Window& window = record.windows.back();
  const Rates rates = rates_of(window);
  err_.line(fmt::format(
      "{}{} {:.1f}/s planned, {:.1f}/s answered, {:.1f}/s failed, p50 {} p95 {} p99 {}, {} in flight, {}",
      step_.empty() ? "" : step_ + ": ", rehearse::moment_text(window.to), rates.planned, rates.answered, rates.failed,
      rehearse::time_text(rehearse::in_seconds(window.p50)), rehearse::time_text(rehearse::in_seconds(window.p95)),
      rehearse::time_text(rehearse::in_seconds(window.p99)), window.in_flight, left_of(record, window)));
}

}  // namespace tenfold::app
