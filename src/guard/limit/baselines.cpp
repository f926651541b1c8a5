#include "guard/limit/baselines.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace tenfold::guard::limit {

namespace {

// A request without an answer in time counts as one that took so many times its baseline.
constexpr double overdue_slowness = 2.77;  // ln 16
constexpr double most_apart = 0.5;         // logarithm: costs that have moved by more than others' are no longer known
constexpr double least_spread = 0.03;      // no route's times are more even than this, as far as we rely on it
// The median of normal values is by so much less sure than their mean.
constexpr double median_for_mean = 1.2533;
constexpr Duration soon_unseen = std::chrono::seconds(10);
constexpr Duration long_unseen = std::chrono::minutes(10);
constexpr Duration until_next_search = std::chrono::seconds(1);

Duration nanoseconds(double count) { return Duration(static_cast<std::int64_t>(count)); }

}  // namespace

double Baselines::Series::variance() const {
  return std::max(log_square - log_mean * log_mean, least_spread * least_spread);
}

double Baselines::Series::slowness(const Times& times) const {
  const double sum = times.log_sum + times.overdue * (log_mean + overdue_slowness);
  return sum / times.requests() - log_mean;
}

// Whether they are as slow as everything is, and no slower or faster.
bool Baselines::Series::is_steady(const Times& times, double slowness) const {
  if (!has_vote() || times.requests() == 0) return false;
  const double noise = std::sqrt(variance() / times.requests());
  return std::fabs(this->slowness(times) - slowness) < std::max(most_apart, 3 * noise);
}

double Baselines::Series::work_ns(const Times& times, double slowness) const {
  if (is_steady(times, slowness)) return times.answered * mean_ns;
  return static_cast<double>(times.sum.count()) * std::exp(-slowness);
}

// Mixes the times, log_offset taken from each logarithm, into what is known, of which `kept` answers stay.
double Baselines::Series::take_in(const Times& times, double log_offset, double kept) {
  const double n = times.answered;
  weight = kept + n;
  const double share = n / weight;
  const double log = times.log_sum / n;
  const double square = times.log_square_sum / n - 2 * log_offset * log + log_offset * log_offset;
  log_mean += (log - log_offset - log_mean) * share;
  log_square += (square - log_square) * share;
  mean_ns += (static_cast<double>(times.sum.count()) / n * std::exp(-log_offset) - mean_ns) * share;
  return share;
}

double Baselines::Series::learn(const Times& times, Duration at) {
  if (source == Source::assumed) *this = {};
  if (times.answered == 0) return 0;
  const double age = std::chrono::duration<double>(at - learned_at) / std::chrono::duration<double>(memory);
  const double share = take_in(times, 0, std::max(weight * std::exp(-age), std::min(weight, least_memory)));
  source = Source::learned;
  learned_at = at;
  return share;
}

void Baselines::Series::assume(const Times& times, double slowness) {
  if (times.answered == 0 || has_vote()) return;
  if (source == Source::learned) *this = {};
  take_in(times, slowness, weight);
  source = Source::assumed;
}

void Baselines::Series::correct(double slowness) {
  if (source != Source::assumed) return;
  log_square += slowness * (2 * log_mean + slowness);
  log_mean += slowness;
  mean_ns *= std::exp(slowness);
}

bool Baselines::Entry::has_learned() const {
  return known.source == Series::Source::learned || others.source == Series::Source::learned;
}

std::optional<std::uint64_t> Baselines::dispensable(Asker asker, TimePoint now) const {
  const std::pair<const std::uint64_t, Entry>* oldest = nullptr;
  for (const auto& each : entries_) {
    const Entry& entry = each.second;
    const Duration unseen = now - entry.seen;
    const bool for_a_customer =
        asker == Asker::known && !entry.has_learned() && entry.known.source == Series::Source::none;
    const bool may_go = unseen >= long_unseen || (!entry.has_learned() && unseen >= soon_unseen) ||
                        (for_a_customer && unseen > Duration::zero());
    if (may_go && (oldest == nullptr || entry.seen < oldest->second.seen)) oldest = &each;
  }
  return oldest == nullptr ? std::nullopt : std::optional(oldest->first);
}

Baselines::Entry* Baselines::entry_of(std::uint64_t route, Asker asker, TimePoint now) {
  if (const auto found = entries_.find(route); found != entries_.end()) return &found->second;
  if (entries_.size() >= most_routes) {
    if (asker == Asker::other && now < crowded_until_) return nullptr;
    const std::optional<std::uint64_t> gone = dispensable(asker, now);
    if (!gone) {
      if (asker == Asker::other) crowded_until_ = now + until_next_search;
      return nullptr;
    }
    entries_.erase(*gone);
  }
  return &entries_[route];
}

Sums Baselines::gather(std::span<const RouteTimes> routes, TimePoint now) {
  Sums sums;
  for (const RouteTimes& times : routes) {
    sums.requests += times.known.requests() + times.others.requests();
    Entry* entry = entry_of(times.route, times.known.answered != 0 ? Asker::known : Asker::other, now);
    if (entry == nullptr) {
      sums.uncounted += times.known.sum + times.others.sum;
    } else {
      entry->seen = now;
      sums.routes[times.route] = times;
    }
  }
  return sums;
}

double Baselines::learn(const Sums& calm) {
  learning_time_ += calm.time;
  static const RouteTimes none;
  double answers = 0, renewed = 0;
  for (auto& [route, entry] : entries_) {
    const auto found = calm.routes.find(route);
    const RouteTimes& times = found == calm.routes.end() ? none : found->second;
    renewed += times.known.answered * entry.known.learn(times.known, learning_time_);
    renewed += times.others.answered * entry.others.learn(times.others, learning_time_);
    answers += times.known.answered + times.others.answered;
  }
  return answers == 0 ? 0 : renewed / answers;
}

void Baselines::assume(const Sums& busy, double slowness) {
  for (const auto& [route, times] : busy.routes) {
    const auto found = entries_.find(route);
    if (found == entries_.end()) continue;
    found->second.known.assume(times.known, slowness);
    found->second.others.assume(times.others, slowness);
  }
}

void Baselines::correct_assumed(double slowness) {
  for (auto& [route, entry] : entries_) {
    entry.known.correct(slowness);
    entry.others.correct(slowness);
  }
}

struct Baselines::Asked {
  const Series& series;
  const Times& times;
};

// Those that are asked: the best kinds of baselines, until there are enough answers.
struct Baselines::Ballot {
  std::vector<Asked> asked;
  Reading::Source source = Reading::Source::learned;
};

Baselines::Ballot Baselines::ballot(const Sums& sums) const {
  Ballot ballot;
  std::uint32_t answers = 0;
  const auto ask = [&](Series Entry::*series_of, Times RouteTimes::*times_of, Series::Source source) {
    if (answers >= enough_votes) return;
    for (const auto& [route, route_times] : sums.routes) {
      const Times& times = route_times.*times_of;
      const auto entry = entries_.find(route);
      if (entry == entries_.end() || times.requests() == 0) continue;
      const Series& series = entry->second.*series_of;
      if (series.source != source || !series.has_vote()) continue;
      if (ballot.asked.empty() && source == Series::Source::assumed) ballot.source = Reading::Source::assumed;
      ballot.asked.push_back({series, times});
      answers += times.requests();
    }
  };
  ask(&Entry::known, &RouteTimes::known, Series::Source::learned);
  ask(&Entry::known, &RouteTimes::known, Series::Source::assumed);
  ask(&Entry::others, &RouteTimes::others, Series::Source::learned);
  ask(&Entry::others, &RouteTimes::others, Series::Source::assumed);
  return ballot;
}

std::optional<Reading> Baselines::read(const Sums& sums) const {
  const Ballot ballot = this->ballot(sums);
  if (ballot.asked.empty()) return std::nullopt;
  // No route has more weight than the median route, so that it takes half of them to move the result.
  std::vector<std::uint32_t> counts;
  for (const Asked& asked : ballot.asked) counts.push_back(asked.times.requests());
  const std::size_t middle = (counts.size() - 1) / 2;
  std::nth_element(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(middle), counts.end());
  const double most_weight = counts[middle];

  std::vector<Vote> slowness, evenness, typical, typical_mean, overdue;
  double weights = 0, variance = 0, spread = 0;
  for (const auto& [series, times] : ballot.asked) {
    const double n = times.requests();
    const double weight = std::min(n, most_weight);
    slowness.push_back({series.slowness(times), weight});
    evenness.push_back({std::exp(series.log_mean) / series.mean_ns, weight});
    typical.push_back({series.log_mean + series.slowness(times), weight});
    if (times.answered != 0) typical_mean.push_back({static_cast<double>(times.sum.count()) / times.answered, weight});
    overdue.push_back({times.overdue / n, weight});
    weights += weight;
    variance += weight * weight * series.variance() / n;
    spread += weight * series.variance();
  }
  Reading reading;
  reading.slowness.value = weighted_median(slowness);
  double scatter = 0;  // routes feel one queue differently
  for (const Vote& vote : slowness) {
    const double distance = (vote.value - reading.slowness.value) * vote.weight;
    scatter += distance * distance;
  }
  const double wider = ballot.asked.size() > 2 ? median_for_mean : 1;
  reading.slowness.error = std::sqrt(variance) / weights * wider;
  reading.scatter = std::sqrt(scatter) / weights * wider;
  reading.evenness = std::clamp(weighted_median(evenness), 0.3, 1.0);
  reading.spread = std::sqrt(spread / weights);
  reading.overdue = weighted_median(overdue);
  reading.typical_mean = nanoseconds(weighted_median(typical_mean));
  reading.typical = nanoseconds(std::exp(weighted_median(typical)));
  count_work(sums, reading);
  reading.votes = static_cast<std::uint32_t>(ballot.asked.size());
  reading.source = ballot.source;
  return reading;
}

// Each route's two, with the baselines that there are for them.
template <class Take>
void Baselines::for_each_series(const Sums& sums, const Take& take) const {
  static const Entry unknown;
  for (const auto& [route, times] : sums.routes) {
    const auto found = entries_.find(route);
    const Entry& entry = found == entries_.end() ? unknown : found->second;
    take(entry.known, times.known);
    take(entry.others, times.others);
  }
}

Baselines::Price Baselines::price_of(const Sums& sums) const {
  const auto uncounted = static_cast<double>(sums.uncounted.count());
  Price price{.took_ns = uncounted, .usual_ns = uncounted};
  for_each_series(sums, [&](const Series& series, const Times& times) {
    const auto took = static_cast<double>(times.sum.count());
    const bool is_known = series.source == Series::Source::learned && series.has_vote();
    price.took_ns += took;
    price.usual_ns += is_known ? times.answered * series.mean_ns : took;
  });
  return price;
}

void Baselines::count_work(const Sums& sums, Reading& reading) const {
  const double slowness = reading.slowness.value;
  double all_ns = static_cast<double>(sums.uncounted.count()) * std::exp(-slowness);
  double steady_ns = 0;
  Duration sum = sums.uncounted;
  for_each_series(sums, [&](const Series& series, const Times& times) {
    const double work_ns = series.work_ns(times, slowness);
    all_ns += work_ns;
    sum += times.sum;
    if (series.is_steady(times, slowness)) steady_ns += work_ns;
  });
  if (sums.requests != 0) reading.mean_time = sum / sums.requests;
  reading.work = nanoseconds(all_ns);
  reading.steady_share = all_ns > 0 ? steady_ns / all_ns : 0;
}

std::optional<Duration> Baselines::mean_of(std::uint64_t route) const {
  const auto found = entries_.find(route);
  if (found == entries_.end()) return std::nullopt;
  const Entry& entry = found->second;
  const Series& series = entry.known.has_vote() ? entry.known : entry.others;
  if (!series.has_vote()) return std::nullopt;
  return nanoseconds(series.mean_ns);
}

}  // namespace tenfold::guard::limit
