#include "guard/ladder/known_visits.hpp"

#include <bit>

namespace tenfold::guard::ladder {

// Both are keyed hashes already.
std::uint64_t KnownVisits::key_of(const KnownVisit& visit) {
  return visit.visitor ^ std::rotl(static_cast<std::uint64_t>(visit.of.client), 32);
}

void KnownVisits::record(const KnownVisit& visit, TimePoint now) {
  const auto [counted, is_new] = counted_.try_emplace(key_of(visit), now);
  if (!is_new && now - counted->second < one_visit) return;
  counted->second = now;
  forget_old(now);
  if (count_ == most_visits) forget_oldest();
  if (ring_.size() < most_visits && next_ == ring_.size()) ring_.emplace_back();
  ring_[next_] = {visit, now};
  next_ = (next_ + 1) % most_visits;
  ++count_;
  for (const judging::Subject& subject : visit.of.all()) {
    if (subject.id != judging::nobody) ++by_subject_[subject];
  }
}

void KnownVisits::forget_old(TimePoint now) {
  while (count_ != 0 && now - ring_[oldest()].at >= kept) forget_oldest();
}

void KnownVisits::forget_oldest() {
  const Kept& gone = ring_[oldest()];
  for (const judging::Subject& subject : gone.visit.of.all()) {
    if (subject.id == judging::nobody) continue;
    const auto found = by_subject_.find(subject);
    if (--found->second == 0) by_subject_.erase(found);
  }
  const auto counted = counted_.find(key_of(gone.visit));
  if (counted != counted_.end() && counted->second == gone.at) counted_.erase(counted);
  --count_;
}

std::uint64_t KnownVisits::with(const judging::Subject& subject) const {
  const auto found = by_subject_.find(subject);
  return found == by_subject_.end() ? 0 : found->second;
}

}  // namespace tenfold::guard::ladder
