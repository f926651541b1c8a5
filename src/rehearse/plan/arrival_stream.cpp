#include "rehearse/plan/arrival_stream.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rehearse/plan/sampling.hpp"

namespace tenfold::rehearse {

ArrivalStream::ArrivalStream(const Arrivals& arrivals, const PlanOptions& options, double from_s, std::uint64_t seed)
    : arrivals_(arrivals),
      options_(options),
      length_s_(std::chrono::duration<double>(options.length).count()),
      random_(seed),
      from_s_(from_s),
      carry_(random_.unit()) {}

double ArrivalStream::rate_at(double second) const {
  double rate = options_.profile == PlanOptions::Profile::peak ? arrivals_.peak_per_s : arrivals_.mean_per_s;
  if (options_.profile == PlanOptions::Profile::log && !arrivals_.shape.empty()) {
    const double bin = std::max(0.0, second) / arrivals_.shape_bin_s;
    rate *= arrivals_.shape[static_cast<std::size_t>(bin) % arrivals_.shape.size()];
  }
  const double ramp_s = std::chrono::duration<double>(options_.ramp).count();
  if (second >= 0 && second < ramp_s) rate *= second / ramp_s;
  return rate * options_.times;
}

bool ArrivalStream::make_minute() {
  minute_.clear();
  at_ = 0;
  if (from_s_ >= length_s_) return false;
  const double to = std::min({from_s_ + 60, length_s_, from_s_ < 0 ? 0.0 : length_s_});
  const auto seconds = static_cast<std::size_t>(std::ceil(to - from_s_));
  std::vector<double> weight(seconds);
  double expected = 0;
  double sum = 0;
  for (std::size_t i = 0; i < seconds; ++i) {
    const double begin = from_s_ + static_cast<double>(i);
    const double width = std::min(1.0, to - begin);
    const double due = rate_at(begin + width / 2) * width;
    expected += due;
    const double excess = arrivals_.dispersion - 1;
    weight[i] = due > 0 && excess > 0.01 ? gamma(due / excess, random_) * excess : due;
    sum += weight[i];
  }
  const double whole = std::floor(expected + carry_);
  carry_ += expected - whole;
  // So small a shape that every second came out empty: then one has it all.
  if (sum <= 0 && whole > 0) weight[random_.below(seconds)] = sum = 1;
  std::vector<double> until(seconds);
  std::partial_sum(weight.begin(), weight.end(), until.begin());
  minute_.reserve(static_cast<std::size_t>(whole));
  for (double i = 0; i < whole; ++i) {
    const double mark = random_.unit() * sum;
    const auto second =
        static_cast<std::size_t>(std::upper_bound(until.begin(), until.end() - 1, mark) - until.begin());
    const double begin = from_s_ + static_cast<double>(second);
    minute_.push_back(begin + random_.unit() * std::min(1.0, to - begin));
  }
  std::sort(minute_.begin(), minute_.end());
  from_s_ = to;
  return true;
}

std::optional<double> ArrivalStream::next() {
  while (at_ == minute_.size()) {
    if (!make_minute()) return {};
  }
  return minute_[at_++];
}

}  // namespace tenfold::rehearse
