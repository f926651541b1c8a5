#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "net/intrusive_list.hpp"
#include "net/scope.hpp"
#include "origin/topology.hpp"

// Who gets a place at an origin, and what became of it: the seam at which the order of those who wait is decided
// (docs/decisions/0011-admission-seam.md).
namespace tenfold::origin {

// For whom origin time is asked. Whoever asks fills it in; origin itself only compares clients.
struct Claim {
  // Takes on another's, but for what the request itself is.
  void inherit(const Claim& other) {
    rank = other.rank;
    standing = other.standing;
    weight = other.weight;
    flow = other.flow;
    goes_on = other.goes_on;
  }

  enum class Kind : std::uint8_t {
    relay,    // a client waits for the answer
    upgrade,  // a client asks to change protocols: what becomes a tunnel keeps its place until that ends
    refresh,  // nobody waits: a stored answer is renewed
  } kind = Kind::relay;
  std::uint64_t client = 0;  // the same for all requests of a client; 0: nobody's in particular

  // What follows is for whoever decides the order, in its own terms.
  std::uint8_t rank = 0;           // which comes first, the least before all others; below `ranks`
  std::uint8_t standing = 0;       // what is thought of the client
  std::uint8_t weight = 1;         // what the request is worth, beside others of its rank; 1 or more
  std::uint64_t flow = 0;          // those who share one share of the origins' time; 0: each request is its own
  bool goes_on = false;            // with a visit that would be lost if it did not, before those who begin one
  std::uint64_t kind_of_work = 0;  // the same for requests alike in what they cost an origin
};

// Somebody else's claim to what a fetch is made for, passed on to it while it waits: it is then made in that one's
// name, where that is due sooner (priority inheritance). Whoever makes the fetch keeps this until it is over. One
// thread only.
class Inheritance {
 public:
  // Of `kind`, `client` and `kind_of_work` the fetch keeps its own.
  void leave(const Claim& claim) {
    if (!left_ || claim.rank < left_->rank) left_ = claim;
    if (heir_ != nullptr) on_left_(heir_, claim);
  }
  // The claim of the best rank so far.
  const std::optional<Claim>& left() const { return left_; }

  // Who hears of what is left from here on; null: nobody.
  using OnLeft = void (*)(void* heir, const Claim& claim);
  void set_heir(void* heir, OnLeft on_left) { heir_ = heir, on_left_ = on_left; }

 private:
  std::optional<Claim> left_;
  void* heir_ = nullptr;
  OnLeft on_left_ = nullptr;
};

// A fetch that asks for a place at a server of its route. Part of the fetch: it lives until the place is taken or no
// longer wanted. One thread only.
class Ticket : public net::ListNode {
 public:
  Ticket(const Claim& its_claim, const Route& wanted) : claim(its_claim), route(wanted) {}

  // A place may be free: the fetch tries to take one, on the caller's stack, before this returns. It may have left when
  // this returns, and its ticket be gone.
  void call() { called.notify_one(); }
  // It need not wait any longer: others come first, and it would get no place in time. The fetch fails, on the caller's
  // stack, with exhausted.
  void refuse() {
    refused_ = true;
    called.notify_one();
  }
  bool is_refused() const { return refused_; }

  Claim claim;  // changed by Admission::inherit() alone
  const Route& route;
  void* mine = nullptr;            // of whoever keeps those who wait
  std::uint32_t most_waiting = 0;  // how many may wait beside it (PoolSettings::max_waiting)
  TimePoint since{};               // it began to wait
  TimePoint deadline{};            // it gives up then; earlier if its client leaves
  net::Event called;

 private:
  bool refused_ = false;
};

// What a fetch took of the origins, all attempts together, the failed ones included.
struct OriginUse {
  enum class End : std::uint8_t {
    answered,   // a final head came; its body may have broken off behind it
    failed,     // no server gave one
    abandoned,  // the client left, or did not send its request's body
    refused,    // no place in time, or none to wait in: no server was asked
  } end = End::refused;
  int status = 0;              // of the answer
  std::uint32_t attempts = 0;  // made
  Duration time{};             // connecting and waiting for heads, all attempts together
  Duration held{};             // the last place was taken for so long, the body's time included
  Duration held_told{};        // of it, what held() was told
  const Pool* pool = nullptr;  // asked last; null: none was
  bool timed_out = false;      // it failed because the last server that was asked said nothing in time
};

// Decides the order in which fetches get places, for one worker. Asked at every fetch, whatever asks for it: a relay,
// an upgrade, a refresh. What is behind it (limits of servers and pools) stays origin's own business. One thread only.
class Admission {
 public:
  virtual ~Admission() = default;

  // Whether a fetch that has just come may take a place if one is free, or must wait for those before it.
  enum class Turn : std::uint8_t { now, later };
  virtual Turn turn_of(const Ticket& ticket) = 0;

  // There is no place for it now. `full`: it may not even wait, and its fetch fails with exhausted.
  enum class Joined : std::uint8_t { waits, full };
  virtual Joined join(Ticket& ticket) = 0;
  // One that waits has taken a place, or gives up waiting.
  enum class Left : std::uint8_t { admitted, gave_up };
  virtual void leave(Ticket& ticket, Left how) = 0;

  // What one that waits is made for is another's claim too: from now on it waits by that one, if that brings it
  // forward. False: nothing has changed. Calls nobody.
  virtual bool inherit(Ticket& ticket, const Claim& claim) = 0;

  // The rank of a place that is held for that claim (HeldPlaces::take()); the last where ranks are not told apart.
  virtual std::uint8_t holds_as(const Claim& claim) const = 0;
  // A client has held a place of the pool for so long, beyond what the origin needed it for: told each second, and of
  // what is left of the last one in returned().
  virtual void held(const Claim& claim, const Pool& pool, Duration time) = 0;

  // A place at the server has become free. If somebody waits who could take it, call_for() follows soon; else other
  // workers are told.
  virtual bool waits_for(const Server& server) = 0;
  // Calls whoever is next.
  virtual void call_for(const Server& server) = 0;

  // Nobody has called that ticket for a while, but a call can be missed: whether it may try all the same, being the
  // next.
  virtual bool may_look(const Ticket& ticket) = 0;

  // A fetch's final head is here: `held` is still to come. At most once for each fetch, and before returned().
  virtual void answered(const Claim& claim, const OriginUse& use) = 0;
  // Once for each fetch: when it has failed, or when its answer has been used and the place is given back.
  virtual void returned(const Claim& claim, const OriginUse& use) = 0;
};

}  // namespace tenfold::origin
