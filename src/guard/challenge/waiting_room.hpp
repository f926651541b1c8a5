#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/siphash.hpp"
#include "guard/challenge/place_counts.hpp"
#include "guard/challenge/recent_ids.hpp"
#include "guard/subject.hpp"
#include "guard/token/set_table.hpp"
#include "guard/token/tokens.hpp"

// The queue of those for whom there is no room in the shop now (docs/decisions/0025-tokens-and-places.md).
namespace tenfold::guard {

struct WaitingRoomOptions {
  double visits_per_s = 1;  // until the first set_rate()
  // Between the tickets of two strangers of one network: who comes from where many come from waits behind those who
  // joined up to so much later, for each that came before it. At most an hour in all (PlaceCounts::ahead_s).
  Duration a_network = std::chrono::milliseconds(500);
  // Networks whose last ticket is still to come; 16 bytes each. Past it the one with the earliest is forgotten, and its
  // next place is not put back.
  std::size_t networks = 16'384;
  // Places that have asked or were let in lately, 24 and 16 bytes each. Past it the oldest are forgotten: one that asks
  // again and again with an old cookie is counted, or let in, more than once then.
  std::size_t shown = 65'536;
  std::size_t let_in = 65'536;
};

// Who asks after a place.
struct RoomVisitor {
  Prefix network;            // Level::network
  std::uint64_t bearer = 0;  // the id of a token of ours that says more of it than its network does; 0: a stranger
};

enum class Turn : std::uint8_t { wait, let_in };

struct RoomAnswer {
  Turn turn = Turn::wait;
  Place place;                              // to be sealed and sent as its cookie, unless it is let in
  std::uint64_t ahead = 0;                  // who are there, as far as is known
  std::optional<std::chrono::seconds> eta;  // from the rate and those ahead; nothing while nobody is let in
  std::chrono::seconds retry_after{};       // when to ask again
};

struct RoomState {
  double visits_per_s = 0;
  std::uint64_t living = 0;                 // who have asked in the last 40 to 60 s
  std::optional<std::chrono::seconds> eta;  // of who joins now
  std::uint64_t joined = 0;                 // since the start
  std::uint64_t let_in = 0;
};

// Lets in as many a second as the brain says, in the order of joining, and passes over those who are not there. Places
// are in their owners' cookies; the room keeps counts by second. Shared by all workers; thread-safe: a short lock, held
// for some 50 microseconds ten times a second.
class WaitingRoom {
 public:
  static constexpr std::chrono::seconds longest_eta = std::chrono::hours(2);  // what is longer is told as this

  // The secret is for tables: chosen anew at each start.
  WaitingRoom(const WaitingRoomOptions& options, const SipKey& secret);

  // A new place. Nobody is let in at once: who does not come back with its cookie has no place and counts for nobody.
  // `random`: the calling thread's.
  RoomAnswer join(Random& random, WallTime now);
  // Whoever comes from a challenge (place_since()) has come back with that: its turn may have come already.
  RoomAnswer join_since(const Place& place, const RoomVisitor& visitor, WallTime now);
  // Whoever bears the place asks after it. One that is let in stays so for as long as its cookie or its challenge may
  // be brought once more, should the answer be lost: it takes one turn.
  RoomAnswer look(const Place& place, const RoomVisitor& visitor, WallTime now);

  // From the brain. 0 or more; at 0 nobody is let in.
  void set_rate(double visits_per_s, WallTime now);
  RoomState state(WallTime now);
  std::size_t memory_bytes() const;

 private:
  struct Spacing {
    WallTime next{};  // the earliest ticket that the network's next place may have
  };
  struct Shown {
    std::int64_t window = 0;  // in which it is counted
    WallTime ticket{};
  };
  RoomAnswer look_locked(const Place& place, const RoomVisitor& visitor, WallTime now);
  WallTime move_to(WallTime now);
  void refill(Duration passed);
  void widen(Duration passed);
  double most_turns() const;
  bool is_its_turn(const Place& place, PlaceStep step) const;
  void let_in(const Place& place, WallTime now);
  Place come_back(const Place& place, const RoomVisitor& visitor, WallTime now);
  WallTime ticket_for(WallTime joined, const RoomVisitor& visitor, WallTime now);
  void count(const Place& place, PlaceStep step);
  RoomAnswer waiting(const Place& place) const;
  double expected_ahead(WallTime ticket) const;
  double told_ahead(WallTime ticket) const;
  std::optional<std::chrono::seconds> time_for(double ahead) const;

  const Duration a_network_;
  mutable std::mutex mutex_;  // of all below
  double visits_per_s_;
  double turns_ = 0;          // that nobody has taken yet, up to most_turns()
  Duration left_over_for_{};  // since there were as many as may add up
  double widening_ = 1;       // to how many times as many they are offered
  double lived_ = 0;          // those who lived when that was looked at last
  WallTime asked_at_{};       // by anybody, after a place
  WallTime moved_at_{};
  WallTime recounted_at_{};
  std::uint64_t joined_ = 0;
  std::uint64_t let_in_ = 0;
  PlaceCounts counts_;
  SetTable<Spacing> spacings_;
  SetTable<Shown> shown_;
  RecentIds let_in_ids_;
};

// What whoever is let in is given. With the place's id: whoever asks twice with one place has one clearance and one
// budget.
Clearance clearance_for_waiting(const Place& place, WallTime now);

}  // namespace tenfold::guard
