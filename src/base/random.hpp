#pragma once

#include <cstdint>

namespace tenfold {

// Where chance comes from; passed in by constructor. Not thread-safe: one for each thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;  // uniform over all 64-bit values

  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound); bound > 0
  double unit();                             // uniform in [0, 1)
};

// xoshiro256** (Blackman and Vigna): fast, for balancing, jitter and simulation. Not for secrets.
class FastRandom final : public Random {
 public:
  explicit FastRandom(std::uint64_t seed);
  std::uint64_t next() override;

 private:
  std::uint64_t state_[4];
};

// A seed from the system's entropy.
std::uint64_t entropy_seed();

}  // namespace tenfold
