#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/latency_histogram.hpp"
#include "scenario.hpp"
#include "web.hpp"

// What happened, as the driver saw it. Arithmetic on it is results.py's.
namespace tenfold::siege {

// A page that was served, from the click that asked for it.
struct PageRecord {
  int step = 0;  // 0 to 5: home, category or search, product, cart, checkout, order
  double clicked_s = 0;
  double felt_ms = 0;     // from the click to the page: reloads, challenges and waiting rooms included
  double answer_ms = 0;   // of it: the request that brought the page, redirects included
  double solving_ms = 0;  // of it: solving challenges
  double waiting_ms = 0;  // of it: in the waiting room, or without a script before a challenge
};

struct VisitRecord {
  enum class Outcome : std::uint8_t {
    under_way,  // when the run ended
    ordered,
    fed_up,     // with a page that did not come
    kept_out,   // waited for as long as it would
    went_wrong  // a page that it could not go on from
  } outcome = Outcome::under_way;
  int step = 0;                 // the last that was begun
  double ended_s = -1;          // negative: not before the run did
  double first_trouble_s = -1;  // the first answer to a page's request that was not the page; negative: none
  std::uint32_t challenged = 0;
  std::uint32_t solved = 0;
  std::uint32_t queued = 0;          // answers with a place in the waiting room
  std::uint32_t refused = 0;         // not by the shop: 403, 429, 503 and the like without a way in, a reset
  std::uint32_t shop_refused = 0;    // by the shop itself: its line was full
  std::uint32_t gateway_errors = 0;  // 502 and 504: whoever stands before the shop had no answer from it in time
  std::uint32_t timed_out = 0;
  std::uint32_t reloads = 0;
  std::uint32_t assets = 0;
  std::uint32_t assets_failed = 0;  // of those that were not cut short by the next click
  std::uint32_t earlier_failed = 0;
  std::string last_trouble;
  std::vector<PageRecord> pages;
};
std::string_view name(VisitRecord::Outcome outcome);

// What became of an attacker's request.
enum class Fate : std::uint8_t {
  passed,      // the shop's own answer, made now or earlier
  shop_error,  // the shop's own answer, 5xx
  challenged,
  queued,
  refused,  // 4xx, or a connection closed without an answer
  turned,   // 5xx of whoever stands before the shop, without a way in
  cleared,  // the answer to a challenge's solution
  timed_out,
  unconnected,
  unsent,  // no connection was left for it: the run is void when these are many
  held,    // what wants no answer was done to its end: a handshake made, a slow request kept open
};
inline constexpr std::size_t fates = 11;
std::string_view name(Fate fate);
Fate fate_of(const Answer& answer);

struct WaveRecord {
  std::uint64_t planned = 0;
  std::uint64_t solutions = 0;  // challenges solved
  std::uint64_t farmed = 0;     // sets of cookies got before the siege
  std::array<std::uint64_t, fates> fate{};
  std::map<int, std::uint64_t> statuses;
  double first_stopped_s = -1;                        // the first that was not passed; negative: none
  std::vector<std::array<std::uint32_t, 3>> seconds;  // passed, stopped, failed; by the second of the answer

  void count(const Answer& answer, Fate fate, double now_s);
};

struct Record {
  std::vector<VisitRecord> visits;  // as in the scenario
  std::vector<WaveRecord> waves;
  LatencyHistogram late;  // how long after its moment a visit or an attacker's request was begun
  Duration latest{};
  Duration cpu{};  // of the driver in the siege
  std::uint32_t most_connections = 0;

  void begun(Duration after_its_moment);
};

std::string to_json(const Record& record);

}  // namespace tenfold::siege
