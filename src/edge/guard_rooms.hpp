#pragma once

#include "base/guarded.hpp"
#include "base/siphash.hpp"
#include "guard/challenge/challenges.hpp"
#include "guard/challenge/ration.hpp"
#include "guard/challenge/waiting_room.hpp"
#include "guard/known/crawler_verdicts.hpp"

namespace tenfold::edge {

// What strangers are led through and handed over to, shared by all workers. Thread-safe.
struct GuardRooms {
  explicit GuardRooms(const SipKey& secret)
      : challenges({}, secret),
        waiting({}, secret),
        first_seen(guard::Ration(guard::first_seen_ration(), secret)),
        deeds(guard::Ration({}, secret)) {}

  guard::Challenges challenges;
  guard::WaitingRoom waiting;
  Guarded<guard::Ration> first_seen;    // of cookies for those who have none
  Guarded<guard::Ration> deeds;         // of carts and orders that make somebody more than that
  guard::CrawlerClaims crawler_claims;  // to be looked up
};

}  // namespace tenfold::edge
