#include "watch/schedule/schedule.hpp"

#include <algorithm>
#include <cmath>

#include "base/result.hpp"

namespace tenfold::watch {

namespace {

double per_second(Duration every) { return 1.0 / std::chrono::duration<double>(every).count(); }

Duration share_of(Duration whole, double share) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(whole.count()) * share));
}

// Multiples of the golden section, modulo one: however many are taken, the gaps between them are of at most three
// sizes.
double evenly_spread(std::uint64_t number) {
  constexpr double golden_section = 0.6180339887498949;
  double whole = 0;
  return std::modf(static_cast<double>(number) * golden_section, &whole);
}

}  // namespace

void Schedule::add(Id id, Duration every, TimePoint now) {
  TENFOLD_ASSERT(every > Duration::zero() && !entries_.contains(id));
  const double share = evenly_spread(added_++);
  Entry entry{.every = every, .regular = origin_ + share_of(every, share), .planned = {}};
  const TimePoint first = now + share_of(std::min(every, first_looks_within), share);
  entry.regular += std::max<Duration::rep>(0, (first - entry.regular) / every) * every;
  while (entry.regular <= first) entry.regular += every;
  entry.planned = first;
  entries_.emplace(id, entry);
  queue_.emplace(first, id);
  rate_per_s_ += per_second(every);
}

void Schedule::remove(Id id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  queue_.erase({found->second.planned, id});
  rate_per_s_ -= per_second(found->second.every);
  entries_.erase(found);
}

void Schedule::hasten(Id id, TimePoint at) {
  const auto found = entries_.find(id);
  if (found != entries_.end() && at < found->second.planned) plan(id, found->second, at);
}

std::vector<Schedule::Id> Schedule::due(TimePoint now) {
  std::vector<Id> ids;
  free_at_ = std::max(free_at_, now - burst);
  while (!queue_.empty() && queue_.begin()->first <= now && free_at_ <= now) {
    const auto [planned, id] = *queue_.begin();
    if (now - planned > late_after) ++late_;
    Entry& entry = entries_.at(id);
    advance(entry, now);
    plan(id, entry, entry.regular);
    free_at_ += gap();
    ids.push_back(id);
  }
  return ids;
}

std::optional<TimePoint> Schedule::next() const {
  if (queue_.empty()) return std::nullopt;
  return std::max(queue_.begin()->first, free_at_);
}

Duration Schedule::gap() const {
  const double all_soon =
      static_cast<double>(entries_.size()) / std::chrono::duration<double>(first_looks_within).count();
  const double pace = rate_per_s_ + std::max(rate_per_s_, std::clamp(all_soon, least_pace_per_s, enough_pace_per_s));
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1.0 / pace));
}

void Schedule::plan(Id id, Entry& entry, TimePoint at) {
  queue_.erase({entry.planned, id});
  entry.planned = at;
  queue_.emplace(at, id);
}

// The look that leaves now stands for the last of those that should have left by now; the others are skipped.
void Schedule::advance(Entry& entry, TimePoint now) {
  if (entry.regular > now) return;
  const auto passed = (now - entry.regular) / entry.every + 1;
  skipped_ += static_cast<std::uint64_t>(passed - 1);
  entry.regular += passed * entry.every;
}

}  // namespace tenfold::watch
