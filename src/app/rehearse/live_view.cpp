#include "app/rehearse/live_view.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
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

// How wide the terminal is now; what is not known is taken to be wide.
std::size_t columns() {
  winsize size{};
  return ::ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 1000;
}

// Whether a person wants it to end. From the first time on the signals act as usual: the second ends the program at
// once.
bool asked_to_stop() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGHUP);
  const timespec at_once{};
  if (::sigtimedwait(&wanted, nullptr, &at_once) < 0) return false;
  // A terminal that goes says so more than once, and the report is still to be written.
  std::signal(SIGHUP, SIG_IGN);
  ::pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
  return true;
}

// Answers a second over the last minute as a row of bars.
std::string sparkline(const RunRecord& record, std::size_t most) {
  static constexpr std::string_view bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t shown = std::min({std::size_t{60}, most, record.windows.size()});
  double highest = 1;
  const auto first = record.windows.end() - static_cast<std::ptrdiff_t>(shown);
  for (auto window = first; window != record.windows.end(); ++window)
    highest = std::max(highest, static_cast<double>(window->counts.answered));
  std::string line;
  for (auto window = first; window != record.windows.end(); ++window)
    line += bars[static_cast<std::size_t>(static_cast<double>(window->counts.answered) / highest * 7.0)];
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

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view first_characters(std::string_view text, std::size_t most) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if ((text[at] & 0xc0) != 0x80 && ++seen > most) break;
  }
  return text.substr(0, at);
}

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

// A terminal that has become narrower has broken what was drawn into more lines.
void LiveView::erase() {
  if (drawn_.empty()) return;
  const std::size_t width = columns();
  std::size_t lines = 0;
  for (const std::size_t drawn : drawn_) lines += std::max<std::size_t>(1, (drawn + width - 1) / width);
  const std::string text = fmt::format("\x1b[{}A\r\x1b[J", lines);
  [[maybe_unused]] const auto written = ::write(2, text.data(), text.size());
  drawn_.clear();
}

// One line of the picture; what the terminal has no room for is left out.
void LiveView::draw_line(std::string_view text, Ink ink) {
  const std::string_view cut = first_characters(text, columns() - 1);
  err_.line(ink == Ink::bold || ink == Ink::red ? err_.ink(ink, cut) : std::string(cut));
  drawn_.push_back(characters_in(cut));
}

void LiveView::draw(const RunRecord& record) {
  erase();
  const Window& window = record.windows.back();
  const Rates rates = rates_of(window);
  const auto time = [](Duration duration) { return rehearse::time_text(rehearse::in_seconds(duration)); };
  constexpr Ink plain = Ink::green;
  if (!step_.empty()) draw_line(step_, Ink::bold);
  draw_line(fmt::format("  {:>9.1f}/s planned  {:>9.1f}/s answered  {:.1f}/s failed", rates.planned, rates.answered,
                        rates.failed),
            rates.failed > 0 ? Ink::red : plain);
  draw_line(fmt::format("  p50 {:>8}  p95 {:>8}  p99 {:>8}", time(window.p50), time(window.p95), time(window.p99)),
            plain);
  draw_line(fmt::format("  {} in flight, {} visitors, {}", window.in_flight, window.visitors, left_of(record, window)),
            plain);
  draw_line("  " + sparkline(record, std::max<std::size_t>(columns(), 4) - 3), plain);
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
