#include "oncall/channels/sip/resample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tenfold::oncall::sip {
namespace {

std::vector<std::int16_t> tone(double hertz, unsigned rate, double seconds, double amplitude = 10'000) {
  std::vector<std::int16_t> samples(static_cast<std::size_t>(seconds * rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] =
        static_cast<std::int16_t>(amplitude * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / rate));
  }
  return samples;
}

double rms_inside(const std::vector<std::int16_t>& samples) {
  double sum = 0;
  for (std::size_t i = 200; i + 200 < samples.size(); ++i) sum += static_cast<double>(samples[i]) * samples[i];
  return std::sqrt(sum / static_cast<double>(samples.size() - 400));
}

TEST(Resample, KeepsLengthAndLoudnessOfWhatTheLineCarries) {
  for (const unsigned rate : {16'000U, 22'050U, 44'100U, 48'000U}) {
    for (const double hertz : {300.0, 1'000.0, 3'000.0}) {
      const auto line = to_line_rate(tone(hertz, rate, 0.5), rate);
      EXPECT_NEAR(static_cast<double>(line.size()), 4'000, 1);
      EXPECT_NEAR(rms_inside(line), 10'000 / std::numbers::sqrt2, 200) << hertz << " Hz of " << rate;
    }
  }
}

TEST(Resample, LeavesOutWhatWouldComeBackAsAHiss) {
  for (const double hertz : {4'800.0, 6'000.0, 9'000.0})
    EXPECT_LT(rms_inside(to_line_rate(tone(hertz, 22'050, 0.5), 22'050)), 60) << hertz;
}

TEST(Resample, TheLinesOwnRateAndNothing) {
  const auto samples = tone(700, 8'000, 0.1);
  EXPECT_EQ(to_line_rate(samples, 8'000), samples);
  EXPECT_TRUE(to_line_rate({}, 22'050).empty());
}

TEST(Resample, TheLoudestDoesNotOverflow) {
  const std::vector<std::int16_t> square = [] {
    std::vector<std::int16_t> samples(22'050);
    for (std::size_t i = 0; i < samples.size(); ++i)
      samples[i] = (i / 20) % 2 == 0 ? std::int16_t{32'767} : std::int16_t{-32'768};
    return samples;
  }();
  const auto line = to_line_rate(square, 22'050);
  // An overflow would turn a peak to the other side: the first half of each half-wave is of one sign.
  EXPECT_GT(*std::ranges::max_element(line), 32'000);
  EXPECT_LT(*std::ranges::min_element(line), -32'000);
}

}  // namespace
}  // namespace tenfold::oncall::sip
