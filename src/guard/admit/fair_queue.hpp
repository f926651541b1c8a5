#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "base/clock.hpp"
#include "net/intrusive_list.hpp"

namespace tenfold::guard {

// In which order those come who wait; the first that waits before all behind it, but for floors (FairQueueOptions).
enum class Rank : std::uint8_t {
  basket,    // a known customer on the way to an order, and whom the owner allows
  known,     // customers from before the trouble
  cleared,   // who has solved a challenge, or waited its turn
  stranger,  // nothing is known
  last,      // measures are on it; and refreshes, for which nobody waits
};
inline constexpr std::size_t fair_ranks = 5;

struct FairQueueOptions {
  std::size_t most_waiting = 4096;    // past it a newcomer takes the place of the oldest of the last rank, if that is
                                      // behind its own; else it is turned away
  std::size_t most_strangers = 1024;  // of Rank::stranger and last together; likewise
  // A stranger that has waited for longer is given up while more wait than can be served soon (set_pressed) and the
  // strangers' queue is a standing one: of old requests most have been given up by those who sent them. Never less than
  // what a request costs on average.
  Duration stranger_patience = std::chrono::milliseconds(20);
  // The same while all who wait can be served soon, which is better for all of them than to come again. Longer than
  // a client that has left holds an origin (docs/decisions/0007-departed-clients.md): some of them stop a small queue.
  Duration unpressed_patience = std::chrono::seconds(4);
  // A queue is a standing one that has not been empty for so long; never less than five requests' average cost.
  Duration standing_after = std::chrono::milliseconds(100);
  // Shares of the origins' time that a rank gets even while those before it could use it all. While its people are
  // served in a better one (Waiter::floor_of) it is owed no more than that part of it: were it owed all, whoever begins
  // would be let in by the floor, and wait with what it goes on with; were it owed nothing, those who buy could shut
  // out all who begin.
  std::array<double, fair_ranks> floor{0, 0, 0.2, 0.1, 0.02};
  double floor_beside_its_own = 0.25;
  // A flow that has taken less than its share of late is so much ahead of those that have taken theirs: about what a
  // visit costs. Of two that are ahead, that comes first which has taken less; but who goes on (Waiter::goes_on) is as
  // much further ahead, so that in a rush visits are finished before others are begun.
  double head_start_ms = 300;
  // Of a rank in which all come oldest first among equals, that share of its time goes to whoever has waited longest,
  // if that is for so long: in a crowd, who has taken a little more than the newcomers would else wait for as long as
  // they come.
  double longest_share = 0.25;
  Duration longest_from = std::chrono::seconds(1);
  // But not for whom its flow has taken more by than that, twice what a visit costs: whoever asks for very much at once
  // has waited longest for most of it.
  double longest_up_to_ms = 600;
  // Flows that have taken more than their share, and are remembered for it. Past it all are forgiven.
  std::size_t most_flows = 65'536;
  // A rank in which nobody has waited for so long forgets who took what.
  Duration forget_after = std::chrono::seconds(2);
};

// The order of those who wait for origin time. Ranks come one after the other, but each has a floor. Within a rank it
// is start-time fair queueing (SFQ; Goyal, Vin and Cheng, SIGCOMM 1996): a request's start tag is the rank's virtual
// time less a head start, or where its flow's last one ended, if that is later; the least tag comes first. Costs are in
// milliseconds of origin time, as expected when it joins, corrected when known. Virtual time moves on by each cost over
// the flows that share it, so that who took too much waits for as long as the others need to catch up, and no longer.
// Of equal tags all come oldest first; but strangers newest first while the queue is pressed. One thread only; O(log
// n).
class FairQueue {
 public:
  // One that waits; stays where it is while it does.
  class Waiter : public net::ListNode {
   public:
    Rank rank = Rank::stranger;
    Rank floor_of = Rank::basket;  // it is one of that rank's people, if that is worse than its own
    double weight = 1;             // what it is worth beside others of its rank: its cost counts as so many times less
    std::uint64_t flow = 0;        // 0: a flow of its own
    bool goes_on = false;          // with what would be lost if it did not: before those of its rank who begin
    double expected_ms = 20;       // its cost
    const void* lane = nullptr;    // those of one lane can be served by the same servers
    TimePoint since{};
    void* owner = nullptr;  // the caller's

    bool waits() const { return waits_; }

   private:
    friend class FairQueue;
    struct Elder : net::ListNode {
      explicit Elder(Waiter& waiter) : waiter(waiter) {}
      Waiter& waiter;
    };
    Elder elder_{*this};
    double turn_ = 0;          // its start tag, less what it is ahead for going on
    std::int64_t number_ = 0;  // of its joining; negated for those of whom the newest comes first
    bool waits_ = false;
  };

  explicit FairQueue(FairQueueOptions options) : options_(options) {}
  FairQueue(const FairQueue&) = delete;
  FairQueue& operator=(const FairQueue&) = delete;

  // The newcomer waits from now on; or not, where the answer is `full`. Who must go for it, if anybody, has left the
  // queue when this returns, and is the caller's to tell.
  struct Joined {
    bool waits = false;
    Waiter* displaced = nullptr;
  };
  Joined join(Waiter& waiter, TimePoint now);
  // It gives up, without having been served.
  void leave(Waiter& waiter, TimePoint now);
  // It has been served.
  void serve(Waiter& waiter, TimePoint now);
  // Whether it would come sooner in that rank as that flow's: in a better one, or before what its own flow has taken.
  bool would_bring_forward(const Waiter& waiter, Rank rank, std::uint64_t flow) const;
  // What a flow's request really cost, when it was expected to cost something else.
  void correct(Rank rank, std::uint64_t flow, double weight, double expected_ms, double real_ms);

  // A place was held for so long without being worked on: taken off what the rank is owed by its floor, and charged to
  // the flow while others of the rank wait. At most held_counts_ms of it tell, however many places and however long.
  void charge_held(Rank rank, std::uint64_t flow, double weight, double ms);
  static constexpr double held_counts_ms = 1000;

  // Who comes next among the lanes for which fits(lane) holds; null: nobody.
  template <class Fits>
  Waiter* next(Fits fits) const {
    Candidate best;
    for (const Lane& lane : lanes_) {
      if (!fits(lane.key)) continue;
      const Candidate first = first_of(lane);
      if (first.waiter != nullptr && (best.waiter == nullptr || before(first, best))) best = first;
    }
    return best.waiter;
  }
  // Whether a waiter gets its turn before better ranks, for its rank's floor.
  bool is_owed(const Waiter& waiter) const;
  // The best rank that waits in that lane; fair_ranks: nobody waits.
  std::size_t best_rank(const void* lane) const;

  // Whether more wait than can be served soon. For those that join from now on, and for overdue().
  void set_pressed(bool pressed) { pressed_ = pressed; }
  bool is_pressed() const { return pressed_; }
  // Strangers that have waited too long: they have left the queue when this returns. At most `most` at a time.
  std::vector<Waiter*> overdue(TimePoint now, double average_cost_ms, std::size_t most = 64);

  // How long the oldest of Rank::stranger and last has waited.
  Duration longest_outsiders_wait(TimePoint now) const;

  std::size_t size() const { return size_; }
  std::size_t size(Rank rank) const { return ranks_[index(rank)].size; }
  std::size_t flows() const;  // that are remembered

 private:
  struct Earlier {
    bool operator()(const Waiter* a, const Waiter* b) const {
      return a->turn_ != b->turn_ ? a->turn_ < b->turn_ : a->number_ < b->number_;
    }
  };
  using Ordered = std::set<Waiter*, Earlier>;
  struct Lane {
    const void* key = nullptr;
    std::array<Ordered, fair_ranks> ranks;
    std::size_t size = 0;
  };
  struct RankState {
    double virtual_ms = 0;
    absl::flat_hash_map<std::uint64_t, double> finish_ms;  // by flow; what is later than a newcomer's start
    std::size_t size = 0;
    std::size_t prune_at = 64;
    double owed_ms = 0;
    double owed_longest_ms = 0;  // of the rank's time, to whoever has waited longest in it
    TimePoint empty_since{};     // while size is 0
    TimePoint standing_since{};
    net::IntrusiveList<Waiter> by_age;
    net::IntrusiveList<Waiter::Elder> elders;  // of those who may come for having waited longest; by age
  };

  static std::size_t index(Rank rank) { return static_cast<std::size_t>(rank); }
  struct Candidate {
    Waiter* waiter = nullptr;
    bool owed = false;     // for its rank's floor
    bool longest = false;  // it has waited longest in its rank, and that is owed
  };
  static bool before(const Candidate& a, const Candidate& b);
  Candidate first_of(const Lane& lane) const;
  bool is_longest_owed(const Waiter& oldest) const;
  Lane& lane_of(const void* key);
  Waiter* make_room(const Waiter& newcomer);
  void begin(RankState& rank, TimePoint now);
  void insert(Waiter& waiter);
  void remove(Waiter& waiter, TimePoint now);
  void prune(RankState& rank);
  void charge(RankState& rank, std::uint64_t flow, double start, double cost);
  double start_of(const RankState& rank, std::uint64_t flow) const;
  double start_of_newcomer(const RankState& rank) const {
    return std::max(rank.virtual_ms - options_.head_start_ms, 0.0);
  }

  FairQueueOptions options_;
  std::vector<Lane> lanes_;  // only those in which somebody waits
  std::array<RankState, fair_ranks> ranks_;
  TimePoint now_{};  // when anything was done last
  std::size_t size_ = 0;
  std::int64_t joined_ = 0;
  bool pressed_ = false;
};

}  // namespace tenfold::guard
