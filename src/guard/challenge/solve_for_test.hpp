#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/sha256.hpp"

namespace tenfold::guard {

// The first nonce from `from` on that solves a seed, as a client would find it; for up to 16 bits.
inline std::string solve_for_test(std::string_view seed, unsigned bits, std::uint64_t from = 0) {
  for (std::uint64_t nonce = from;; ++nonce) {
    std::string text = std::to_string(nonce);
    const Sha256 digest = sha256(std::string(seed) + ":" + text);
    const unsigned first_bits = static_cast<unsigned>(digest[0]) << 8 | digest[1];
    if (first_bits >> (16 - bits) == 0) return text;
  }
}

}  // namespace tenfold::guard
