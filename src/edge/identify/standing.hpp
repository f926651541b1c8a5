#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/random.hpp"
#include "base/siphash.hpp"
#include "edge/admit/favoured.hpp"
#include "edge/guard_policy.hpp"
#include "guard/admit/cost_kind.hpp"
#include "guard/admit/fair_queue.hpp"
#include "guard/challenge/ration.hpp"
#include "guard/known/crawler_names.hpp"
#include "guard/measure/key.hpp"
#include "guard/subject.hpp"
#include "guard/token/budget.hpp"
#include "guard/token/id_watch.hpp"
#include "guard/token/set_table.hpp"
#include "guard/token/tokens.hpp"

// What the guard thinks of whoever asks.
namespace tenfold::edge {

struct Visit;
class Gatekeeper;

// What has been found out about a request that needs an origin.
struct GuardFacts {
  bool known_yet = false;     // the rest has been found out
  bool rides_along = false;   // it needs no origin itself: another's fetch is waited for
  bool is_for_guard = false;  // nor does a solution, or who asks after its place
  guard::Standing standing = guard::Standing::stranger;
  guard::Rank rank = guard::Rank::stranger;
  std::uint8_t weight = 1;
  std::uint64_t bearer = 0;     // whose budget of origin time it is; 0: nobody's
  std::uint64_t age_share = 0;  // its network's, where no order makes it known; 0: it needs none
  Duration reserved{};          // of both budgets, until the request is over
  Duration ride_cost{};         // of origin time that was taken in its name by another's fetch
  std::uint64_t flow = 0;       // as origin::Claim
  std::uint64_t kind_of_work = 0;
  std::size_t worth = 0;    // its class
  bool above_rest = false;  // of a class that is worth more than the rest
  bool precious = false;    // of the first of those
  bool is_order = false;    // what the owner calls one
  std::string_view allowed_by;
  guard::Crawler crawler = guard::Crawler::none;  // proven; it is allowed for that, if for nothing else
  std::optional<guard::FirstSeen> seen;           // a good cookie
  std::optional<guard::Clearance> clearance;      // likewise
  guard::Past past;                               // of its address; not asked for where a cookie or a rule tells more
  bool cannot_solve = false;                      // what it asks no page's script asks, and no person waits for
  bool is_cleared = false;                        // or more than that, whatever measure is on it
  Step step = Step::serve;                        // a measure that is on it
  TimePoint step_until{};                         // its end, unless it goes on
  bool has_solved = false;
  bool has_ignored = false;     // a challenge that it was shown before
  bool was_challenged = false;  // or would have been, where the guard observes

  // A customer's, or from an address from which customers came on earlier days, within the share that it has for that.
  bool is_customers() const {
    return standing <= guard::Standing::known || (standing == guard::Standing::cleared && past.client_days != 0);
  }
};

// Who did something that the shop confirmed, here or on earlier days, or is let be by the owner. A cookie that is
// merely there is anybody's: while all is calm it makes a customer of whoever asks twice.
inline bool is_proven_customer(const GuardFacts& facts) {
  if (facts.standing == guard::Standing::allowed) return true;
  return facts.is_customers() && ((facts.seen && facts.seen->deeds != guard::Deeds()) || facts.past.client_days != 0);
}

// On the way to an order with what is in the cart; or it has waited its turn already, in the waiting room. Whoever was
// let into the customers' rank for what it buys is among them, and not before them, too: a few hundred with something
// in their carts would keep all customers waiting who begin. Past its budget a token says nothing. Whom the owner lets
// be may be a bank that says of an order that it is paid.
inline bool goes_on(const GuardFacts& facts) {
  if (!facts.allowed_by.empty()) return true;
  const bool was_let_in = facts.standing == guard::Standing::cleared && facts.rank < guard::Rank::cleared;
  if (facts.standing > guard::Standing::cleared || was_let_in) return false;
  const bool buys = facts.above_rest && facts.seen && facts.seen->deeds != guard::Deeds();
  return buys || (facts.clearance && facts.clearance->kind == guard::ClearanceKind::waited);
}

// Who was shown a challenge and has not solved it. A browser solves within a second or two: who goes on asking later
// than that ignores it. One thread only.
class ShownChallenges {
 public:
  static constexpr std::size_t most = 65'536;  // clients; past it all are forgotten
  static constexpr Duration time_to_solve = std::chrono::seconds(2);
  static constexpr Duration forgotten_after = std::chrono::seconds(30);  // without another

  // It is shown one now. True: and has had the time to solve one before.
  bool shown_again(const net::IpAddress& client, TimePoint now);
  void solved(const net::IpAddress& client) { shown_.erase(guard::client_key(client)); }

 private:
  struct Shown {
    TimePoint first{};  // since it solved one, or was away
    TimePoint last{};
  };
  absl::flat_hash_map<std::uint64_t, Shown> shown_;  // by guard::client_key
};

// From which networks customers came lately, by more than a cookie that anybody gets. One thread only.
class CustomersNetworks {
 public:
  static constexpr std::size_t most = 65'536;  // networks; past it those that were seen longest ago are forgotten
  static constexpr Duration remembered_for = std::chrono::hours(24);

  explicit CustomersNetworks(const SipKey& secret) : seen_(most, secret) {}
  void note(const guard::Prefix& network, TimePoint now);
  bool are_in(const guard::Prefix& network, TimePoint now);

 private:
  struct Seen {
    TimePoint last{};
  };
  std::uint64_t key_of(const guard::Prefix& network) const;
  guard::SetTable<Seen> seen_;
};

// What one worker remembers of its clients. One thread only.
struct GuardMemory {
  explicit GuardMemory(const SipKey& key, std::uint64_t seed)
      : key(key),
        kinds(key.low),
        ids({}, key),
        budget({}, key),
        age_budget(of_age(), key),
        customers(key),
        random(seed) {}

  // What all may take together in a siege who are known by the age of their cookies or by a cart, in one network:
  // however many somebody has gathered there beforehand, that is what they are worth. Some hundred customers at a time
  // behind a mobile operator's address need less.
  static constexpr guard::BudgetOptions of_age() {
    return {
        .burst = std::chrono::seconds(30), .a_second = std::chrono::seconds(1), .most_spent = std::chrono::seconds(60)};
  }

  SipKey key;  // of hashes of clients and networks; the same on all workers
  guard::CostKinds kinds;
  guard::IdWatch ids;
  guard::Budget budget;
  guard::Budget age_budget;
  CustomersNetworks customers;
  FastRandom random;
  ShownChallenges shown;
  FavouredPlaces favoured;
};

// How long before the trouble somebody must have been seen first to be a customer from before it.
inline constexpr Duration age_of_a_customer = std::chrono::minutes(5);

// More may be let through at once from networks that customers come from.
guard::Neighbours neighbours_of(const Visit& visit);

// Fills visit.guarded; once for each visit. path: the request's normal one. The guard must not be off.
void find_standing(Visit& visit, std::string_view path);

// As judge and ladder know it; key: guard::key_at().
guard::judging::Subject subject_of(guard::Level level, std::uint64_t key);

// By whose measure all that comes from the address is to be dropped now: its own, its network's; none: by nobody's.
std::optional<guard::judging::Subject> dropped_by(const Measures& measures, const net::IpAddress& address,
                                                  TimePoint now);

// Of a client (Level::client) or network: for flows, which are clients' and tokens' alike.
std::uint64_t subject_hash(const SipKey& key, const net::IpAddress& address, guard::Level level);

}  // namespace tenfold::edge
