#include "guard/judge/shares.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace tenfold::guard::judging {

double water_level(std::vector<double> wanted, double others, double there) {
  std::ranges::sort(wanted);
  double left = std::max(0.0, there - others);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double each = left / static_cast<double>(wanted.size() - i);
    if (wanted[i] > each) return each;
    left -= wanted[i];
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace tenfold::guard::judging
