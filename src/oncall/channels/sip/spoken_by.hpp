#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tenfold::oncall::sip {

struct SpeechOrder {
  std::string program;         // espeak-ng, or one that takes the same options
  std::string voice;           // "de"
  std::string text;            // UTF-8
  std::size_t most_bytes = 0;  // of the answer; what is beyond is cut off
  Duration longest{};
};

// The child's whole standard output: a WAV file. Blocks for `longest` at most; ends the child when that is over or
// `stop` is asked for. Errors: not_found (names the package), timed_out, cancelled, exhausted, failed (with the
// program's own words).
Result<std::vector<std::uint8_t>> spoken_by(const SpeechOrder& order, const std::stop_token& stop);

}  // namespace tenfold::oncall::sip
