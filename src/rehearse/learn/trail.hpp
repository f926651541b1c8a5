#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>

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
  Tally gap_s;
  absl::flat_hash_map<std::uint16_t, double> assets;
};

struct PageTally {
  double views = 0, entries = 0, exits = 0;
  Tally think_s;
  absl::flat_hash_map<std::uint16_t, double> next;
  BurstTally first, later;
};

struct VisitTally {
  absl::flat_hash_map<std::uint16_t, PageTally> pages;
  Tally pages_per_session;
  double sessions = 0, requests = 0;
};

// Sessions by how much they ask for: what is alike here is played alike.
struct VisitSize {
  static constexpr std::size_t classes = 13;
  std::size_t requests = 0, pages = 0;
  // A single request; one page and few or many things with it; several pages, from a look around to hours, with few
  // pictures (a browser that has them, a page's own calls) and with many.
  std::uint8_t index() const;
  void add(const VisitSize& other) {
    requests += other.requests;
    pages += other.pages;
  }
};

struct PopulationTally {
  std::array<VisitTally, VisitSize::classes> visits;
  double sessions() const;
  double requests() const;
};

// Where a session is in its walk. Assets belong to the page that their referer names, of the last two; without one, to
// the last page, as long as it is being fetched.
class Trail {
 public:
  enum class Referer : std::uint8_t { none, other_site, own };
  void page(const Visit& visit, VisitTally& tally);
  void asset(const Visit& visit, Referer referer, VisitTally& tally);
  void end(VisitTally& tally);

 private:
  struct View {
    std::uint16_t page = 0;
    bool first = false;
    bool open = false;
    std::uint32_t target = 0;
    std::uint32_t last_ms = 0;
    std::uint32_t assets = 0;
  };
  void begin(std::uint16_t page, std::uint32_t target, std::uint32_t at_ms, VisitTally& tally);
  static void close(View& view, VisitTally& tally);

  std::array<View, 2> views_;  // the last page, and the one before
  std::uint32_t last_ms_ = 0;  // of the session's last request
  std::uint32_t pages_ = 0;
};

}  // namespace tenfold::rehearse
