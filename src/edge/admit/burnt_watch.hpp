#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/clock.hpp"
#include "base/siphash.hpp"
#include "edge/admit/core_time.hpp"
#include "guard/burnt/shares.hpp"
#include "http/chores.hpp"
#include "http/server.hpp"
#include "net/address.hpp"

namespace tenfold::edge {

struct Site;
struct Visit;

// A worker's watch over clients that burn its time without bringing requests for it. It acts only where the guard does,
// only while the shop is in trouble or this worker short of a core, and only while others are here whom it costs
// something; else it counts. One thread only.
class BurntWatch {
 public:
  static constexpr Duration here_for = std::chrono::seconds(5);  // somebody who came, or asked for what an origin has

  BurntWatch(const SipKey& key, std::function<Duration()> core_time, const guard::BurntLimits& limits = {});

  // A connection of that client's has come, and is paid for. True: it is not to be served.
  bool turns_away(const Site& site, const net::IpAddress& client);
  // What a connection of that client's has burnt.
  http::Burning charge(const Site& site, const net::IpAddress& client, Duration burnt);
  // The visit is answered by the guard in an origin's place; its connection may be told to end with that.
  void charge_turned_down(Visit& visit);
  // By whom a request came: customers' addresses have a larger share, and rehearsals' any.
  void note_guest(const Visit& visit);

 private:
  guard::BurntShares::Client hashes_of(const net::IpAddress& client) const;
  // Pays, and says whether the client is over its share at a time when that matters, in whatever mode.
  bool burns_too_much(const Site& site, const net::IpAddress& client, Duration burnt);
  bool time_is_short(const Site& site);
  // Somebody within its share.
  void note_here(std::uint64_t client, TimePoint now);
  bool is_another_here(std::uint64_t than, TimePoint now) const;

  struct Here {
    std::uint64_t client = 0;
    TimePoint last{};
  };

  SipKey key_;
  CoreTime core_time_;
  guard::BurntShares shares_;
  Here here_, here_before_;  // the latest two that are not the same
};

}  // namespace tenfold::edge
