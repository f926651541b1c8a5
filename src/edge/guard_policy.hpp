#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "edge/settings.hpp"
#include "guard/judge/posture.hpp"
#include "guard/judge/subject_id.hpp"
#include "guard/known/allow_rules.hpp"
#include "guard/known/crawler_verdicts.hpp"
#include "guard/known/customers.hpp"
#include "guard/known/owner_lists.hpp"
#include "guard/known/worth_classes.hpp"
#include "guard/ladder/plan.hpp"
#include "guard/ladder/step.hpp"
#include "guard/subject.hpp"
#include "guard/token/our_cookies.hpp"
#include "guard/token/token_keys.hpp"
#include "http/request_pattern.hpp"
#include "net/address.hpp"

namespace tenfold::guard {
class GuardPages;
}

namespace tenfold::edge {

enum class GuardMode : std::uint8_t {
  off,      // first come, first served; nothing is measured
  observe,  // measures, decides and shows what it would do, and serves as if it were off
  enforce,
};

// Parts of the guard that its owner leaves out (guard.without).
struct LeftOut {
  bool fairness = false;   // of the queue: Order::by_arrival
  bool standing = false;   // nobody is better than a stranger, but for whom the owner allows
  bool challenge = false;  // who would be challenged waits behind
};

// What the owner says of the guard. Immutable; a reload makes another.
struct GuardRules {
  GuardMode mode = GuardMode::off;
  LeftOut without;
  guard::WorthClasses worth;
  guard::AllowRules allow;
  guard::AllowRules deny;
  std::vector<net::IpNetwork> denied;  // the networks of `deny`, for the kernel
  // Whom the kernel must not drop: networks of `allow` (it sees no paths), and proxies, whose packets are others'.
  std::vector<net::IpNetwork> never_dropped;
  std::string cookie_domain;                  // of our cookies, where the request's name is in it; empty: none
  guard::CookieNames session_cookies;         // a label
  std::optional<http::RequestPattern> order;  // its success is an order
  std::shared_ptr<const guard::GuardPages> pages;
};

using guard::ladder::Step;

// By subject: what is done about a client, or about all of a network. Bounded by the ladder.
struct MeasureOn {
  Step step = Step::serve;
  Step elsewhere = Step::serve;  // for the other nine tenths of its clients, while it is tried on one
  bool is_tried = false;
  TimePoint until{};
};
using Measures = absl::flat_hash_map<guard::judging::Subject, MeasureOn>;

// What the brain has decided. Immutable; made anew whenever it changes.
struct GuardState {
  guard::judging::Posture posture = guard::judging::Posture::calm;
  // What a stranger who needs an origin is met with, whoever it is.
  guard::ladder::StrangersNeed strangers = guard::ladder::StrangersNeed::nothing;
  // Since when the present trouble lasts: who was first seen after it is no customer from before. Empty: calm.
  std::optional<WallTime> trouble_began;
  std::shared_ptr<const Measures> measures;                // null: none
  std::shared_ptr<const guard::TokenKeys> keys;            // not null
  std::shared_ptr<const guard::KnownCustomers> customers;  // null: nobody is known from earlier days
  guard::Day today{};
  std::shared_ptr<const guard::CrawlerVerdicts> crawlers;  // null: none is proven
  std::shared_ptr<const guard::OwnerNetworks> lists;       // of the API; null: none are on them
};

// What holds for single clients. Immutable, and apart from Policy, so that it can be replaced as often as clients
// change, many times a second, while Policy with its certificates is made anew on a reload only.
struct GuardPolicy {
  // Bodies longer than 64 KiB that one client may have on their way to the origins at one time, and never more than
  // half of the connections of its route; past it 429. Many customers may be one client: those behind one address.
  std::uint32_t uploads_per_client = Limits().uploads_per_client;
  std::shared_ptr<const GuardRules> rules = {};  // null: the guard is off
  std::shared_ptr<const GuardState> state = {};  // null: nothing has been decided yet

  GuardMode mode() const { return rules != nullptr && state != nullptr ? rules->mode : GuardMode::off; }
};

}  // namespace tenfold::edge
