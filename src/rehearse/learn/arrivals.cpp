#include "rehearse/learn/arrivals.hpp"

#include <algorithm>
#include <cmath>

namespace tenfold::rehearse {

void ArrivalBins::add(std::size_t population, double seconds_from_beginning) {
  const double at = std::max(0.0, seconds_from_beginning);
  while (at / bin_s_ >= static_cast<double>(most_bins)) widen();
  const auto bin = static_cast<std::size_t>(at / bin_s_);
  if (bin >= bins_.size()) bins_.resize(bin + 1);
  ++bins_[bin][population];
  begun_[population] += 1;
}

void ArrivalBins::widen() {
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    if (i % 2 == 0)
      bins_[i / 2] = bins_[i];
    else
      for (std::size_t p = 0; p < populations; ++p) bins_[i / 2][p] += bins_[i][p];
  }
  bins_.resize((bins_.size() + 1) / 2);
  bin_s_ *= 2;
}

double ArrivalBins::sessions(std::size_t population) const { return begun_[population] + inside_[population]; }

ArrivalBins::Peak ArrivalBins::busiest(double seconds) const {
  Peak peak;
  const auto covered = static_cast<std::size_t>(std::max(1.0, std::ceil(seconds / bin_s_)));
  peak.bins = std::clamp<std::size_t>(static_cast<std::size_t>(60 / bin_s_), 1, covered);
  double sum = 0, most = -1;
  const auto all = [&](std::size_t i) {
    double n = 0;
    for (const auto count : bins_[i]) n += count;
    return n;
  };
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    sum += all(i);
    if (i >= peak.bins) sum -= all(i - peak.bins);
    if (sum > most) {
      most = sum;
      peak.first = i + 1 >= peak.bins ? i + 1 - peak.bins : 0;
    }
  }
  return peak;
}

double ArrivalBins::rate(std::size_t population, Peak peak, double seconds) const {
  double sum = 0;
  for (std::size_t i = peak.first; i < std::min(peak.first + peak.bins, bins_.size()); ++i) sum += bins_[i][population];
  const double length = std::min(static_cast<double>(peak.bins) * bin_s_, seconds);
  return sum / length + inside_[population] / seconds;
}

double ArrivalBins::peak_per_s(double seconds) const {
  const Peak peak = busiest(seconds);
  double sum = 0;
  for (std::size_t p = 0; p < populations; ++p) sum += rate(p, peak, seconds);
  return sum;
}

// Against each minute's own mean, so that the day's shape does not count as burstiness.
double ArrivalBins::dispersion(std::size_t population, double seconds) const {
  const auto per_minute = static_cast<std::size_t>(std::max(1.0, 60 / bin_s_));
  const auto whole = std::min(bins_.size(), static_cast<std::size_t>(seconds / bin_s_));
  double variances = 0, means = 0;
  for (std::size_t first = 0; per_minute > 1 && first + per_minute <= whole; first += per_minute) {
    double sum = 0, squares = 0;
    for (std::size_t i = first; i < first + per_minute; ++i) {
      const double n = bins_[i][population];
      sum += n;
      squares += n * n;
    }
    const auto n = static_cast<double>(per_minute);
    const double mean = sum / n;
    variances += (squares - n * mean * mean) / (n - 1);
    means += mean;
  }
  if (means <= 0) return 1;
  const double all = begun_[population] + inside_[population];
  // Even arrivals have none, which rounding may put below 0.
  return std::max(0.0, (variances / means * begun_[population] + inside_[population]) / all);
}

Arrivals ArrivalBins::arrivals(std::size_t population, double seconds) const {
  Arrivals result;
  result.mean_per_s = sessions(population) / seconds;
  result.peak_per_s = std::max(result.mean_per_s, rate(population, busiest(seconds), seconds));
  result.dispersion = dispersion(population, seconds);
  const double minutes = std::ceil(seconds / 60);
  result.shape_bin_s = std::max(60 * std::max(1.0, std::ceil(minutes / 1440)), bin_s_);
  const auto bins = static_cast<std::size_t>(std::max(1.0, std::ceil(seconds / result.shape_bin_s)));
  result.shape.assign(std::min<std::size_t>(bins, 1440), 0);
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    const auto bin = static_cast<std::size_t>(static_cast<double>(i) * bin_s_ / result.shape_bin_s);
    result.shape[std::min(bin, result.shape.size() - 1)] += bins_[i][population];
  }
  if (result.mean_per_s <= 0) return result;
  for (std::size_t i = 0; i < result.shape.size(); ++i) {
    // The last bin is as long as the log goes on in it.
    const double length =
        std::max(1.0, std::min(result.shape_bin_s, seconds - static_cast<double>(i) * result.shape_bin_s));
    result.shape[i] = (result.shape[i] / length + inside_[population] / seconds) / result.mean_per_s;
  }
  return result;
}

}  // namespace tenfold::rehearse
