#include "guard/challenge/place_counts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace tenfold::guard {

namespace {

using std::chrono::floor;
using std::chrono::seconds;

constexpr std::int64_t kept_seconds = PlaceCounts::past_s + PlaceCounts::ahead_s;
// Who was told to come back in two seconds and has not by then hardly will.
constexpr std::int64_t fresh_s = 10;
// How old those are at most of whom it is learned which share comes back.
constexpr std::int64_t judged_s = 60;

std::int64_t second_count(WallTime at) { return floor<seconds>(at.time_since_epoch()).count(); }

std::size_t slot_of(std::int64_t window) {
  return static_cast<std::size_t>((window % PlaceCounts::windows + PlaceCounts::windows) % PlaceCounts::windows);
}

// How much of the ticket's second comes before it.
double part_before(WallTime ticket) { return std::chrono::duration<double>(ticket - floor<seconds>(ticket)).count(); }

}  // namespace

PlaceCounts::PlaceCounts() : seconds_(static_cast<std::size_t>(kept_seconds)) {}

void PlaceCounts::move_to(WallTime now) {
  const std::int64_t to_s = second_count(now);
  if (to_s == now_s_) return;
  // A second that leaves at one end has its place for one that comes at the other: all of its counts are the old one's.
  const std::int64_t moved = std::clamp(to_s - now_s_, -kept_seconds, kept_seconds);
  const std::int64_t first = moved > 0 ? now_s_ + ahead_s : now_s_ + ahead_s + moved;
  for (std::int64_t i = 0; i < std::abs(moved); ++i) seconds_[index_of(first + i)] = Second();
  now_s_ = to_s;
  turn_window(window_number(now));
}

void PlaceCounts::turn_window(std::int64_t to) {
  if (to == window_) return;
  const std::int64_t oldest = to - windows + 1;
  for (std::int64_t number = to > window_ ? std::max(window_ + 1, oldest) : oldest; number <= to; ++number) {
    for (Second& second : seconds_) second.counted[slot_of(number)] = 0;
  }
  window_ = to;
}

void PlaceCounts::join(WallTime ticket) { ++at(ticket).joined; }

void PlaceCounts::come_back(WallTime ticket) { ++at(ticket).came_back; }

void PlaceCounts::count(WallTime ticket) { ++at(ticket).counted[slot_of(window_)]; }

void PlaceCounts::count_again(WallTime ticket, std::int64_t last) {
  Second& second = at(ticket);
  take_away(second, last);
  ++second.counted[slot_of(window_)];
}

void PlaceCounts::leave(WallTime ticket, std::int64_t last) {
  Second& second = at(ticket);
  take_away(second, last);
  ++second.went_in;
}

// It need not be there: after a restart, or when the clock was put back.
void PlaceCounts::take_away(Second& second, std::int64_t last) const {
  if (last > window_ || last <= window_ - windows) return;
  std::uint32_t& counted = second.counted[slot_of(last)];
  if (counted > 0) --counted;
}

std::int64_t PlaceCounts::window_number(WallTime at) { return second_count(at) / floor<seconds>(window).count(); }

double PlaceCounts::living_ahead(WallTime ticket) const {
  const Second& second = at(ticket);
  return second.living_before + beside(second, second.living(), ticket);
}

double PlaceCounts::present_ahead(WallTime ticket) const {
  const Second& second = at(ticket);
  return second.present_before + beside(second, present(second), ticket);
}

double PlaceCounts::beside(const Second& second, std::uint32_t there, WallTime ticket) {
  const double all = static_cast<double>(there) + second.went_in;
  return std::max(0.0, all * part_before(ticket) - second.went_in);
}

std::uint32_t PlaceCounts::present(const Second& second) const {
  return second.counted[slot_of(window_)] + second.counted[slot_of(window_ - 1)];
}

// Their share alone would take a crowd for the flood that was before it: of forty who join at once, after thousands who
// did not come back, nobody would be expected. So no more are taken off than were missing lately, give or take chance.
double PlaceCounts::coming_ahead(WallTime ticket) const {
  const Second& second = at(ticket);
  const bool is_fresh = kept_second(ticket) > now_s_ - fresh_s;
  const double fresh = second.fresh_before + (is_fresh ? second.fresh() * part_before(ticket) : 0);
  return std::max(comes_back_ * fresh, fresh - missing_ - 3 * std::sqrt(missing_));
}

void PlaceCounts::recount() {
  std::uint32_t living = 0;
  std::uint32_t present_before = 0;
  std::uint32_t fresh = 0;
  for (std::int64_t second_s = now_s_ - past_s; second_s < now_s_ + ahead_s; ++second_s) {
    Second& second = seconds_[index_of(second_s)];
    second.living_before = living;
    second.present_before = present_before;
    second.fresh_before = fresh;
    living += second.living();
    present_before += present(second);
    if (second_s > now_s_ - fresh_s) fresh += second.fresh();
  }
  living_ = living;
  learn_who_comes();
}

void PlaceCounts::learn_who_comes() {
  std::uint64_t joined = 0;
  std::uint64_t came_back = 0;
  std::uint64_t missing = 0;
  for (std::int64_t second_s = now_s_ - judged_s; second_s <= now_s_ - fresh_s; ++second_s) {
    const Second& second = seconds_[index_of(second_s)];
    joined += second.joined;
    came_back += std::min(second.came_back, second.joined);
    if (second_s > now_s_ - 2 * fresh_s) missing += second.fresh();
  }
  // All of them where nothing is known.
  comes_back_ = joined == 0 ? 1 : static_cast<double>(came_back) / static_cast<double>(joined);
  missing_ = static_cast<double>(missing);
}

std::int64_t PlaceCounts::kept_second(WallTime ticket) const {
  return std::clamp(second_count(ticket), now_s_ - past_s, now_s_ + ahead_s - 1);
}

std::size_t PlaceCounts::index_of(std::int64_t second) {
  const std::int64_t index = second % kept_seconds;
  return static_cast<std::size_t>(index < 0 ? index + kept_seconds : index);
}

}  // namespace tenfold::guard
