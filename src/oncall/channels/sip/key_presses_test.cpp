#include "oncall/channels/sip/key_presses.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace tenfold::oncall::sip {
namespace {

using namespace std::chrono_literals;
using Payload = std::vector<std::uint8_t>;

constexpr TimePoint start{1h};
Payload event_of(std::uint8_t code) { return {code, 0x0a, 0x00, 0xa0}; }

TEST(KeyPresses, EventsByTheirCode) {
  EXPECT_EQ(digit_of_event(event_of(0)), '0');
  EXPECT_EQ(digit_of_event(event_of(9)), '9');
  EXPECT_EQ(digit_of_event(event_of(10)), '*');
  EXPECT_EQ(digit_of_event(event_of(11)), '#');
  EXPECT_EQ(digit_of_event(event_of(15)), 'D');
  EXPECT_EQ(digit_of_event(event_of(16)), std::nullopt) << "flash";
  EXPECT_EQ(digit_of_event(event_of(255)), std::nullopt);
  EXPECT_EQ(digit_of_event(Payload{1, 0, 0}), std::nullopt);
  EXPECT_EQ(digit_of_event({}), std::nullopt);
}

TEST(KeyPresses, InfoInBothForms) {
  EXPECT_EQ(digit_of_info("application/dtmf-relay", "Signal=1\r\nDuration=160\r\n"), '1');
  EXPECT_EQ(digit_of_info("Application/DTMF-Relay; charset=utf-8", "Duration = 100\r\n signal = # \r\n"), '#');
  EXPECT_EQ(digit_of_info("application/dtmf", "9"), '9');
  EXPECT_EQ(digit_of_info("application/dtmf", " d\r\n"), 'D');
  EXPECT_EQ(digit_of_info("application/dtmf", "12"), std::nullopt);
  EXPECT_EQ(digit_of_info("application/dtmf-relay", "Signal=\r\n"), std::nullopt);
  EXPECT_EQ(digit_of_info("application/dtmf-relay", "Duration=160"), std::nullopt);
  EXPECT_EQ(digit_of_info("application/media_control+xml", "1"), std::nullopt);
  EXPECT_EQ(digit_of_info("", ""), std::nullopt);
}

TEST(KeyPresses, AnEventOfManyPacketsIsOnePress) {
  KeyPresses keys;
  EXPECT_EQ(keys.event(event_of(1), 8000, start), '1');
  for (int packet = 1; packet < 8; ++packet)
    EXPECT_EQ(keys.event(event_of(1), 8000, start + packet * 20ms), std::nullopt);
  EXPECT_EQ(keys.event(event_of(1), 9600, start + 200ms), '1') << "pressed again";
}

TEST(KeyPresses, OneThatComesTwoWaysIsOnePress) {
  KeyPresses tone_first;
  EXPECT_EQ(tone_first.tone('9', start), '9');
  EXPECT_EQ(tone_first.event(event_of(9), 8000, start + 100ms), std::nullopt);
  EXPECT_EQ(tone_first.event(event_of(9), 16000, start + 700ms), '9') << "much later it is another press";

  KeyPresses event_first;
  EXPECT_EQ(event_first.event(event_of(9), 8000, start), '9');
  EXPECT_EQ(event_first.tone('9', start + 60ms), std::nullopt);
  EXPECT_EQ(event_first.tone('9', start + 1h), std::nullopt) << "tones are the echo of events, once there are events";
  EXPECT_EQ(event_first.info('9', start + 100ms), std::nullopt);
}

TEST(KeyPresses, TheSameWayOrAnotherDigitOrLaterIsAnotherPress) {
  KeyPresses keys;
  EXPECT_EQ(keys.tone('9', start), '9');
  EXPECT_EQ(keys.tone('9', start + 100ms), '9');
  EXPECT_EQ(keys.info('1', start + 200ms), '1');
  EXPECT_EQ(keys.tone('1', start + 899ms), std::nullopt) << "just under";
  EXPECT_EQ(keys.tone('1', start + 900ms), '1') << "just over";
}

}  // namespace
}  // namespace tenfold::oncall::sip
