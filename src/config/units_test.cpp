#include "config/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold::config {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(Units, ReadsDurations) {
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  EXPECT_EQ(parse_duration("2s").value(), 2s);
  EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
  EXPECT_EQ(parse_duration("10m").value(), 10min);
  EXPECT_EQ(parse_duration("1h").value(), 1h);
  EXPECT_EQ(parse_duration("7d").value(), 7 * 24h);
  EXPECT_EQ(parse_duration("0s").value(), 0s);
}

TEST(Units, WritesDurationsInTheLargestUnitThatFits) {
  for (const auto* text : {"250ms", "2s", "90s", "10m", "1h", "7d", "0s", "0.5ms"}) {
    EXPECT_EQ(duration_text(parse_duration(text).value()), text);
  }
  EXPECT_EQ(duration_text(24h), "1d");
}

TEST(Units, ReadsSizesAndWritesThem) {
  EXPECT_EQ(parse_size("64KiB").value(), 65536u);
  EXPECT_EQ(parse_size("1.5GiB").value(), 1610612736u);
  EXPECT_EQ(parse_size("0").value(), 0u);
  for (const auto* text : {"512B", "64KiB", "256MiB", "3TiB"}) EXPECT_EQ(size_text(parse_size(text).value()), text);
}

TEST(Units, ReadsRatesSharesAndMoney) {
  EXPECT_DOUBLE_EQ(parse_rate("10/s").value(), 10);
  EXPECT_DOUBLE_EQ(parse_rate("600/m").value(), 10);
  EXPECT_DOUBLE_EQ(parse_share("20%").value(), 0.2);
  EXPECT_EQ(parse_hundredths("42.50").value(), 4250);
  EXPECT_EQ(parse_hundredths("42.5").value(), 4250);
  EXPECT_EQ(parse_hundredths("42").value(), 4200);
  EXPECT_FALSE(parse_hundredths("42.505").has_value());
  EXPECT_FALSE(parse_hundredths("-1").has_value());
}

TEST(Units, AColourHasSixHexadecimalDigits) {
  for (const auto* wrong : {"", "#", "0b5c4d", "#0b5c4", "#0b5c4dd", "#0b5c4g", "green"}) {
    EXPECT_FALSE(parse_colour(wrong)) << wrong;
  }
  EXPECT_EQ(parse_colour("#0B5c4d").value(), "#0b5c4d");
}

TEST(Units, SaysWhatWasProbablyMeant) {
  EXPECT_THAT(parse_duration("2").error().hint, HasSubstr("write 2s"));
  EXPECT_THAT(parse_duration("2sec").error().hint, HasSubstr("did you mean 2s?"));
  EXPECT_THAT(parse_duration("2 s").error().hint, HasSubstr("did you mean 2s?"));
  EXPECT_THAT(parse_duration("5min").error().hint, HasSubstr("did you mean 5m?"));
  EXPECT_THAT(parse_size("256MB").error().hint, HasSubstr("did you mean 256MiB?"));
  EXPECT_THAT(parse_size("256m").error().hint, HasSubstr("did you mean 256MiB?"));
  EXPECT_THAT(parse_share("0.2").error().hint, HasSubstr("write 20%"));
  EXPECT_THAT(parse_share("20").error().hint, HasSubstr("write 20%"));
  EXPECT_THAT(parse_network("10.1.2.3/8").error().hint, HasSubstr("10.0.0.0/8"));
  EXPECT_THAT(parse_host_port("https://shop.example/").error().hint, HasSubstr("shop.example:443"));
}

TEST(Units, RefusesWhatIsNoDuration) {
  for (const auto* text :
       {"", "s", ".5s", "1.s", "1..5s", "-2s", "2ss", "2S ", "1e3s", "NaNs", "99999999999999d", "1m30s"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(Units, ReadsHostsWithPorts) {
  EXPECT_EQ(parse_host_port("127.0.0.1:80").value(), (HostPort{"127.0.0.1", 80}));
  EXPECT_EQ(parse_host_port("[::1]:443").value(), (HostPort{"::1", 443}));
  EXPECT_EQ(parse_host_port("[0:0::1]:443").value().text(), "[::1]:443");
  EXPECT_EQ(parse_host_port("App.Internal:8080").value().text(), "app.internal:8080");
  for (const auto* text : {"", "80", ":80", "*:80", "::1:80", "[::1]", "[::1]80", "[x]:1", "a:", "a:65536", "a:-1",
                           "a b:1", "-a:1", "a..b:1", "1.2.3.400:80", "1.2.3:80"}) {
    EXPECT_FALSE(parse_host_port(text).has_value()) << text;
  }
}

TEST(Units, ReadsNetworks) {
  EXPECT_EQ(parse_network("10.0.0.0/8").value().text, "10.0.0.0/8");
  EXPECT_EQ(parse_network("192.0.2.7").value().text, "192.0.2.7");
  EXPECT_EQ(parse_network("192.0.2.7/32").value().text, "192.0.2.7");
  EXPECT_EQ(parse_network("2001:DB8::/32").value().text, "2001:db8::/32");
  EXPECT_EQ(parse_network("0.0.0.0/0").value().text, "0.0.0.0/0");
  for (const auto* text : {"", "10.0.0.0/", "10.0.0.0/33", "::/129", "10/8", "a/8", "10.0.0.1/31", "2001:db8::1/64"}) {
    EXPECT_FALSE(parse_network(text).has_value()) << text;
  }
}

TEST(Units, ANetworkThatIsWiderThanAnybodysOwnHoldsAnyone) {
  for (const char* text : {"0.0.0.0/0", "128.0.0.0/1", "0.0.0.0/7", "::/0", "2000::/3", "fc00::/6", "::ffff:0:0/96",
                           "::ffff:8.0.0.0/103", "::/64"}) {
    const auto network = parse_network(text);
    ASSERT_TRUE(network.has_value()) << text;
    EXPECT_TRUE(holds_anyone(*network)) << text;
  }
  for (const char* text : {"10.0.0.0/8", "192.0.2.7", "fc00::/7", "2001:db8::/32", "::ffff:10.0.0.0/104", "::1"}) {
    const auto network = parse_network(text);
    ASSERT_TRUE(network.has_value()) << text;
    EXPECT_FALSE(holds_anyone(*network)) << text;
  }
}

TEST(Units, ReadsRequestPatterns) {
  EXPECT_EQ(parse_request_pattern("POST /checkout").value(), (RequestPattern{"POST", "/checkout"}));
  EXPECT_EQ(parse_request_pattern("/cart*").value(), (RequestPattern{"", "/cart*"}));
  for (const auto* text : {"", "checkout", "post /a", "POST", "POST  /a", "/a b", "/a?x=1", "/a#b", "*", " /a"}) {
    EXPECT_FALSE(parse_request_pattern(text).has_value()) << text;
  }
}

TEST(Units, ReadsStatusRanges) {
  EXPECT_EQ(parse_status_range("204").value(), (StatusRange{204, 204}));
  EXPECT_EQ(parse_status_range("200-399").value(), (StatusRange{200, 399}));
  for (const auto* text : {"", "99", "600", "300-200", "200-", "-200", "2xx"}) {
    EXPECT_FALSE(parse_status_range(text).has_value()) << text;
  }
}

TEST(HostPort, KnowsLoopback) {
  EXPECT_TRUE((HostPort{"127.0.0.1", 1}).is_loopback());
  EXPECT_TRUE((HostPort{"::1", 1}).is_loopback());
  EXPECT_FALSE((HostPort{"0.0.0.0", 1}).is_loopback());
  EXPECT_FALSE((HostPort{"127.example", 1}).is_loopback());
}

}  // namespace
}  // namespace tenfold::config
