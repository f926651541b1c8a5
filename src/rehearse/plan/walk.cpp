#include "rehearse/plan/walk.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace tenfold::rehearse {
namespace {

constexpr int steps = 20'000;               // of the quantile function's numeric integration
constexpr std::size_t most_pages = 20'000;  // of one session; longer ones are cut

}  // namespace

SessionLength::SessionLength(const Distribution& pages) : pages_(pages), mean_(std::max(1.0, pages.mean)) {
  double sum = 0;
  for (int i = 0; i < steps; ++i) sum += std::max(0.0, pages_.at((i + 0.5) / steps) - 1);
  const double above_one = sum / steps;
  stretch_ = above_one > 0 ? (mean_ - 1) / above_one : 0;
  if (above_one <= 0) mean_ = 1;

  std::vector<double> at_least;
  for (int i = 0; i < steps; ++i) {
    const double length = stretched((i + 0.5) / steps);
    const double whole = std::floor(length);
    const auto low = static_cast<std::size_t>(std::min(whole, static_cast<double>(most_pages)));
    if (at_least.size() < low + 2) at_least.resize(low + 2, 0.0);
    at_least[low] += 1 - (length - whole);
    at_least[low + 1] += length - whole;
  }
  // From counts of exactly k to shares of at least k.
  survival_.assign(at_least.size(), 0.0);
  double above = 0;
  for (std::size_t k = at_least.size(); k-- > 1;) {
    above += at_least[k];
    survival_[k - 1] = above / steps;
  }
  while (survival_.size() > 1 && survival_.back() <= 0) survival_.pop_back();
}

double SessionLength::stretched(double u) const { return 1 + std::max(0.0, pages_.at(u) - 1) * stretch_; }

std::uint32_t SessionLength::draw(double u, double v) const {
  const double length = std::min(stretched(u), static_cast<double>(most_pages));
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(length + v));
}

std::vector<double> expected_views(const VisitKind& kind, const SessionLength& length) {
  const std::size_t count = kind.pages.size();
  std::unordered_map<std::uint32_t, std::size_t> position;
  for (std::size_t i = 0; i < count; ++i) position.emplace(kind.pages[i].page, i);

  std::vector<double> entry(count);
  double entries = 0;
  for (std::size_t i = 0; i < count; ++i) entries += entry[i] = kind.pages[i].entry;
  for (double& each : entry) each /= entries;

  struct Edge {
    std::size_t from, to;
    double share;
  };
  std::vector<Edge> edges;
  std::vector<bool> leads_on(count);
  for (std::size_t i = 0; i < count; ++i) {
    double sum = 0;
    for (const Weighted& next : kind.pages[i].next) sum += next.weight;
    leads_on[i] = sum > 0;
    if (!leads_on[i]) continue;
    for (const Weighted& next : kind.pages[i].next) edges.push_back({i, position.at(next.index), next.weight / sum});
  }

  std::vector<double> views(count, 0.0);
  std::vector<double> now = entry;
  std::vector<double> then(count);
  const std::vector<double>& survival = length.survival();
  for (std::size_t k = 0; k < survival.size(); ++k) {
    for (std::size_t i = 0; i < count; ++i) views[i] += survival[k] * now[i];
    if (k + 1 == survival.size()) break;
    std::fill(then.begin(), then.end(), 0.0);
    double lost = 0;  // pages that lead nowhere: whoever stays comes in anew
    for (std::size_t i = 0; i < count; ++i) lost += leads_on[i] ? 0 : now[i];
    for (const Edge& edge : edges) then[edge.to] += now[edge.from] * edge.share;
    double moved = 0;
    for (std::size_t i = 0; i < count; ++i) {
      then[i] += lost * entry[i];
      moved += std::abs(then[i] - now[i]);
    }
    now.swap(then);
    if (moved < 1e-7) {  // stationary: all that is left is spread likewise
      const double rest = std::accumulate(survival.begin() + static_cast<std::ptrdiff_t>(k) + 1, survival.end(), 0.0);
      for (std::size_t i = 0; i < count; ++i) views[i] += rest * now[i];
      break;
    }
  }
  return views;
}

}  // namespace tenfold::rehearse
