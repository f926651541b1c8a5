#include "edge/brain/unknown_proxies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/siphash.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class UnknownProxiesTest : public ::testing::Test {
 protected:
  static net::IpAddress address(std::string_view text) { return *net::IpAddress::parse(text); }
  // As many requests from there, each in the name of another visitor.
  void pass_on(std::string_view from, std::uint64_t visitors, std::uint64_t with_a_cookie = 0) {
    PassedOnTable table;
    for (std::uint64_t i = 0; i < visitors; ++i) {
      const std::uint64_t hash = siphash(SipKey{1, 2}, i);
      table.note(address(from), hash, i < with_a_cookie ? std::optional(hash) : std::nullopt);
    }
    proxies.add(table);
    proxies.add_asked(visitors);
  }

  UnknownProxies proxies;
  TimePoint now{1h};
};

TEST_F(UnknownProxiesTest, WhoPassesOnForManyIsToldOnceWithTheRemedy) {
  pass_on("192.0.2.7", 60, 40);
  EXPECT_TRUE(proxies.judge(now));
  ASSERT_EQ(proxies.notes().size(), 1u);
  const UnknownProxies::Note& note = proxies.notes()[0];
  EXPECT_EQ(note.prefix, "192.0.2.7");
  EXPECT_NEAR(static_cast<double>(note.visitors), 60, 15);
  EXPECT_THAT(note.text(), HasSubstr("put 192.0.2.7 into trusted_proxies"));
  EXPECT_THAT(note.text(), HasSubstr("somebody forges the field"));
  EXPECT_THAT(note.text(), HasSubstr("of them brought a cookie of this edge's"));
  pass_on("192.0.2.7", 60);
  EXPECT_FALSE(proxies.judge(now + 1s));
  EXPECT_FALSE(proxies.judge(now + UnknownProxies::period + 1s));
}

TEST_F(UnknownProxiesTest, SeveralOfANetworkAreToldAsOne) {
  pass_on("198.51.100.1", 60);
  pass_on("198.51.100.2", 60);
  EXPECT_TRUE(proxies.judge(now));
  ASSERT_EQ(proxies.notes().size(), 1u);
  EXPECT_EQ(proxies.notes()[0].prefix, "198.51.100.0/24");
  EXPECT_THAT(proxies.notes()[0].text(), HasSubstr("none of them brought a cookie"));
}

TEST_F(UnknownProxiesTest, WhoNamesFewIsNone) {
  pass_on("192.0.2.7", 12);
  EXPECT_FALSE(proxies.judge(now));
}

// An office's proxy, or a phone's: the shop's visitors come by themselves.
TEST_F(UnknownProxiesTest, WhoBringsLittleOfWhatComesIsNone) {
  pass_on("192.0.2.7", 60);
  proxies.add_asked(61);
  EXPECT_FALSE(proxies.judge(now));
  EXPECT_TRUE(proxies.notes().empty());
  pass_on("203.0.113.7", 60);
  EXPECT_TRUE(proxies.judge(now + 1s)) << "two together";
  EXPECT_EQ(proxies.notes().size(), 2u);
}

TEST_F(UnknownProxiesTest, IsNoMoreOnceAWholePeriodWentWithout) {
  pass_on("192.0.2.7", 60);
  EXPECT_TRUE(proxies.judge(now));
  EXPECT_FALSE(proxies.judge(now + UnknownProxies::period));
  EXPECT_EQ(proxies.notes().size(), 1u);
  EXPECT_FALSE(proxies.judge(now + 2 * UnknownProxies::period));
  EXPECT_TRUE(proxies.notes().empty());
}

TEST_F(UnknownProxiesTest, IsToldAgainWhereTheOwnerHasChangedSomethingElse) {
  pass_on("192.0.2.7", 60);
  EXPECT_TRUE(proxies.judge(now));
  proxies.forget();
  EXPECT_FALSE(proxies.judge(now + 1s));
  pass_on("192.0.2.7", 60);
  EXPECT_TRUE(proxies.judge(now + 2s));
}

TEST_F(UnknownProxiesTest, AreBoundedAndTheHeaviestStays) {
  pass_on("192.0.2.7", 60);
  for (std::uint32_t i = 0; i < 2 * UnknownProxies::most_networks; ++i) {
    PassedOnTable table;
    table.note(net::IpAddress::v4(0x0b000000 + (i << 8)), i, {});
    proxies.add(table);
  }
  EXPECT_TRUE(proxies.judge(now));
  PassedOnTable table;
  for (std::uint32_t i = 0; i < 2 * PassedOnTable::most; ++i) table.note(net::IpAddress::v4(i << 8), i, {});
  EXPECT_EQ(table.networks().size(), PassedOnTable::most);
}

}  // namespace
}  // namespace tenfold::edge
