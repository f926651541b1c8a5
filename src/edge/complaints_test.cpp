#include "edge/complaints.hpp"

#include <gtest/gtest.h>

#include "edge/identify/client_address.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;

TEST(Complaints, SayWhatWasAskedWhoFailedAndHow) {
  const origin::Server server(0, {.host = "10.0.0.1", .port = 80}, {});
  EXPECT_EQ(Complaints::text({.what = "GET",
                              .path = "/a",
                              .status = 502,
                              .server = &server,
                              .cause = "closed the connection without an answer",
                              .attempts = 2}),
            "GET /a: 502: 10.0.0.1:80: closed the connection without an answer (2 attempts)");
  EXPECT_EQ(Complaints::text({.what = "refreshing", .path = "/a", .cause = "refused"}), "refreshing /a: refused");
  const origin::Server named(0, {.host = "shop.internal", .port = 80}, {}, net::IpAddress::v4(0x0a000001));
  EXPECT_EQ(Complaints::text({.what = "GET", .path = "/", .server = &named, .cause = "x"}),
            "GET /: shop.internal:80 (10.0.0.1:80): x");
}

TEST(Complaints, CannotForgeALine) {
  EXPECT_EQ(Complaints::text({.what = "GET", .path = "/a\n\x1b[2J\xc3\xa4", .cause = "x\r\ny"}), "GET /a??[2J??: x??y");
  EXPECT_LT(Complaints::text({.what = "GET", .path = std::string(10'000, 'x'), .cause = "y"}).size(), 300u);
}

TEST(Complaints, AreFewHoweverManyRequestsFail) {
  Complaints complaints;
  const TimePoint start{1h};
  for (int i = 0; i < 100; ++i) complaints.tell(start, {.what = "GET", .path = "/", .cause = "x"});
  EXPECT_EQ(complaints.untold(), 100u - Complaints::most);
  complaints.tell(start + Complaints::interval - 1ms, {.what = "GET", .path = "/", .cause = "x"});
  EXPECT_EQ(complaints.untold(), 101u - Complaints::most);
  complaints.tell(start + Complaints::interval, {.what = "GET", .path = "/", .cause = "x"});
  EXPECT_EQ(complaints.untold(), 0u);
}

TEST(ClientLabel, IsOneForAllThatAClientCanChooseFrom) {
  const auto label = [](std::string_view address) { return client_label(*net::IpAddress::parse(address)); };
  EXPECT_EQ(label("2001:db8:1:2::1"), label("2001:db8:1:2:ffff::9"));
  EXPECT_NE(label("2001:db8:1:2::1"), label("2001:db8:1:3::1"));
  EXPECT_NE(label("192.0.2.1"), label("192.0.2.2"));
  EXPECT_NE(label("::1"), 0u);
}

}  // namespace
}  // namespace tenfold::edge
