#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/random.hpp"
#include "base/siphash.hpp"
#include "guard/challenge/ration.hpp"
#include "guard/challenge/recent_ids.hpp"
#include "guard/subject.hpp"
#include "guard/token/token_keys.hpp"
#include "guard/token/tokens.hpp"

// A stranger's small computation (DESIGN, "Challenge"): a decimal nonce for which SHA-256("seed:nonce") begins with so
// many zero bits. What it proves is a script that runs and the patience for it.
namespace tenfold::guard {

struct ChallengeOptions {
  // The most that a phone without a just-in-time compiler (70,000 hashes a second) does in half a second 19 times in
  // 20: 3.0 × 2^13 hashes are 0.35 s, twice as many 0.70 s.
  std::uint8_t bits = 13;
  // Seeds of the last two minutes that were solved, 16 bytes each; past it the oldest are forgotten and could be used
  // twice, by somebody who solves 500 others a second.
  std::size_t spent_seeds = 65'536;
  RationOptions ration;
};

struct Challenge {
  std::string seed;
  std::uint8_t bits = 0;
};

enum class Solution : std::uint8_t {
  right,      // gets a clearance; the seed is spent
  wrong,      // this nonce does not solve it
  malformed,  // no seed of ours, or no nonce
  expired,
  other_network,
  spent,
  rationed,  // right, but the network has had its clearances of this minute; the seed stays good
};
std::string_view name(Solution solution);  // "right", "wrong", ...

// A nonce has 1 to 20 digits, leading zeros or not: what is hashed is the text as it came.
inline constexpr std::size_t longest_nonce = 20;

// Shared by all workers; thread-safe. A seed costs no memory. A wrong nonce costs a signature and one hash and takes no
// lock.
class Challenges {
 public:
  // The secret is for tables: chosen anew at each start.
  Challenges(const ChallengeOptions& options, const SipKey& secret);

  // `random`: the calling thread's.
  Challenge issue(const TokenKeys& keys, const Prefix& network, Random& random, WallTime now) const;

  Solution check(const TokenKeys& keys, std::string_view seed, std::string_view nonce, const Prefix& network,
                 Neighbours neighbours, WallTime now);

  // Whether a right solution would be rationed: who has to wait in any case need not calculate first.
  bool is_rationed(const Prefix& network, Neighbours neighbours, WallTime now);

  std::size_t memory_bytes() const;

 private:
  struct Books {
    RecentIds spent;
    Ration ration;
  };
  const std::uint8_t bits_;
  Guarded<Books> books_;
};

// The place in the waiting room of who was shown that challenge and does not solve it: since then. One seed is one
// place, however often it is brought. Nothing where it is no seed of ours, or not of this network, or over two minutes
// old.
std::optional<Place> place_since(const TokenKeys& keys, std::string_view seed, const Prefix& network, WallTime now);

// What whoever has solved a challenge is given.
Clearance clearance_for_solution(std::uint64_t id, WallTime now);

}  // namespace tenfold::guard
