#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tenfold::oncall::sip {

inline constexpr unsigned line_rate = 8'000;  // samples a second, of G.711

// Brings sound of `rate` samples a second (8,000 to 48,000) to the line's rate; what the line cannot carry is left out,
// so that it does not come back as a hiss.
std::vector<std::int16_t> to_line_rate(std::span<const std::int16_t> samples, unsigned rate);

}  // namespace tenfold::oncall::sip
