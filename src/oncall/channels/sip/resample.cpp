#include "oncall/channels/sip/resample.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/result.hpp"

namespace tenfold::oncall::sip {
namespace {

constexpr double highest_hertz = 3'600;  // carried whole; G.711's line ends at 4,000
constexpr int zero_crossings = 16;       // of the windowed sinc, on each side: 60 dB of everything above is gone

double low_pass(double samples_away, double cutoff, double reach) {
  const double distance = std::abs(samples_away);
  if (distance >= reach) return 0;
  const double angle = std::numbers::pi * 2 * cutoff * samples_away;
  const double sinc = distance < 1e-9 ? 1 : std::sin(angle) / angle;
  const double hann = 0.5 + 0.5 * std::cos(std::numbers::pi * samples_away / reach);
  return 2 * cutoff * sinc * hann;
}

}  // namespace

std::vector<std::int16_t> to_line_rate(std::span<const std::int16_t> samples, unsigned rate) {
  TENFOLD_ASSERT(rate >= line_rate && rate <= 48'000);
  if (rate == line_rate) return {samples.begin(), samples.end()};
  const double step = static_cast<double>(rate) / line_rate;
  const double cutoff = highest_hertz / rate;  // in cycles a sample
  const double reach = zero_crossings / (2 * cutoff);
  const auto count = static_cast<std::size_t>(static_cast<double>(samples.size()) / step);
  const auto last = static_cast<std::ptrdiff_t>(samples.size()) - 1;
  std::vector<std::int16_t> result(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double centre = static_cast<double>(i) * step;
    const auto from = std::max<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(std::ceil(centre - reach)));
    const auto until = std::min(last, static_cast<std::ptrdiff_t>(std::floor(centre + reach)));
    double sum = 0;
    for (std::ptrdiff_t at = from; at <= until; ++at) {
      sum += samples[static_cast<std::size_t>(at)] * low_pass(static_cast<double>(at) - centre, cutoff, reach);
    }
    result[i] = static_cast<std::int16_t>(std::lround(std::clamp(sum, -32'768.0, 32'767.0)));
  }
  return result;
}

}  // namespace tenfold::oncall::sip
