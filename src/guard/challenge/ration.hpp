#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "base/siphash.hpp"
#include "guard/subject.hpp"
#include "guard/token/set_table.hpp"

namespace tenfold::guard {

// How many of something each network gets in a window of time. As it is: clearances, for solved challenges. Difficulty
// is no defence (a graphics card solves 100,000 a second at any size that a phone can bear); this is. Whoever gets none
// waits in the waiting room.
struct RationOptions {
  Duration window = std::chrono::minutes(1);
  std::uint32_t a_network = 30;                // /24, /56
  std::uint32_t a_network_of_customers = 300;  // from which known customers come: a company, a mobile operator
  std::uint32_t a_block = 600;                 // /16, /48: who owns a block must not have all of its networks' rations
  std::uint32_t a_block_of_customers = 6'000;  // with known customers in the asker's network
  // 24 bytes each, for networks and blocks. Past it those that took least are forgotten, and begin anew: with takers in
  // more networks a window than this, no ration by network would hold.
  std::size_t entries = 32'768;
};

// First-seen cookies, for visitors who have none. Each makes somebody known whom a siege finds a customer from before
// it: a network that asks for thousands in advance gets no more than these. Whoever gets none is asked to solve a
// challenge in a siege, and gets a cookie with a later page.
constexpr RationOptions first_seen_ration() {
  return {.window = std::chrono::hours(1),
          .a_network = 300,
          .a_network_of_customers = 3'000,
          .a_block = 6'000,
          .a_block_of_customers = 60'000};
}

// What is known of others in a network.
enum class Neighbours : std::uint8_t { unknown, customers };

// How many went to each network in the last window: this one's and a part of the last one's. Not thread-safe.
class Ration {
 public:
  Ration(const RationOptions& options, const SipKey& secret);

  // One for the network (Level::network) and the block around it. False: it has had its ration, and nothing was taken.
  bool take(const Prefix& network, Neighbours neighbours, WallTime now);
  // Whether take() would give none.
  bool is_spent(const Prefix& network, Neighbours neighbours, WallTime now);

  std::size_t memory_bytes() const { return table_.memory_bytes(); }

 private:
  struct Entry {
    std::int64_t window = 0;  // since 1970, of `taken`
    std::uint32_t taken = 0;
    std::uint32_t taken_before = 0;  // in the window before
  };
  struct Most {
    std::uint32_t of_network;
    std::uint32_t of_block;
  };
  Most most_for(Neighbours neighbours) const;
  std::uint64_t key_of(const Prefix& prefix) const;
  Entry& entry_of(const Prefix& prefix, WallTime now);
  std::uint64_t taken_lately(const Prefix& prefix, WallTime now);
  std::int64_t window_of(WallTime now) const { return now.time_since_epoch() / options_.window; }
  std::uint64_t still_counted(std::uint32_t taken_before, WallTime now) const;

  RationOptions options_;
  SetTable<Entry> table_;
};

}  // namespace tenfold::guard
