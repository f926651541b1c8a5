#include "guard/measure/spread.hpp"

#include <algorithm>
#include <cmath>

namespace tenfold::guard {

// Of each pair the larger lower half and the larger upper half: the upper halves compare in their place.
void Spread::merge(const Spread& other) {
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const std::uint8_t mine = pairs_[i];
    const std::uint8_t theirs = other.pairs_[i];
    const int lower = std::max(mine & 0x0f, theirs & 0x0f);
    const int upper = std::max(mine & 0xf0, theirs & 0xf0);
    pairs_[i] = static_cast<std::uint8_t>(lower | upper);
  }
}

double Spread::estimate() const {
  double sum = 0;
  int empty = 0;
  for (const std::uint8_t pair : pairs_) {
    for (const int rank : {pair & 15, pair >> 4}) {
      sum += std::ldexp(1.0, -rank);
      empty += rank == 0 ? 1 : 0;
    }
  }
  constexpr double size = registers;
  const double raw = 0.709 * size * size / sum;  // the constant for 64 registers
  if (raw > 2.5 * size || empty == 0) return raw;
  return size * std::log(size / empty);  // linear counting: better while registers are empty
}

}  // namespace tenfold::guard
