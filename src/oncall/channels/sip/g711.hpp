#pragma once

#include <cstdint>
#include <span>
#include <vector>

// ITU-T G.711: eight bits a sample, 8,000 samples a second. A-law is what Europe's networks speak, mu-law North
// America's.
namespace tenfold::oncall::sip {

enum class Law : std::uint8_t { a, mu };

std::uint8_t g711_encode(Law law, std::int16_t sample);
std::int16_t g711_decode(Law law, std::uint8_t code);

std::vector<std::uint8_t> g711_encode(Law law, std::span<const std::int16_t> samples);
std::vector<std::int16_t> g711_decode(Law law, std::span<const std::uint8_t> codes);

}  // namespace tenfold::oncall::sip
