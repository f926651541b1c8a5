#include "rehearse/log/clock_steps.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

namespace tenfold::rehearse {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t season_ms = 100 * 24 * hour_ms;  // two ends of summer time are further apart

// Clocks are changed at the end of a week, everywhere.
bool at_week_end(std::int64_t at_ms) {
  const std::chrono::weekday day{std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(at_ms)))};
  return day == std::chrono::Sunday || day == std::chrono::Saturday || day == std::chrono::Friday;
}

}  // namespace

void ClockSteps::push(const Entry& entry) {
  Kept& kept = waiting_.emplace_back();
  kept.entry = entry;
  const std::array<std::string_view*, 7> texts{&kept.entry.client, &kept.entry.forwarded, &kept.entry.method,
                                               &kept.entry.target, &kept.entry.referer,   &kept.entry.user_agent,
                                               &kept.entry.host};
  std::size_t bytes = 0;
  for (const std::string_view* text : texts) bytes += text->size();
  kept.texts.resize(std::max<std::size_t>(bytes, 32));  // never short enough to lie in the string itself, which moves
  char* to = kept.texts.data();
  for (std::string_view* text : texts) {
    if (!text->empty()) std::memcpy(to, text->data(), text->size());
    *text = {to, text->size()};
    to += text->size();
  }
}

// The first that waits is 30 to 61 minutes before the newest, and those behind it go on from there.
bool ClockSteps::is_step(std::int64_t at_ms) const {
  if (newest_ms_ == INT64_MIN || at_ms > newest_ms_ - 30 * minute_ms || at_ms < newest_ms_ - 61 * minute_ms)
    return false;
  if (!at_week_end(newest_ms_) || (last_step_ms_ != INT64_MIN && newest_ms_ - last_step_ms_ < season_ms)) return false;
  std::size_t before = 0;
  while (before < waiting_.size() && waiting_[before].entry.at_ms + added_ms_ < newest_ms_ - minute_ms / 2) ++before;
  if (before < 2) return false;
  if (before >= 8 || before == waiting_.size()) return true;
  // So few lines in an hour: then the next one is not far behind them either.
  return waiting_[before].entry.at_ms - waiting_[before - 1].entry.at_ms < 30 * minute_ms;
}

const Entry* ClockSteps::pop() {
  if (waiting_.empty() || (waiting_.size() < ahead && !ended_)) return nullptr;
  Entry& front = waiting_.front().entry;
  if (!front.zoned) {
    if (is_step(front.at_ms + added_ms_)) {
      added_ms_ += hour_ms;
      last_step_ms_ = newest_ms_;
      ++steps_;
    }
    front.at_ms += added_ms_;
    newest_ms_ = std::max(newest_ms_, front.at_ms);
  }
  given_ = std::move(waiting_.front());
  waiting_.pop_front();
  return &given_.entry;
}

}  // namespace tenfold::rehearse
