#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "net/intrusive_list.hpp"
#include "net/scope.hpp"
#include "origin/topology.hpp"

// Who gets a place at an origin, and what became of it: the seam at which the order of those who wait is decided
// (docs/decisions/0011-admission-seam.md).
namespace tenfold::origin {

// For whom origin time is asked. Whoever asks fills it in; origin itself only compares clients.
struct Claim {
  enum class Kind : std::uint8_t {
    relay,    // a client waits for the answer
    upgrade,  // a client asks to change protocols: what becomes a tunnel keeps its place until that ends
    refresh,  // nobody waits: a stored answer is renewed
  } kind = Kind::relay;
  std::uint32_t standing = 0;  // a class of clients or requests, in the terms of whoever decides
  std::uint64_t client = 0;    // the same for all requests of a client; 0: nobody's in particular
};

// A fetch that asks for a place at a server of its route. Part of the fetch: it lives until the place is taken or no
// longer wanted. One thread only.
class Ticket : public net::ListNode {
 public:
  Ticket(const Claim& its_claim, const Route& wanted) : claim(its_claim), route(wanted) {}

  // A place may be free: the fetch tries to take one, on the caller's stack, before this returns. It may have left when
  // this returns, and its ticket be gone.
  void call() { called.notify_one(); }

  const Claim claim;
  const Route& route;
  std::uint32_t most_waiting = 0;  // how many may wait beside it (PoolSettings::max_waiting)
  TimePoint since{};               // it began to wait
  TimePoint deadline{};            // it gives up then; earlier if its client leaves
  net::Event called;
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

  // A place at the server has become free. If somebody waits who could take it, call_for() follows soon; else other
  // workers are told.
  virtual bool waits_for(const Server& server) = 0;
  // Calls whoever is next.
  virtual void call_for(const Server& server) = 0;

  // Once for each fetch: when it has failed, or when its answer has been used and the place is given back.
  virtual void returned(const Claim& claim, const OriginUse& use) = 0;
};

}  // namespace tenfold::origin
