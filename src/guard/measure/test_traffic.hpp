#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/siphash.hpp"
#include "guard/measure/usage.hpp"
#include "net/address.hpp"

// What the tests of this folder count.
namespace tenfold::guard::measure_test {

inline constexpr SipKey secret{0x0706050403020100, 0x0f0e0d0c0b0a0908};

inline constexpr Usage page{.origin_us = 20'000, .requests = 1, .misses = 1, .pages = 1};
inline constexpr Usage search{.origin_us = 80'000, .requests = 1, .misses = 1, .pages = 1};
inline constexpr Usage hit{.requests = 1, .assets = 1};

inline net::IpAddress address(std::string_view text) { return net::IpAddress::parse(text).value(); }

template <typename Element>
void shuffle(std::vector<Element>& elements, FastRandom& random) {
  for (std::size_t i = elements.size(); i > 1; --i) std::swap(elements[i - 1], elements[random.below(i)]);
}

}  // namespace tenfold::guard::measure_test
