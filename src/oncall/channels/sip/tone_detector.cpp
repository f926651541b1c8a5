#include "oncall/channels/sip/tone_detector.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tenfold::oncall::sip {
namespace {

constexpr double sample_rate = 8'000;
constexpr std::array<double, 4> rows{697, 770, 852, 941};
constexpr std::array<double, 4> columns{1209, 1336, 1477, 1633};
constexpr std::array<std::array<char, 4>, 4> key_grid{
    {{'1', '2', '3', 'A'}, {'4', '5', '6', 'B'}, {'7', '8', '9', 'C'}, {'*', '0', '#', 'D'}}};

constexpr double quietest_rms = 100;    // 50 dB below the loudest: a tone through a bad line is 20 dB above that
constexpr double least_share = 0.75;    // of the power that the two tones must hold between them
constexpr double most_twist = 6.3;      // 8 dB: power of the louder tone over the other's
constexpr double least_distance = 6.3;  // 8 dB: power over the next best of the same group

// Goertzel's algorithm: the power of one frequency, as the mean square that a tone of it has.
double power_at(double hertz, std::span<const std::int16_t> samples) {
  const double coefficient = 2 * std::cos(2 * std::numbers::pi * hertz / sample_rate);
  double before = 0;
  double last = 0;
  for (const std::int16_t sample : samples) {
    const double next = sample + coefficient * last - before;
    before = last;
    last = next;
  }
  const double magnitude = before * before + last * last - coefficient * before * last;
  const auto count = static_cast<double>(samples.size());
  return 2 * magnitude / (count * count);
}

struct Loudest {
  std::size_t index = 0;
  double power = 0;
  double next = 0;
};

Loudest loudest_of(const std::array<double, 4>& group, std::span<const std::int16_t> samples) {
  Loudest found;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const double power = power_at(group[i], samples);
    if (power > found.power) {
      found = {.index = i, .power = power, .next = found.power};
    } else {
      found.next = std::max(found.next, power);
    }
  }
  return found;
}

std::optional<char> digit_in(std::span<const std::int16_t> samples) {
  double square = 0;
  for (const std::int16_t sample : samples) square += static_cast<double>(sample) * sample;
  const double mean = square / static_cast<double>(samples.size());
  if (mean < quietest_rms * quietest_rms) return std::nullopt;

  const Loudest row = loudest_of(rows, samples);
  const Loudest column = loudest_of(columns, samples);
  if (row.power + column.power < least_share * mean) return std::nullopt;
  if (row.power > most_twist * column.power || column.power > most_twist * row.power) return std::nullopt;
  if (row.power < least_distance * row.next || column.power < least_distance * column.next) return std::nullopt;
  return key_grid[row.index][column.index];
}

}  // namespace

std::optional<char> ToneDetector::hear(std::span<const std::int16_t> samples) {
  std::optional<char> certain;
  while (!samples.empty()) {
    const std::size_t taken = std::min(window - filled_, samples.size());
    std::ranges::copy(samples.first(taken), heard_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += taken;
    samples = samples.subspan(taken);
    if (filled_ < window) break;
    weigh(digit_in(heard_), certain);
    std::copy(heard_.begin() + hop, heard_.end(), heard_.begin());
    filled_ = window - hop;
  }
  return certain;
}

void ToneDetector::weigh(std::optional<char> digit, std::optional<char>& certain) {
  if (held_) {
    missed_ = digit == held_ ? 0 : missed_ + 1;
    if (missed_ >= windows_to_end) held_.reset();
  }
  seen_ = digit && digit == candidate_ ? seen_ + 1 : 1;
  candidate_ = digit;
  if (digit && !held_ && seen_ >= windows_to_believe) {
    certain = held_ = digit;
    missed_ = 0;
  }
}

}  // namespace tenfold::oncall::sip
