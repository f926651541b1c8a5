#include "rehearse/learn/cut_sessions.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/random.hpp"

namespace tenfold::rehearse {

// `going_on`: pauses that are over such a silence; `came`: sessions seen to begin (or end) in the log, `inside`: how
// many of those are only cut by its edge.
double Silences::likelihood(double going_on, double came, double inside) {
  // However many seem cut, some of those seen did begin.
  constexpr double least_share = 0.02;
  const double real = std::max(came - inside, least_share * came);
  return going_on > 0 ? going_on / (going_on + real) : 0;
}

double Silences::before(AgentKind kind, Trail::Referer referer, double silent_s, double log_s) const {
  const Of& which = of_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(referer)];
  return likelihood(which.pauses.above(silent_s, log_s).count, which.came, which.pauses.above(0, log_s).sum / log_s);
}

double Silences::after(AgentKind kind, double silent_s, double log_s) const {
  double going_on = 0, came = 0, inside = 0;
  for (const Of& which : of_[static_cast<std::size_t>(kind)]) {
    going_on += which.pauses.above(silent_s, log_s).count;
    came += which.came;
    inside += which.pauses.above(0, log_s).sum / log_s;
  }
  return likelihood(going_on, came, inside);
}

bool Rests::keep(AgentKind kind, Rest rest) {
  if (visits_ + rest.visits.size() > most_visits) return false;
  visits_ += rest.visits.size();
  kept_[rest.population][static_cast<std::size_t>(kind)].push_back(std::move(rest));
  return true;
}

void Rests::shuffle() {
  FastRandom random(1);
  for (auto& kinds : kept_) {
    for (auto& rests : kinds) {
      for (std::size_t i = rests.size(); i > 1; --i) std::swap(rests[i - 1], rests[random.below(i)]);
    }
  }
}

bool Rests::take(std::uint8_t population, AgentKind kind, Rest& into) {
  auto& rests = kept_[population][static_cast<std::size_t>(kind)];
  if (rests.empty()) return false;
  visits_ -= rests.back().visits.size();
  into = std::move(rests.back());
  rests.pop_back();
  return true;
}

std::vector<Rests::Rest> Rests::take_all() {
  std::vector<Rest> all;
  for (auto& kinds : kept_) {
    for (auto& rests : kinds) {
      std::ranges::move(rests, std::back_inserter(all));
      rests.clear();
    }
  }
  visits_ = 0;
  return all;
}

}  // namespace tenfold::rehearse
