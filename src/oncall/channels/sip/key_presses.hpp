#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.hpp"

namespace tenfold::oncall::sip {

// The digit of a telephone-event (RFC 4733, section 2.3): "0" to "9", "*", "#", "A" to "D"; nothing for other events
// and for packets that are too short.
std::optional<char> digit_of_event(std::span<const std::uint8_t> payload);

// The digit in the body of a SIP INFO: application/dtmf-relay ("Signal=1") or application/dtmf ("1").
std::optional<char> digit_of_info(std::string_view content_type, std::string_view body);

// One press reaches us up to three ways (event packets, several of each; tones in the audio; INFO) and is one press.
class KeyPresses {
 public:
  // Every packet of an event bears the time at which it began, which tells it from the next.
  std::optional<char> event(std::span<const std::uint8_t> payload, std::uint32_t began, TimePoint now);
  // Once events have come, tones are taken for their echo: gateways leave the beginning of a tone in the audio.
  std::optional<char> tone(char digit, TimePoint now);
  std::optional<char> info(char digit, TimePoint now);

 private:
  enum class Way : std::uint8_t { none, event, tone, info };
  // The same digit on another way so soon is the same press.
  static constexpr Duration one_press = std::chrono::milliseconds(700);
  std::optional<char> press(Way way, char digit, TimePoint now);

  std::optional<std::uint32_t> last_event_;
  Way last_way_ = Way::none;
  char last_digit_ = 0;
  TimePoint last_at_{};
};

}  // namespace tenfold::oncall::sip
