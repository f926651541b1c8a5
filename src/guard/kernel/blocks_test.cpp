#include "guard/kernel/blocks.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string_view>

#include "base/clock.hpp"
#include "guard/kernel/test_table.hpp"

namespace tenfold::guard::kernel {

namespace {

using namespace std::chrono_literals;

Prefix blocked_prefix(std::string_view text) {
  const auto network = *net::IpNetwork::parse(text);
  return Prefix::of(network.base(), static_cast<std::uint8_t>(network.prefix_bits()));
}

class KernelBlocksTest : public testing::Test {
 protected:
  KernelBlocks make(std::size_t most = most_blocks) {
    return {std::make_unique<TestTable>(kernel_), clock_.now(), most};
  }
  Result<void> add(KernelBlocks& blocks, std::string_view text, Duration lasts) {
    return blocks.add(blocked_prefix(text), clock_.now() + lasts, clock_.now());
  }

  ManualClock clock_;
  TestKernel kernel_;
};

TEST_F(KernelBlocksTest, WhatIsAddedIsInTheKernelForSoLong) {
  KernelBlocks blocks = make();
  ASSERT_TRUE(add(blocks, "192.0.2.1", 60s));
  ASSERT_TRUE(add(blocks, "2001:db8::/48", 30s));
  EXPECT_EQ(kernel_.blocked.at(blocked_prefix("192.0.2.1")), 60s);
  const auto list = blocks.list(clock_.now());
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].prefix.text(), "2001:db8::/48") << "by their end";
  EXPECT_EQ(list[1].until, clock_.now() + 60s);
  EXPECT_FALSE(list[1].is_left);
}

TEST_F(KernelBlocksTest, EndsOnTimeAndMakesRoom) {
  KernelBlocks blocks = make();
  ASSERT_TRUE(add(blocks, "192.0.2.1", 60s));
  clock_.advance(60s - 1ns);
  blocks.forget_over(clock_.now());
  EXPECT_TRUE(blocks.holds(blocked_prefix("192.0.2.1"), clock_.now()));
  clock_.advance(1ns);
  EXPECT_FALSE(blocks.holds(blocked_prefix("192.0.2.1"), clock_.now()));
  EXPECT_TRUE(blocks.list(clock_.now()).empty());
  blocks.forget_over(clock_.now());
  EXPECT_EQ(blocks.size(), 0U);
  EXPECT_TRUE(kernel_.blocked.empty());
}

TEST_F(KernelBlocksTest, AddedAgainItEndsThen) {
  KernelBlocks blocks = make();
  ASSERT_TRUE(add(blocks, "192.0.2.1", 60s));
  ASSERT_TRUE(add(blocks, "192.0.2.1", 120s));
  clock_.advance(60s);
  EXPECT_TRUE(blocks.holds(blocked_prefix("192.0.2.1"), clock_.now()));
  ASSERT_TRUE(add(blocks, "192.0.2.1", 10s));
  clock_.advance(10s);
  EXPECT_FALSE(blocks.holds(blocked_prefix("192.0.2.1"), clock_.now()));
  ASSERT_TRUE(add(blocks, "192.0.2.1", -1s)) << "over before it began";
  EXPECT_EQ(blocks.size(), 0U);
}

TEST_F(KernelBlocksTest, AtTheBoundNoOtherIsTakenUntilOneIsOver) {
  KernelBlocks blocks = make(2);
  ASSERT_TRUE(add(blocks, "192.0.2.1", 10s));
  ASSERT_TRUE(add(blocks, "192.0.2.2", 60s));
  const auto third = add(blocks, "192.0.2.3", 60s);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Errc::too_large);
  EXPECT_TRUE(add(blocks, "192.0.2.2", 90s)) << "one that is there may be prolonged";
  clock_.advance(10s);
  EXPECT_TRUE(add(blocks, "192.0.2.3", 60s));
}

TEST_F(KernelBlocksTest, OnlyPrefixesOfTheGuardsLevels) {
  KernelBlocks blocks = make();
  for (const std::string_view good :
       {"192.0.2.1", "192.0.2.0/24", "192.0.0.0/16", "2001:db8::/64", "2001:db8::/56", "2001:db8::/48"}) {
    EXPECT_TRUE(add(blocks, good, 1s)) << good;
  }
  for (const std::string_view bad : {"192.0.2.0/25", "0.0.0.0/0", "::/0", "2001:db8::1", "2001:db8::/63"}) {
    const auto added = add(blocks, bad, 1s);
    ASSERT_FALSE(added) << bad;
    EXPECT_EQ(added.error().code, Errc::invalid);
  }
}

TEST_F(KernelBlocksTest, IsTakenOut) {
  KernelBlocks blocks = make();
  ASSERT_TRUE(add(blocks, "192.0.2.1", 60s));
  EXPECT_TRUE(blocks.remove(blocked_prefix("192.0.2.1")));
  EXPECT_TRUE(blocks.remove(blocked_prefix("192.0.2.1"))) << "twice is harmless";
  EXPECT_TRUE(kernel_.blocked.empty());
  EXPECT_FALSE(blocks.holds(blocked_prefix("192.0.2.1"), clock_.now()));
}

TEST_F(KernelBlocksTest, WhatTheKernelDidNotTakeIsNotListed) {
  KernelBlocks blocks = make();
  ASSERT_TRUE(add(blocks, "192.0.2.1", 60s));
  kernel_.is_stuck = true;
  EXPECT_FALSE(add(blocks, "192.0.2.2", 60s));
  EXPECT_EQ(blocks.list(clock_.now()).size(), 1U);
  EXPECT_FALSE(blocks.remove(blocked_prefix("192.0.2.1")));
  EXPECT_TRUE(blocks.holds(blocked_prefix("192.0.2.1"), clock_.now())) << "it is still in force";
  clock_.advance(61s);
  blocks.forget_over(clock_.now());
  EXPECT_EQ(blocks.size(), 1U);
  kernel_.is_stuck = false;
  blocks.forget_over(clock_.now());
  EXPECT_EQ(blocks.size(), 0U);
}

TEST_F(KernelBlocksTest, WhatAnEarlierProcessLeftIsTakenOver) {
  kernel_.left = {{blocked_prefix("192.0.2.1"), 20s}, {blocked_prefix("2001:db8::/64"), 40s}};
  KernelBlocks blocks = make();
  auto list = blocks.list(clock_.now());
  ASSERT_EQ(list.size(), 2U);
  EXPECT_TRUE(list[0].is_left);
  EXPECT_EQ(list[0].until, clock_.now() + 20s);
  ASSERT_TRUE(add(blocks, "192.0.2.1", 60s));
  list = blocks.list(clock_.now());
  EXPECT_FALSE(list[1].is_left) << "it is ours now";
  clock_.advance(40s);
  EXPECT_EQ(blocks.list(clock_.now()).size(), 1U);
}

}  // namespace

}  // namespace tenfold::guard::kernel
