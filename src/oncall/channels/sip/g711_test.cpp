#include "oncall/channels/sip/g711.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tenfold::oncall::sip {
namespace {

TEST(G711, CodesOfTheRecommendation) {
  EXPECT_EQ(g711_encode(Law::a, 0), 0xd5);  // silence
  EXPECT_EQ(g711_encode(Law::mu, 0), 0xff);
  EXPECT_EQ(g711_encode(Law::a, 32'767), 0xaa);  // the loudest
  EXPECT_EQ(g711_encode(Law::a, -32'768), 0x2a);
  EXPECT_EQ(g711_encode(Law::mu, 32'767), 0x80);
  EXPECT_EQ(g711_encode(Law::mu, -32'768), 0x00);
  EXPECT_EQ(g711_decode(Law::mu, 0x80), 32'124);
  EXPECT_EQ(g711_decode(Law::a, 0xaa), 32'256);
  EXPECT_EQ(g711_decode(Law::a, 0xd5), 8);
}

TEST(G711, EveryCodeComesBack) {
  for (const Law law : {Law::a, Law::mu}) {
    for (int code = 0; code < 256; ++code) {
      if (law == Law::mu && code == 0x7f) continue;  // minus zero
      EXPECT_EQ(g711_encode(law, g711_decode(law, static_cast<std::uint8_t>(code))), code);
    }
  }
}

TEST(G711, EverySampleIsHeardWithinItsStep) {
  for (const Law law : {Law::a, Law::mu}) {
    for (int sample = -32'600; sample <= 32'600; ++sample) {
      const int heard = g711_decode(law, g711_encode(law, static_cast<std::int16_t>(sample)));
      const int allowed = std::abs(sample) / 16 + 16;  // a step is a sixteenth of its segment
      ASSERT_LE(std::abs(heard - sample), allowed) << "law " << static_cast<int>(law) << ", sample " << sample;
    }
  }
}

}  // namespace
}  // namespace tenfold::oncall::sip
