#include "oncall/replies/reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tenfold::oncall {
namespace {

using Kind = ReplyAct::Kind;
using ::testing::HasSubstr;

const Answerable seven{7, "ada", "+4930123456"};
const Answerable eight{8, "ada", "+4930123456"};

TEST(Reply, TheDigitAloneMeansTheOneAlertThatIsOpen) {
  const std::vector one{seven};
  for (const char* text : {"1", " 1 ", "1.", "\"1\"", "1!\n", "17", "1 7", "1-7", "1 #7", "1, 7."}) {
    const auto act = read_reply(text, Digits(), one);
    ASSERT_TRUE(act) << text;
    EXPECT_EQ(*act, (ReplyAct{Kind::acknowledge, seven})) << text;
  }
  const auto passed_on = read_reply("2", Digits(), one);
  ASSERT_TRUE(passed_on);
  EXPECT_EQ(passed_on->kind, Kind::escalate);
}

TEST(Reply, WhereSeveralAreOpenItNamesOne) {
  const std::vector both{seven, eight};
  const auto bare = read_reply("1", Digits(), both);
  ASSERT_FALSE(bare);
  EXPECT_THAT(bare.error().detail, HasSubstr("2 alerts are open"));
  const auto named = read_reply("1 8", Digits(), both);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->of, eight);
  EXPECT_FALSE(read_reply("1 9", Digits(), both));
}

TEST(Reply, NothingElseIsAnAct) {
  const std::vector one{seven};
  for (const char* text : {"", " ", "3", "9", "ok", "yes, 1", "1 moment please", "I am driving, I call back at 1", "11",
                           "1 7 7", "1 -7x", "1 99999999999999999999", "\xc2\xb9",
                           "1                                                                               7"}) {
    EXPECT_FALSE(read_reply(text, Digits(), one)) << text;
  }
  EXPECT_FALSE(read_reply("1", Digits(), {})) << "nothing was told to that number";
}

TEST(Reply, TheDigitsAreThePlans) {
  const std::vector one{seven};
  const Digits digits{.acknowledge = 5, .escalate = 0};
  EXPECT_EQ(read_reply("5", digits, one)->kind, Kind::acknowledge);
  EXPECT_EQ(read_reply("0", digits, one)->kind, Kind::escalate);
  EXPECT_FALSE(read_reply("1", digits, one));
}

TEST(Reply, NumbersAreThoseOfThePlanHoweverTheNetworkWritesThem) {
  for (const char* sender : {"+4930123456", "4930123456", "004930123456", "030123456", "+49 30 123456"}) {
    EXPECT_TRUE(is_number_of(sender, "+4930123456")) << sender;
  }
  for (const char* sender : {"", "+4930123457", "30123456", "+030123456", "0123456", "23456", "Vodafone", "0000000000",
                             "+14930123456", "04930123456", "49+30123456"}) {
    EXPECT_FALSE(is_number_of(sender, "+4930123456")) << sender;
  }
  EXPECT_FALSE(is_number_of("4930123456", ""));
}

TEST(Reply, ANameThatHoldsTheDigitsIsNotTheNumber) {
  for (const char* sender : {"4930123456X", "X4930123456", "+4930123456a", "030123456_", "4930123456\xc2\xb2"}) {
    EXPECT_FALSE(is_number_of(sender, "+4930123456")) << sender;
  }
}

TEST(Reply, TheEndOfANumberIsNotTheNumber) {
  EXPECT_TRUE(is_number_of("0501234567", "+358501234567")) << "a country's code of three digits";
  EXPECT_FALSE(is_number_of("0501234567", "+49358501234567"));
  EXPECT_FALSE(is_number_of("05112345678", "+4915112345678")) << "of another network";
  EXPECT_FALSE(is_number_of("02345678", "+4915112345678"));
}

}  // namespace
}  // namespace tenfold::oncall
