#include "guard/judge/watched.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <tuple>
#include <utility>

#include "guard/judge/fading.hpp"

namespace tenfold::guard::judging {

namespace {

constexpr Duration lately_memory = std::chrono::seconds(5);
constexpr Duration ask_memory = std::chrono::seconds(1);
constexpr Duration cost_memory = std::chrono::seconds(10);
// Who has been silent until so little is left is forgotten: 500 requests after 50 s.
constexpr double least = 0.02;

void add(Watched& watched, const HeavySubject& heavy, double general_cost_ms) {
  watched.network = heavy.network;
  watched.block = heavy.block;
  watched.spread = heavy.spread;
  watched.lately.add(heavy.counts);
  watched.answers += heavy.counts.answered;
  watched.answer_ms += heavy.counts.origin_ms;
  const double cost_ms = watched.answers >= 1 ? watched.answer_ms / watched.answers : general_cost_ms;
  watched.window_ask_ms = heavy.counts.asked * cost_ms;
  watched.ask_ms += watched.window_ask_ms;
  watched.asked += heavy.counts.asked;
}

bool is_silent(const Watched& watched) {
  const SubjectCounts& lately = watched.lately;
  return watched.excess_ms <= 0 && lately.requests < least && lately.half_sent < least && lately.known < least;
}

}  // namespace

void WatchList::take(const std::vector<HeavySubject>& heavy, double general_cost_ms, Duration window) {
  fade(window);
  std::vector<const HeavySubject*> sorted;
  sorted.reserve(heavy.size());
  for (const HeavySubject& one : heavy) sorted.push_back(&one);
  std::ranges::sort(sorted, {}, [](const HeavySubject* one) { return one->subject; });

  std::vector<Watched> merged;
  merged.reserve(all_.size() + heavy.size());
  auto old = all_.begin();
  for (const HeavySubject* const one : sorted) {
    while (old != all_.end() && old->subject < one->subject) merged.push_back(std::move(*old++));
    const bool known = old != all_.end() && old->subject == one->subject;
    Watched& watched = merged.emplace_back();
    if (known) watched = std::move(*old++);
    watched.subject = one->subject;
    add(watched, *one, general_cost_ms);
  }
  std::move(old, all_.end(), std::back_inserter(merged));
  // Only now, so that a newcomer's rate is of this window too.
  for (Watched& watched : merged) watched.seconds += in_seconds(window);
  all_ = std::move(merged);
  keep_within_bounds();
}

void WatchList::fade(Duration window) {
  std::erase_if(all_, is_silent);
  const double lately = kept_after(window, lately_memory);
  const double ask = kept_after(window, ask_memory);
  const double cost = kept_after(window, cost_memory);
  for (Watched& watched : all_) {
    watched.lately.fade(lately);
    watched.window_ask_ms = 0;
    watched.ask_ms *= ask;
    watched.asked *= ask;
    watched.seconds *= ask;
    watched.answers *= cost;
    watched.answer_ms *= cost;
  }
}

void WatchList::keep_within_bounds() {
  if (all_.size() <= most_) return;
  const auto weight = [](const Watched& watched) {
    return std::tuple(watched.excess_ms + watched.ask_ms, watched.lately.requests + watched.lately.half_sent,
                      watched.subject);
  };
  std::ranges::nth_element(all_, all_.begin() + static_cast<std::ptrdiff_t>(most_), std::ranges::greater{}, weight);
  all_.resize(most_);
  std::ranges::sort(all_, {}, &Watched::subject);
}

}  // namespace tenfold::guard::judging
