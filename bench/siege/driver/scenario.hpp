#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/address.hpp"

// What is played against one contender: made by scenario.py from a seed, read here from JSON. Times are seconds from
// the beginning of the run.
namespace tenfold::siege {

enum class Kind : std::uint8_t { browser, no_script, app };

// One customer's visit: six pages to an order.
struct PlannedVisit {
  double at_s = 0;
  double earlier_at_s = -1;  // an earlier visit, whose cookies this one carries; negative: none
  bool earlier_order = false;
  net::IpAddress address;
  Kind kind = Kind::browser;
  bool searches = false;        // for the second page, instead of a category
  double hashes_per_s = 0;      // how fast its browser solves a challenge
  std::vector<double> think_s;  // before each page but the first
  std::uint64_t seed = 0;       // of its other choices
};

enum class Vector : std::uint8_t {
  search,         // a costly search, never the same
  random_query,   // "/?k=v", never the same
  walk,           // the next step of a customer's way to an order, which is never completed
  cart,           // puts things into carts
  login,          // signs in
  checkout,       // sends the order's form, with nothing in it
  picture,        // the same pictures under ever other queries
  page,           // pages that a cache has
  crawler,        // product pages, as a crawler's
  clear_wrong,    // answers to challenges that are wrong
  clear_replay,   // one right answer, again and again
  place,          // the waiting room, with made-up places
  slow_head,      // a byte of the head each second
  slow_body,      // a form that is announced and comes a byte each second
  slow_read,      // asks for a page and takes it very slowly
  tls_handshake,  // a handshake and nothing else
  upgrade,        // asks for a WebSocket and stays
};

// Requests at a planned rate, whatever the answers do.
struct Wave {
  std::string name;
  Vector what = Vector::search;
  double from_s = 0;
  double to_s = 0;
  double per_s = 0;
  double per_s_at_end = 0;  // a ramp; the same as per_s: none
  std::vector<net::IpAddress> sources;
  enum class Order : std::uint8_t { drawn, in_turn } order = Order::drawn;
  enum class Cookies : std::uint8_t { none, kept, farmed } cookies = Cookies::none;
  double solving = 0;        // share of the sources that solve challenges, as fast as they can
  std::uint32_t farmed = 0;  // sets of cookies got before the siege and shared by all sources
  double timeout_s = 10;     // a request is given up then
  bool keep_alive = true;    // false: a connection for each request
  std::uint64_t seed = 0;
};

struct Scenario {
  net::Endpoint target;
  net::Endpoint target_v6;   // for sources of IPv6; port 0: none
  net::Endpoint tls_target;  // of tls_handshake; port 0: none
  double siege_at_s = 0;
  double end_s = 0;
  const net::Endpoint& target_for(const net::IpAddress& source) const { return source.is_v4() ? target : target_v6; }

  std::uint32_t most_connections = 0;   // of the attack, at once; what finds no room is counted as unsent
  std::vector<std::string> categories;  // paths of the shop
  std::vector<std::string> products;
  std::vector<std::string> words;    // to search for
  std::vector<PlannedVisit> visits;  // by time
  std::vector<Wave> waves;
};

// Errors: invalid, with what was expected; refused: the target is not this machine's own loopback.
Result<Scenario> parse_scenario(const std::string& json);

}  // namespace tenfold::siege
