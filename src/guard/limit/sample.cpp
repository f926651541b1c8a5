#include "guard/limit/sample.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace tenfold::guard::limit {

namespace {

// A fifth of it is `unnoticed`: requests that take less may wait for as long, though it is more than a fifth of theirs.
constexpr Duration long_enough = std::chrono::milliseconds(25);
constexpr double least_share = 0.1;   // of the time somebody waited; less is taken for as much
constexpr double least_error = 0.01;  // no crowding is known better
constexpr double least_steady_share = 0.75;
constexpr double most_change = 0.25;  // of the logarithm of what a request costs, besides chance
// What single requests cost is spread at least so widely that the mean of n is so sure.
constexpr double cost_spread = 0.7;
constexpr double work_spread = 0.3;

double in_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

bool differ_by_chance(const Estimate& a, const Estimate& b) {
  return std::fabs(a.value - b.value) < std::hypot(a.error, b.error);
}

// They rest on the same times: the mean is no surer than they are.
Estimate mean_of(const Estimate& a, const Estimate& b) {
  return {.value = (a.value + b.value) / 2, .error = std::max(a.error, b.error)};
}

double share_of(double part, double whole) { return whole > 0 ? std::min(0.99, part / whole) : 0; }

}  // namespace

Estimate Sample::raw_least() const {
  if (differ_by_chance(shared, queued)) return mean_of(shared, queued);
  return shared.value < queued.value ? shared : queued;
}

Estimate Sample::raw_most() const {
  if (differ_by_chance(shared, queued)) return mean_of(shared, queued);
  return shared.value < queued.value ? queued : shared;
}

Estimate Sample::eased(const Estimate& raw) const {
  const double value = std::log1p(std::expm1(raw.value) * ease);
  return {value, raw.error * std::exp(raw.value - value) * ease};
}

double Sample::raw(double eased) const { return std::log1p(std::expm1(eased) / ease); }

// While nobody waits here there is no queue at the servers: it is told what there would be if somebody always had.
Sample sample_of(const Reading& reading, const Sums& sums, double scale) {
  const double share = std::max(least_share, share_of(in_seconds(sums.waited), in_seconds(sums.time)));
  const double times = std::exp(std::clamp(reading.slowness.value - scale, -4.0, 4.0));
  const double slowed = std::max(1.0, times);
  const double mean_s = in_seconds(reading.mean_time);
  const double root = std::sqrt(std::max(1u, sums.requests));

  Sample sample;
  const double crowding = std::max(0.02, 1 + (times - 1) * reading.evenness / share);
  const double felt = std::max(0.02, 1 + (times - 1) * reading.evenness);
  const double waited_share = share_of(in_seconds(reading.typical_mean) * (1 - 1 / felt), mean_s);
  const double error = std::max(least_error, reading.slowness.error * times * reading.evenness / share / crowding);
  sample.shared = {std::log(crowding), error};
  const double queued = -std::log(1 - std::min(0.95, waited_share / share));
  // Where nearly all is waiting the logarithm is unsure upward only.
  const double by_cost = std::min(std::expm1(std::fabs(queued)) * cost_spread / root, std::fabs(queued) / 3);
  sample.queued = {queued, std::max(error, by_cost)};
  sample.ease = std::min(1.0, in_seconds(reading.typical) / slowed / in_seconds(long_enough));
  sample.work = {std::log(std::max(1e-3, in_seconds(reading.work) / in_seconds(sums.time))),
                 std::max(work_spread, reading.spread) / root};
  sample.steady_share = reading.steady_share;
  sample.cost_shared = std::log(std::max(1e-6, mean_s / crowding));
  sample.cost_queued = std::log(std::max(1e-6, mean_s * (1 - waited_share)));
  sample.requests = sums.requests;
  return sample;
}

bool are_alike(const Sample& before, const Sample& after, double chances) {
  if (before.requests == 0 || after.requests == 0) return false;
  const double most = most_change + chances * std::sqrt(1.0 / before.requests + 1.0 / after.requests);
  return std::fabs(after.cost_queued - before.cost_queued) < most ||
         std::fabs(after.cost_shared - before.cost_shared) < most;
}

bool tells_work(const Sample& sample) { return sample.steady_share >= least_steady_share; }

Moved moved(const Sample& before, const Sample& after, double step, double least) {
  const auto over = [&](const Estimate& a, const Estimate& b) {
    return Estimate{(a.value - b.value) / step, std::max(least, std::hypot(a.error, b.error) / std::fabs(step))};
  };
  const bool with_work = tells_work(before) && tells_work(after);
  const Estimate by_work = over(after.work, before.work);
  const auto share = [&](const Estimate& by_times) {
    Average average;
    average.add({std::clamp(by_times.value, -0.5, 1.5), by_times.error});
    if (with_work) average.add({std::clamp(1 - by_work.value, -0.5, 1.5), by_work.error});
    return average.estimate();
  };
  return {.shared = share(over(after.shared, before.shared)), .queued = share(over(after.queued, before.queued))};
}

Estimate Moved::share() const { return {(shared.value + queued.value) / 2, std::max(shared.error, queued.error)}; }

bool Moved::is_sure(double bar) const {
  const auto sure = [&](const Estimate& share) {
    return share.error < 0.05 || std::fabs(share.value - bar) > 2.5 * share.error;
  };
  return agree(bar) && sure(shared) && sure(queued);
}

}  // namespace tenfold::guard::limit
