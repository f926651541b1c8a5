#include "oncall/channels/sip/g711.hpp"

#include <algorithm>
#include <bit>

namespace tenfold::oncall::sip {
namespace {

constexpr int mu_bias = 132;                // makes every segment of mu-law start at a power of two
constexpr int mu_clip = 32'635;             // the loudest sample that the bias leaves room for
constexpr std::uint8_t a_even_bits = 0x55;  // A-law inverts every other bit on the line (G.711, table 1a, note 2)

// The sign bit is set for positive samples in both laws, before the inversion of mu-law.
std::uint8_t encode_mu(int sample) {
  const int sign = sample < 0 ? 0x80 : 0;
  const int magnitude = std::min(sample < 0 ? -sample : sample, mu_clip) + mu_bias;
  const int segment = std::bit_width(static_cast<unsigned>(magnitude)) - 8;
  const int step = (magnitude >> (segment + 3)) & 0x0f;
  return static_cast<std::uint8_t>(~(sign | (segment << 4) | step));
}

std::int16_t decode_mu(std::uint8_t code) {
  const int bits = static_cast<std::uint8_t>(~code);
  const int magnitude = ((((bits & 0x0f) << 3) + mu_bias) << ((bits >> 4) & 7)) - mu_bias;
  return static_cast<std::int16_t>((bits & 0x80) != 0 ? -magnitude : magnitude);
}

// Works on 13 bits: the lowest three of the sixteen are below A-law's finest step.
std::uint8_t encode_a(int sample) {
  const int sign = sample >= 0 ? 0x80 : 0;
  const int magnitude = (sample >= 0 ? sample : -sample - 1) >> 3;
  const int width = std::bit_width(static_cast<unsigned>(magnitude));
  const int segment = width <= 5 ? 0 : width - 5;
  const int step = (segment <= 1 ? magnitude >> 1 : magnitude >> segment) & 0x0f;
  return static_cast<std::uint8_t>((sign | (segment << 4) | step) ^ a_even_bits);
}

std::int16_t decode_a(std::uint8_t code) {
  const int bits = code ^ a_even_bits;
  const int segment = (bits >> 4) & 7;
  int magnitude = ((bits & 0x0f) << 4) + 8;  // the middle of the step
  if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
  return static_cast<std::int16_t>((bits & 0x80) != 0 ? magnitude : -magnitude);
}

}  // namespace

std::uint8_t g711_encode(Law law, std::int16_t sample) { return law == Law::a ? encode_a(sample) : encode_mu(sample); }
std::int16_t g711_decode(Law law, std::uint8_t code) { return law == Law::a ? decode_a(code) : decode_mu(code); }

std::vector<std::uint8_t> g711_encode(Law law, std::span<const std::int16_t> samples) {
  std::vector<std::uint8_t> codes(samples.size());
  std::ranges::transform(samples, codes.begin(), [law](std::int16_t sample) { return g711_encode(law, sample); });
  return codes;
}

std::vector<std::int16_t> g711_decode(Law law, std::span<const std::uint8_t> codes) {
  std::vector<std::int16_t> samples(codes.size());
  std::ranges::transform(codes, samples.begin(), [law](std::uint8_t code) { return g711_decode(law, code); });
  return samples;
}

}  // namespace tenfold::oncall::sip
