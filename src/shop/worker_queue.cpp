#include "shop/worker_queue.hpp"

#include <algorithm>
#include <functional>

#include "base/result.hpp"

namespace tenfold::shop {

WorkerQueue::WorkerQueue(std::size_t workers, std::size_t line_limit)
    : free_at_(workers, TimePoint{}), line_limit_(line_limit) {
  TENFOLD_ASSERT(workers > 0);
}

std::optional<Turn> WorkerQueue::admit(TimePoint now, Duration service_time) {
  const TimePoint first_free = free_at_.front();
  const bool must_wait = first_free > now;
  if (must_wait && waiting(now) >= line_limit_) return std::nullopt;

  const Turn turn{.starts = std::max(now, first_free), .ends = std::max(now, first_free) + service_time};
  std::ranges::pop_heap(free_at_, std::greater{});
  free_at_.back() = turn.ends;
  std::ranges::push_heap(free_at_, std::greater{});
  if (must_wait) starts_.push_back(turn.starts);
  return turn;
}

std::size_t WorkerQueue::busy(TimePoint now) const {
  return static_cast<std::size_t>(std::ranges::count_if(free_at_, [now](TimePoint free) { return free > now; }));
}

std::size_t WorkerQueue::waiting(TimePoint now) {
  while (!starts_.empty() && starts_.front() <= now) starts_.pop_front();
  return starts_.size();
}

}  // namespace tenfold::shop
