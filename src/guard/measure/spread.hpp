#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tenfold::guard {

// About how many different clients there were: HyperLogLog (Flajolet et al., 2007) of 64 registers in 32 bytes, of
// hashes under a secret key. The standard error is 13 %, less below a hundred; registers of 4 bits count up to some
// hundred thousands, more than a block has clients (65,536). Repeats and the order make no difference.
class Spread {
 public:
  void add(std::uint64_t hash) {
    const std::size_t index = hash & (registers - 1);
    const std::uint8_t rank = rank_of(hash >> 6);
    std::uint8_t& pair = pairs_[index / 2];
    const unsigned shift = index % 2 * 4;
    if (rank > ((pair >> shift) & 15)) pair = static_cast<std::uint8_t>((pair & ~(15 << shift)) | (rank << shift));
  }
  void merge(const Spread& other);
  double estimate() const;

  bool operator==(const Spread&) const = default;

 private:
  static constexpr std::size_t registers = 64;
  static std::uint8_t rank_of(std::uint64_t rest);  // zeros at its lower end, plus one, at most 15

  std::array<std::uint8_t, registers / 2> pairs_{};  // of registers
};

inline std::uint8_t Spread::rank_of(std::uint64_t rest) {
  constexpr std::uint64_t end = 1 << 14;
  return static_cast<std::uint8_t>(__builtin_ctzll(rest | end) + 1);
}

}  // namespace tenfold::guard
