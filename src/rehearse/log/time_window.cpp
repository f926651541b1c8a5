#include "rehearse/log/time_window.hpp"

#include <algorithm>
#include <cstring>

namespace tenfold::rehearse {
namespace {

std::int64_t second_of(std::int64_t ms) { return ms >= 0 ? ms / 1000 : (ms - 999) / 1000; }

}  // namespace

void TimeWindow::Second::clear() {
  entries.clear();
  block = used = 0;
  sorted = true;
  if (blocks.size() > 4) blocks.resize(4);
}

std::string_view TimeWindow::keep(Second& second, std::string_view text) {
  if (text.empty()) return {};
  if (second.blocks.empty() || second.used + text.size() > block_bytes) {
    if (!second.blocks.empty()) ++second.block;
    if (second.block >= second.blocks.size())
      second.blocks.push_back(std::make_unique_for_overwrite<char[]>(block_bytes));
    second.used = 0;
  }
  char* const to = second.blocks[second.block].get() + second.used;
  std::memcpy(to, text.data(), text.size());
  second.used += text.size();
  return {to, text.size()};
}

TimeWindow::Second TimeWindow::fresh() {
  if (spare_.empty()) return {};
  Second second = std::move(spare_.back());
  spare_.pop_back();
  return second;
}

void TimeWindow::let_go() {
  Second second = std::move(seconds_.front());
  seconds_.pop_front();
  ++first_;
  let_go_any_ = true;
  if (!second.sorted) {
    std::stable_sort(second.entries.begin(), second.entries.end(),
                     [](const Entry& a, const Entry& b) { return a.at_ms < b.at_ms; });
  }
  for (const Entry& entry : second.entries) visit_(entry);
  waiting_ -= second.entries.size();
  second.clear();
  if (spare_.size() < 256) spare_.push_back(std::move(second));
}

void TimeWindow::move_to(std::int64_t second) {
  if (!begun_) {
    begun_ = true;
    first_ = newest_ = second;
    return;
  }
  if (second <= newest_) return;
  newest_ = second;
  while (!seconds_.empty() && first_ < newest_ - window_seconds_) let_go();
  if (seconds_.empty() && let_go_any_) first_ = std::max(first_, newest_ - window_seconds_);
}

void TimeWindow::take(const Entry& entry) {
  const std::int64_t second = second_of(entry.at_ms);
  move_to(second);
  if (second < first_) {
    // Before anything was let go there is still room in front.
    if (first_ - second <= window_seconds_ && newest_ - second <= window_seconds_ && !let_go_any_) {
      for (; first_ > second; --first_) seconds_.push_front(fresh());
    } else {
      ++late_;
      visit_(entry);
      return;
    }
  }
  while (first_ + static_cast<std::int64_t>(seconds_.size()) <= second) seconds_.push_back(fresh());
  Second& into = seconds_[static_cast<std::size_t>(second - first_)];
  Entry kept = entry;
  kept.client = keep(into, entry.client);
  kept.method = keep(into, entry.method);
  kept.target = keep(into, entry.target);
  kept.referer = keep(into, entry.referer);
  kept.user_agent = keep(into, entry.user_agent);
  if (!into.entries.empty() && into.entries.back().at_ms > kept.at_ms) into.sorted = false;
  into.entries.push_back(kept);
  if (++waiting_ > most_waiting_) {
    while (!seconds_.empty() && waiting_ > most_waiting_ / 2) {
      let_go();
    }
  }
}

void TimeWindow::flush() {
  while (!seconds_.empty()) let_go();
}

}  // namespace tenfold::rehearse
