#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace tenfold::oncall::sip {

// Digits that arrive as tones in the audio (ITU-T Q.23, Q.24), of 8,000 samples a second. A digit is two tones, one of
// each group, that stand alone: together nearly all of the sound, neither much louder than the other, and steady for
// 50 ms; whatever lasts 70 ms is sure to be heard. Speech is never so pure for so long, which is what keeps the spoken
// message, coming back as an echo, from pressing a key.
class ToneDetector {
 public:
  // The digit that becomes certain in these samples: each press once, however long it is held. The last, if there are
  // several, which takes more than 70 ms of samples.
  std::optional<char> hear(std::span<const std::int16_t> samples);

 private:
  // 14 ms: tones that are neighbours (73 Hz apart) do not show in each other's place, and one that is 1.5 % off (as
  // Q.24 allows) still shows in its own.
  static constexpr std::size_t window = 112;
  static constexpr std::size_t hop = window / 2;
  static constexpr unsigned windows_to_believe = 6;  // 50 ms
  static constexpr unsigned windows_to_end = 4;

  void weigh(std::optional<char> digit, std::optional<char>& certain);

  std::array<std::int16_t, window> heard_{};
  std::size_t filled_ = 0;
  std::optional<char> candidate_;
  unsigned seen_ = 0;
  std::optional<char> held_;  // told already, and not yet let go
  unsigned missed_ = 0;
};

}  // namespace tenfold::oncall::sip
