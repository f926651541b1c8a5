#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <vector>

#include "rehearse/learn/tally.hpp"

namespace tenfold::rehearse {

// One request of a session, as it waits for the session's end.
struct Visit {
  std::uint32_t offset_ms = 0;  // after the session's beginning
  std::uint32_t target = 0;     // hash
  std::uint32_t referer = 0;    // hash of its path and query; 0: none
  std::uint16_t shape = 0;
  std::uint8_t host = 0;  // of the referer, by HostTable
};

// Pages that were never asked for here, though their assets were: shapes past all others.
enum Elsewhere : std::uint16_t {
  elsewhere_app = 0xfffd,    // no referer: an app, or a browser that does not tell
  elsewhere_site = 0xfffe,   // another site's page
  elsewhere_cache = 0xffff,  // a page of ours that a cache gave
};

struct BurstTally {
  Tally size;
  Tally offset_s;
  Likeness together;  // of the logarithms of a view's offsets
  absl::flat_hash_map<std::uint16_t, double> assets;
};

// Sessions by their length in pages: how long people stay on a page depends on it. The last one is for all longer ones.
inline constexpr std::array<std::uint32_t, 6> length_classes{2, 3, 5, 10, 20, 40};

struct PageTally {
  double views = 0, entries = 0, exits = 0;
  std::array<Tally, length_classes.size()> think_s;
  absl::flat_hash_map<std::uint16_t, double> next;
  BurstTally first, later;
};

struct PopulationTally {
  absl::flat_hash_map<std::uint16_t, PageTally> pages;
  Tally pages_per_session;
  double sessions = 0, requests = 0;
};

// Where a session is in its walk. Assets belong to the page that their referer names, of the last two; without one, to
// the last page, as long as it is being fetched.
class Walk {
 public:
  enum class Referer : std::uint8_t { none, other_site, own };
  void page(const Visit& visit, PopulationTally& tally);
  void asset(const Visit& visit, Referer referer, PopulationTally& tally);
  void end(PopulationTally& tally);

 private:
  struct View {
    std::uint16_t page = 0;
    bool first = false;
    bool open = false;
    std::uint32_t target = 0;
    std::uint32_t at_ms = 0, last_ms = 0;
    std::uint32_t assets = 0;
    double offsets = 0, offsets_squared = 0;  // sums of the assets' logarithms
  };
  void begin(std::uint16_t page, std::uint32_t target, std::uint32_t at_ms, PopulationTally& tally);
  static void close(View& view, PopulationTally& tally);
  void settle_thinks(PopulationTally& tally);

  std::array<View, 2> views_;  // the last page, and the one before
  std::uint32_t pages_ = 0;
  struct Think {
    std::uint16_t page = 0;
    double seconds = 0;
  };
  std::vector<Think> thinks_;  // until the session's length is known, or that it is long
};

}  // namespace tenfold::rehearse
