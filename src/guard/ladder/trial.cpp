#include "guard/ladder/trial.hpp"

#include <cmath>

namespace tenfold::guard::ladder {

namespace {

constexpr double doubt = 0.05;

// The chance of at most `hits` in `tries`, each with chance `share`. Summed downwards from the last term, by
// logarithms: the first is too small for a double where there are many tries.
double chance_of_at_most(std::uint64_t hits, std::uint64_t tries, double share) {
  if (hits >= tries || share <= 0) return 1;
  if (share >= 1) return 0;
  const auto k = static_cast<double>(hits);
  const auto n = static_cast<double>(tries);
  const double log_term = std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(share) +
                          (n - k) * std::log1p(-share);
  double term = std::exp(log_term);
  double sum = term;
  for (double i = k; i > 0 && term > sum * 1e-12; --i) {
    term *= i / (n - i + 1) * (1 - share) / share;
    sum += term;
  }
  return sum;
}

}  // namespace

double upper_bound(std::uint64_t hits, std::uint64_t tries) {
  if (hits >= tries) return 1;
  double low = static_cast<double>(hits) / static_cast<double>(tries);
  double high = 1;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (chance_of_at_most(hits, tries, middle) > doubt ? low : high) = middle;
  }
  return high;
}

Trial try_on(const KnownVisits& visits, const judging::Subject& subject) {
  Trial trial{.visits = visits.total(), .hit = visits.with(subject)};
  if (trial.visits < least_visits) return trial;
  const bool most = static_cast<double>(trial.hit) >= most_hit_share * static_cast<double>(trial.visits);
  const bool hits = most || chance_of_at_most(trial.hit, trial.visits, most_hit_share) >= doubt;
  trial.outcome = hits ? Trial::Outcome::hits_customers : Trial::Outcome::passed;
  return trial;
}

}  // namespace tenfold::guard::ladder
