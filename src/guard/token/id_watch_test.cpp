#include "guard/token/id_watch.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr SipKey watch_key{5, 6};
constexpr TimePoint watch_start{1h};

Prefix nth_network(std::uint32_t number) {
  return Prefix::of(net::IpAddress::v4(0x0a000000 + (number << 8)), Level::network);
}

TEST(IdWatch, EightNetworksAreFineAndTheNinthRevokes) {
  IdWatch watch({}, watch_key);
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(watch.see(1, nth_network(i), watch_start), IdVerdict::fine) << i;
  EXPECT_EQ(watch.see(1, nth_network(3), watch_start), IdVerdict::fine);
  EXPECT_EQ(watch.see(1, nth_network(8), watch_start), IdVerdict::revoked);
  EXPECT_EQ(watch.see(1, nth_network(3), watch_start), IdVerdict::revoked);
  EXPECT_EQ(watch.see(2, nth_network(3), watch_start), IdVerdict::fine);
}

TEST(IdWatch, RevocationLastsAnHour) {
  IdWatch watch({}, watch_key);
  for (std::uint32_t i = 0; i < 9; ++i) watch.see(1, nth_network(i), watch_start);
  EXPECT_EQ(watch.see(1, nth_network(0), watch_start + 1h - 1s), IdVerdict::revoked);
  EXPECT_EQ(watch.see(1, nth_network(0), watch_start + 1h), IdVerdict::fine);
}

TEST(IdWatch, NetworksOfMoreThanTenMinutesAgoDoNotCount) {
  IdWatch watch({}, watch_key);
  for (std::uint32_t i = 0; i < 8; ++i) watch.see(1, nth_network(i), watch_start + i * 1s);
  // When the first has not been seen for ten minutes less a second, a new one is one too many; with the second it is
  // not.
  IdWatch later = watch;
  EXPECT_EQ(watch.see(1, nth_network(20), watch_start + 10min - 1s), IdVerdict::revoked);
  EXPECT_EQ(later.see(1, nth_network(20), watch_start + 10min), IdVerdict::fine);
}

TEST(IdWatch, APhoneOnTheMoveIsFine) {
  // Given a phone that changes its network each minute, among five, for a day
  IdWatch watch({}, watch_key);
  for (std::uint32_t minute = 0; minute < 1440; ++minute) {
    EXPECT_EQ(watch.see(1, nth_network(minute % 5), watch_start + minute * 1min), IdVerdict::fine);
  }
  // and one on a train, in a new network every 80 s
  for (std::uint32_t i = 0; i < 500; ++i) {
    EXPECT_EQ(watch.see(2, nth_network(i), watch_start + i * 80s), IdVerdict::fine) << i;
  }
}

TEST(IdWatch, ManyIdsDoNotHideOneThatIsShared) {
  // Given a table of one set, and an id shared by a botnet
  IdWatch watch({.entries = 8}, watch_key);
  for (std::uint32_t i = 0; i < 8; ++i) watch.see(1, nth_network(i), watch_start);
  // When thousands of other ids come, from a network each
  for (std::uint64_t id = 2; id < 5000; ++id) watch.see(id, nth_network(1), watch_start + 1s);
  // Then it is still found, and stays so.
  EXPECT_EQ(watch.see(1, nth_network(9), watch_start + 2s), IdVerdict::revoked);
  for (std::uint64_t id = 2; id < 5000; ++id) watch.see(id, nth_network(1), watch_start + 3s);
  EXPECT_EQ(watch.see(1, nth_network(0), watch_start + 4s), IdVerdict::revoked);
  EXPECT_EQ(watch.memory_bytes(), IdWatch({.entries = 8}, watch_key).memory_bytes());
}

}  // namespace
}  // namespace tenfold::guard
