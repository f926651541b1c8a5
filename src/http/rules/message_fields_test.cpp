#include "http/rules/message_fields.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace tenfold::http {
namespace {

MessageFields gathered(std::initializer_list<std::pair<Field, std::string_view>> fields) {
  MessageFields result;
  for (const auto& [field, value] : fields) result.field(field, value);
  return result;
}

TEST(ContentLength, IsDigitsUpToTheBound) {
  EXPECT_EQ(parse_content_length("0"), 0u);
  EXPECT_EQ(parse_content_length("0012"), 12u);
  EXPECT_EQ(parse_content_length("9223372036854775807"), 9'223'372'036'854'775'807u);
  for (const std::string_view bad : {"", "9223372036854775808", "00000000000000000001", "+1", "-1", " 1", "1 ", "1,1",
                                     "0x1", "1.0", "one", "\xd9\xa1"}) {
    EXPECT_EQ(parse_content_length(bad), std::nullopt) << bad;
  }
}

TEST(MessageFields, HaveOneLengthOrNone) {
  EXPECT_EQ(gathered({}).length_fault(400).status, 0);
  EXPECT_FALSE(gathered({}).has_length());
  const MessageFields one = gathered({{Field::content_length, "5"}});
  EXPECT_EQ(one.length_fault(400).status, 0);
  EXPECT_TRUE(one.has_length());
  EXPECT_EQ(one.length(), 5u);
  EXPECT_EQ(gathered({{Field::content_length, "5"}, {Field::content_length, "5"}}).length_fault(502).status, 502);
  EXPECT_EQ(gathered({{Field::content_length, "5, 5"}}).length_fault(400).status, 400);
  EXPECT_EQ(gathered({{Field::content_length, ""}}).length_fault(400).status, 400);
}

TEST(MessageFields, AreForOneHost) {
  EXPECT_EQ(gathered({}).host_fault().status, 0);
  EXPECT_FALSE(gathered({}).has_host());
  const MessageFields one = gathered({{Field::accept, "x"}, {Field::host, "shop.example:8080"}});
  EXPECT_EQ(one.host_fault().status, 0);
  EXPECT_EQ(one.host(), "shop.example:8080");
  EXPECT_EQ(gathered({{Field::host, ""}}).host_fault().status, 400);
  EXPECT_EQ(gathered({{Field::host, "a b"}}).host_fault().status, 400);
  EXPECT_EQ(gathered({{Field::host, "a"}, {Field::host, "a"}}).host_fault().status, 400);
}

TEST(MessageFields, TellWhetherTheClientWaits) {
  EXPECT_FALSE(gathered({}).expects_continue());
  EXPECT_TRUE(gathered({{Field::expect, "100-Continue"}, {Field::expect, "x"}}).expects_continue());
  EXPECT_FALSE(gathered({{Field::expect, "100"}}).expects_continue());
}

}  // namespace
}  // namespace tenfold::http
