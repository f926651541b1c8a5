#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/values.hpp"

// Settings of what is decided about requests and told about them: worth, guard, rehearsal, sales, console.
namespace tenfold::config {

// A class of requests; the order in the file is the order of precedence. A request that none matches is worth least, as
// are those of a class that covers everything.
struct Worth {
  std::string name;
  std::vector<RequestPattern> paths;

  bool operator==(const Worth&) const = default;
};

enum class GuardMode : std::uint8_t {
  off,
  observe,  // decides, counts and shows, but acts not
  enforce,
};

enum class GuardKernel : std::uint8_t {
  automatic,  // xdp where the interface and rights allow it, else nftables, else in the process
  off,
  xdp,
  nftables,
};

// What can be left out of it.
enum class GuardPart : std::uint8_t {
  fairness,   // of the queue: first come, first served
  standing,   // nobody is better than a stranger
  challenge,  // who would be challenged waits behind
};

// Served whatever the guard decides: a payment provider's callbacks, the office.
struct GuardAllow {
  std::string name;
  std::vector<Network> networks;      // none: from anywhere (then paths must be given)
  std::vector<RequestPattern> paths;  // none: any request (then networks must be given)

  bool operator==(const GuardAllow&) const = default;
};

// Refused whatever the guard decides: whoever the owner has had enough of.
struct GuardDeny {
  std::string name;
  std::vector<Network> networks;  // at least one

  bool operator==(const GuardDeny&) const = default;
};

// An application that shows a key is served whatever the guard decides.
struct GuardApiKey {
  std::string name;
  std::string header;        // compared without case; of Authorization what follows "Bearer "
  std::vector<Secret> keys;  // at least one; several while one is exchanged for another

  bool operator==(const GuardApiKey&) const = default;
};

struct Guard {
  GuardMode mode = GuardMode::enforce;  // nobody is refused while there is capacity to spare
  GuardKernel kernel = GuardKernel::automatic;
  std::vector<std::string> interfaces;  // for xdp; none: those of the listeners' addresses
  std::vector<GuardPart> without;       // none: nothing is left out
  std::vector<GuardAllow> allow;        // none: nobody is above the rules
  std::vector<GuardDeny> deny;          // none: nobody is shut out for good; whom `allow` names is not
  std::vector<GuardApiKey> api_keys;    // none: no key is known
  std::vector<HostPort> resolvers;      // FIXED at start; asked who crawlers are; none: those of /etc/resolv.conf
  Secret secret;  // signs cookies (also of stickiness) and challenges; empty: made at the first start and kept in the
                  // store
  std::string cookie_domain;  // our cookies are for all names in it that the shop has; empty: each is for its own name
  Secret previous_secret;     // FIXED at start; opens what was signed with it, and signs nothing; empty: there is none

  bool operator==(const Guard&) const = default;
};

struct Rehearsal {
  Secret secret;  // shared with `tenfold rehearse`; empty: no rehearsal is recognised as one

  bool operator==(const Rehearsal&) const = default;
};

struct Sales {
  std::string currency = "EUR";               // ISO 4217
  std::int64_t average_order_hundredths = 0;  // of the currency's main unit; 0: lost sales are counted in orders only
  std::optional<RequestPattern> order;        // a successful answer to it is a sale; absent: sales are not counted

  bool operator==(const Sales&) const = default;
};

struct Console {
  HostPort address;  // FIXED at start
  Secret token;  // for changes through the API ("Authorization: Bearer"); needed off loopback; empty: no token asked

  bool operator==(const Console&) const = default;
};

}  // namespace tenfold::config
