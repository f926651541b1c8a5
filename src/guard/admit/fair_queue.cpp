#include "guard/admit/fair_queue.hpp"

#include <algorithm>

#include "base/result.hpp"

namespace tenfold::guard {

namespace {

constexpr double most_owed_ms = 1000;

bool newest_first(Rank rank) { return rank == Rank::stranger; }

Duration ms(double count) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(count));
}

}  // namespace

FairQueue::Joined FairQueue::join(Waiter& waiter, TimePoint now) {
  now_ = now;
  TENFOLD_ASSERT(!waiter.waits_ && waiter.weight > 0);
  Joined joined;
  const bool outsider = waiter.rank >= Rank::stranger;
  const std::size_t outsiders = size(Rank::stranger) + size(Rank::last);
  if (size_ >= options_.most_waiting || (outsider && outsiders >= options_.most_strangers)) {
    joined.displaced = make_room(waiter);
    if (joined.displaced == nullptr) return joined;
    remove(*joined.displaced, now);
  }
  RankState& rank = ranks_[index(waiter.rank)];
  if (rank.size == 0) begin(rank, now);
  waiter.since = now;
  ++joined_;
  waiter.number_ = pressed_ && newest_first(waiter.rank) ? -joined_ : joined_;
  const double start = start_of(rank, waiter.flow);
  if (waiter.flow != 0) charge(rank, waiter.flow, start, waiter.expected_ms / waiter.weight);
  waiter.turn_ = start - (waiter.goes_on ? options_.head_start_ms : 0);
  insert(waiter);
  if (start <= start_of_newcomer(rank) + options_.longest_up_to_ms) rank.elders.push_back(waiter.elder_);
  joined.waits = true;
  return joined;
}

void FairQueue::leave(Waiter& waiter, TimePoint now) {
  if (!waiter.waits_) return;
  remove(waiter, now);
  correct(waiter.rank, waiter.flow, waiter.weight, waiter.expected_ms, 0);
}

void FairQueue::serve(Waiter& waiter, TimePoint now) {
  if (!waiter.waits_) return;
  now_ = now;
  for (std::size_t i = 0; i < fair_ranks; ++i) {
    if (ranks_[i].size == 0) continue;
    const bool is_its_own = index(waiter.floor_of) == i && waiter.rank < waiter.floor_of;
    const double share = options_.floor[i] * (is_its_own ? options_.floor_beside_its_own : 1);
    ranks_[i].owed_ms = std::min(ranks_[i].owed_ms + share * waiter.expected_ms, most_owed_ms);
  }
  RankState& rank = ranks_[index(waiter.rank)];
  const bool in_turn = *lane_of(waiter.lane).ranks[index(waiter.rank)].begin() == &waiter;
  rank.owed_longest_ms = std::min(rank.owed_longest_ms + options_.longest_share * waiter.expected_ms, most_owed_ms);
  if (!in_turn) rank.owed_longest_ms = std::max(rank.owed_longest_ms - waiter.expected_ms, 0.0);
  remove(waiter, now);
  // What it owes for places that it held stays.
  if (rank.owed_ms > 0) rank.owed_ms = std::max(rank.owed_ms - waiter.expected_ms, 0.0);
  // Those that wait: were all counted that are remembered, time would stand still in a crowd, and with it whoever has
  // taken anything at all, behind newcomers without end.
  const double sharing = static_cast<double>(rank.size + 1);
  // Who is served for having waited longest is no measure of what the others have had.
  if (in_turn) rank.virtual_ms = std::max(rank.virtual_ms, waiter.turn_);
  rank.virtual_ms += waiter.expected_ms / waiter.weight / sharing;
}

bool FairQueue::would_bring_forward(const Waiter& waiter, Rank rank, std::uint64_t flow) const {
  if (rank != waiter.rank) return rank < waiter.rank;
  return flow != waiter.flow && start_of(ranks_[index(rank)], flow) < waiter.turn_;
}

double FairQueue::start_of(const RankState& rank, std::uint64_t flow) const {
  const double start = start_of_newcomer(rank);
  const auto found = flow != 0 ? rank.finish_ms.find(flow) : rank.finish_ms.end();
  return found != rank.finish_ms.end() ? std::max(start, found->second) : start;
}

void FairQueue::correct(Rank which, std::uint64_t flow, double weight, double expected_ms, double real_ms) {
  if (flow == 0) return;
  RankState& rank = ranks_[index(which)];
  const auto found = rank.finish_ms.find(flow);
  if (found == rank.finish_ms.end()) {
    // It may have been forgotten while its request was under way; what is over its share is remembered again.
    const double over = (real_ms - expected_ms) / weight;
    if (over > 0 && rank.size != 0) charge(rank, flow, start_of_newcomer(rank), over);
    return;
  }
  found->second += (real_ms - expected_ms) / weight;
  if (found->second <= start_of_newcomer(rank)) rank.finish_ms.erase(found);
}

void FairQueue::charge_held(Rank which, std::uint64_t flow, double weight, double ms) {
  RankState& rank = ranks_[index(which)];
  rank.owed_ms = std::max(rank.owed_ms - ms, -held_counts_ms);
  if (flow == 0 || rank.size == 0) return;
  const double most = start_of_newcomer(rank) + held_counts_ms;
  const double start = start_of(rank, flow);
  if (start < most) charge(rank, flow, std::min(start + ms / weight, most), 0);
}

bool FairQueue::is_owed(const Waiter& waiter) const {
  return options_.floor[index(waiter.rank)] > 0 && ranks_[index(waiter.rank)].owed_ms >= waiter.expected_ms;
}

bool FairQueue::is_longest_owed(const Waiter& oldest) const {
  return !newest_first(oldest.rank) && now_ - oldest.since >= options_.longest_from &&
         ranks_[index(oldest.rank)].owed_longest_ms >= oldest.expected_ms;
}

bool FairQueue::before(const Candidate& a, const Candidate& b) {
  if (a.owed != b.owed) return a.owed;
  if (a.waiter->rank != b.waiter->rank)
    return a.owed ? a.waiter->rank > b.waiter->rank : a.waiter->rank < b.waiter->rank;
  if (a.longest != b.longest) return a.longest;
  return Earlier()(a.waiter, b.waiter);
}

FairQueue::Candidate FairQueue::first_of(const Lane& lane) const {
  Candidate best;
  for (std::size_t i = 0; i < fair_ranks; ++i) {
    if (lane.ranks[i].empty()) continue;
    Candidate first{.waiter = *lane.ranks[i].begin()};
    if (!ranks_[i].elders.empty()) {
      Waiter& oldest = ranks_[i].elders.front().waiter;
      if (oldest.lane == lane.key && is_longest_owed(oldest)) first = {.waiter = &oldest, .longest = true};
    }
    first.owed = is_owed(*first.waiter);
    if (best.waiter == nullptr || before(first, best)) best = first;
  }
  return best;
}

std::size_t FairQueue::best_rank(const void* key) const {
  const auto lane = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& each) { return each.key == key; });
  if (lane == lanes_.end()) return fair_ranks;
  const auto first =
      std::find_if(lane->ranks.begin(), lane->ranks.end(), [](const auto& each) { return !each.empty(); });
  return static_cast<std::size_t>(first - lane->ranks.begin());
}

std::vector<FairQueue::Waiter*> FairQueue::overdue(TimePoint now, double average_cost_ms, std::size_t most) {
  std::vector<Waiter*> gone;
  const Duration patience =
      std::max(pressed_ ? options_.stranger_patience : options_.unpressed_patience, ms(average_cost_ms));
  const Duration standing_after = std::max(options_.standing_after, ms(5 * average_cost_ms));
  for (const Rank which : {Rank::stranger, Rank::last}) {
    RankState& rank = ranks_[index(which)];
    if (rank.size == 0 || now - rank.standing_since < standing_after) continue;
    while (rank.size != 0 && gone.size() < most && now - rank.by_age.front().since > patience) {
      Waiter& oldest = rank.by_age.front();
      leave(oldest, now);
      gone.push_back(&oldest);
    }
  }
  return gone;
}

Duration FairQueue::longest_outsiders_wait(TimePoint now) const {
  Duration longest{};
  for (const Rank which : {Rank::stranger, Rank::last}) {
    const RankState& rank = ranks_[index(which)];
    if (rank.size != 0) longest = std::max(longest, now - rank.by_age.front().since);
  }
  return longest;
}

std::size_t FairQueue::flows() const {
  std::size_t count = 0;
  for (const RankState& rank : ranks_) count += rank.finish_ms.size();
  return count;
}

FairQueue::Lane& FairQueue::lane_of(const void* key) {
  const auto found = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& lane) { return lane.key == key; });
  if (found != lanes_.end()) return *found;
  lanes_.emplace_back().key = key;
  return lanes_.back();
}

// Who goes so that the newcomer may wait: the oldest of the last rank. Not for one of a worse rank; among strangers the
// newest is the one worth serving.
FairQueue::Waiter* FairQueue::make_room(const Waiter& newcomer) {
  for (std::size_t i = fair_ranks; i-- > index(newcomer.rank);) {
    if (ranks_[i].size == 0) continue;
    const bool for_own_rank = i == index(newcomer.rank);
    return for_own_rank && !newest_first(newcomer.rank) ? nullptr : &ranks_[i].by_age.front();
  }
  return nullptr;
}

// The first that waits in the rank for a while.
void FairQueue::begin(RankState& rank, TimePoint now) {
  if (now - rank.empty_since >= options_.forget_after) {
    rank.finish_ms.clear();
    rank.virtual_ms = 0;
    rank.owed_ms = 0;
  }
  rank.standing_since = now;
}

void FairQueue::insert(Waiter& waiter) {
  Lane& lane = lane_of(waiter.lane);
  lane.ranks[index(waiter.rank)].insert(&waiter);
  ++lane.size;
  RankState& rank = ranks_[index(waiter.rank)];
  rank.by_age.push_back(waiter);
  ++rank.size;
  ++size_;
  waiter.waits_ = true;
}

void FairQueue::remove(Waiter& waiter, TimePoint now) {
  Lane& lane = lane_of(waiter.lane);
  lane.ranks[index(waiter.rank)].erase(&waiter);
  if (--lane.size == 0) std::erase_if(lanes_, [](const Lane& each) { return each.size == 0; });
  RankState& rank = ranks_[index(waiter.rank)];
  waiter.unlink();
  waiter.elder_.unlink();
  if (--rank.size == 0) rank.empty_since = now;
  --size_;
  waiter.waits_ = false;
}

void FairQueue::charge(RankState& rank, std::uint64_t flow, double start, double cost) {
  if (rank.finish_ms.size() >= rank.prune_at) prune(rank);
  rank.finish_ms[flow] = start + cost;
}

// What virtual time has passed says nothing any more. Each look at all of them is paid for by as many that came since;
// at the bound all are forgiven.
void FairQueue::prune(RankState& rank) {
  absl::erase_if(rank.finish_ms, [&](const auto& each) { return each.second <= start_of_newcomer(rank); });
  if (rank.finish_ms.size() >= options_.most_flows) rank.finish_ms.clear();
  rank.prune_at = std::clamp<std::size_t>(rank.finish_ms.size() * 2, 64, options_.most_flows);
}

}  // namespace tenfold::guard
