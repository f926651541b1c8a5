#include "guard/measure/meter.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

#include "guard/measure/key.hpp"
#include "guard/measure/test_traffic.hpp"

namespace tenfold::guard::measure_test {
namespace {

std::uint64_t key_of(Level level, std::string_view text) { return key_at(level, client_key(address(text))); }

TEST(MeterTest, CountsAtEachLevelAndInAll) {
  Meter meter({.secret = secret});
  meter.add(address("192.0.2.1"), search);
  meter.add(address("192.0.2.1"), hit);
  meter.add(address("192.0.2.2"), hit);
  meter.add(address("192.0.77.3"), hit);
  meter.add(address("2001:db8::1"), search);

  const auto* const client = meter.clients().find(key_of(Level::client, "192.0.2.1"));
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->note, (Usage{.origin_us = 80'000, .requests = 2, .misses = 1, .pages = 1, .assets = 1}));
  EXPECT_EQ(client->sure(), 80'200u);
  const auto* const network = meter.networks().find(key_of(Level::network, "192.0.2.1"));
  ASSERT_NE(network, nullptr);
  EXPECT_EQ(network->note.usage.requests, 3u);
  EXPECT_NEAR(network->note.spread.estimate(), 2, 0.1);
  const auto* const block = meter.blocks().find(key_of(Level::block, "192.0.2.1"));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->note.usage.requests, 4u);
  EXPECT_NEAR(block->note.spread.estimate(), 3, 0.1);
  EXPECT_EQ(meter.total(), (Usage{.origin_us = 160'000, .requests = 5, .misses = 2, .pages = 2, .assets = 3}));
}

TEST(MeterTest, CountsEachCounterApart) {
  Meter meter({.secret = secret});
  const Usage odd{.origin_us = 1,
                  .requests = 2,
                  .misses = 3,
                  .errors = 4,
                  .half_sent = 5,
                  .challenges_ignored = 6,
                  .challenges_solved = 7,
                  .pages = 8,
                  .assets = 9};
  meter.add(address("192.0.2.1"), odd);
  EXPECT_EQ(meter.total(), odd);
  EXPECT_EQ(meter.clients().entries().front().note, odd);
}

TEST(MeterTest, ARequestWeighsSomethingWithoutAnOrigin) {
  Meter meter({.secret = secret, .request_us = 250});
  meter.add(address("192.0.2.1"), hit);
  EXPECT_EQ(meter.clients().entries().front().sure(), 250u);
}

TEST(MeterTest, ClearedIsEmpty) {
  Meter meter({.secret = secret});
  meter.add(address("192.0.2.1"), search);
  meter.clear();
  EXPECT_TRUE(meter.clients().entries().empty());
  EXPECT_TRUE(meter.networks().entries().empty());
  EXPECT_TRUE(meter.blocks().entries().empty());
  EXPECT_EQ(meter.total(), Usage{});
}

// Three hundred thousand sources, each seen once, over all of IPv4; one with a five-hundredth of the weight among them.
// (The benchmark does it with ten million.)
TEST(MeterTest, AFloodOfOnceSeenTakesNoMemoryAndHidesNobody) {
  Meter meter({.secret = secret});
  const std::size_t bytes = meter.bytes();
  const net::IpAddress heavy = address("198.51.100.7");
  std::uint32_t sent = 0;
  for (std::uint32_t i = 1; i <= 300'000; ++i) {
    meter.add(net::IpAddress::v4(i * 0x9e3779b1u), search);
    if (i % 500 == 0) meter.add(heavy, search), ++sent;
  }
  EXPECT_EQ(meter.bytes(), bytes);
  const auto* const found = meter.clients().find(client_key(heavy));
  ASSERT_NE(found, nullptr);
  EXPECT_LE(found->note.requests, sent);
  EXPECT_GE(found->note.requests + meter.clients().floor() / 80'100, sent);
  EXPECT_NE(meter.networks().find(key_at(Level::network, client_key(heavy))), nullptr);
}

}  // namespace
}  // namespace tenfold::guard::measure_test
