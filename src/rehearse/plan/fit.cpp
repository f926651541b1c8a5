#include "rehearse/plan/fit.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "rehearse/plan/walk.hpp"

namespace tenfold::rehearse {

double fit_walk(VisitKind& kind) {
  double total = 0;
  for (const PageBehaviour& page : kind.pages) total += page.views;
  if (total <= 0) return 0;
  const SessionLength length(kind.pages_per_session);
  std::unordered_map<std::uint32_t, std::size_t> position;
  for (std::size_t i = 0; i < kind.pages.size(); ++i) position.emplace(kind.pages[i].page, i);

  constexpr int most_rounds = 200;
  constexpr double good_enough = 0.002;
  constexpr double damping = 0.9;
  double worst = 0;
  for (int round = 0; round < most_rounds; ++round) {
    const std::vector<double> views = expected_views(kind, length);
    worst = 0;
    std::vector<double> factor(views.size(), 1.0);
    for (std::size_t i = 0; i < views.size(); ++i) {
      const double wanted = kind.pages[i].views / total * length.mean();
      if (wanted <= 0 || views[i] <= 0) continue;
      if (kind.pages[i].views >= total / 100) worst = std::max(worst, std::abs(views[i] / wanted - 1));
      // What comes by entry is given; only the rest can be moved.
      factor[i] = std::clamp(std::pow(wanted / views[i], damping), 0.2, 5.0);
    }
    if (worst < good_enough || round + 1 == most_rounds) break;
    for (PageBehaviour& page : kind.pages) {
      double sum = 0;
      for (Weighted& next : page.next) sum += next.weight *= factor[position.at(next.index)];
      for (Weighted& next : page.next) next.weight = sum > 0 ? next.weight / sum : next.weight;
    }
  }
  return worst;
}

}  // namespace tenfold::rehearse
