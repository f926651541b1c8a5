#include "cache/store/s3_fifo.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <unordered_map>

#include "base/random.hpp"

namespace tenfold::cache {
namespace {

struct Item final : S3Node {
  explicit Item(std::uint64_t item_id) : id(item_id) {}
  std::uint64_t id;
};

// Spreads ids over all bits, as a hash does.
std::uint64_t hash_of(std::uint64_t id) { return (id + 1) * 0x9e3779b97f4a7c15ULL; }

// A cache of items of one byte each under S3Fifo.
class S3FifoTest : public ::testing::Test {
 protected:
  explicit S3FifoTest(std::size_t capacity = 1000) : capacity_(capacity), fifo(capacity, capacity) {}

  // True on a hit; a miss brings the item in.
  bool request(std::uint64_t id) {
    const auto found = items.find(id);
    if (found != items.end()) {
      found->second->touch();
      return true;
    }
    while (items.size() >= capacity_) evict();
    auto item = std::make_unique<Item>(id);
    fifo.insert(*item, hash_of(id), 1);
    items.emplace(id, std::move(item));
    return false;
  }
  void evict() {
    S3Node* const victim = fifo.evict([](const S3Node&) { return S3Fifo::Wish::by_use; });
    ASSERT_NE(victim, nullptr);
    items.erase(static_cast<Item*>(victim)->id);
  }

  const std::size_t capacity_;
  S3Fifo fifo;
  std::unordered_map<std::uint64_t, std::unique_ptr<Item>> items;
};

TEST_F(S3FifoTest, UsedTwiceMovesToTheMainQueueUsedOnceLeaves) {
  request(1);
  request(2);
  request(1);
  request(1);
  request(2);
  for (std::uint64_t id = 100; id < 1200; ++id) request(id);
  EXPECT_TRUE(items.contains(1));
  EXPECT_FALSE(items.contains(2));
  EXPECT_EQ(fifo.main_bytes(), 1u);
}

TEST_F(S3FifoTest, AScanOfTenTimesTheCapacityLeavesTheHotSet) {
  for (int round = 0; round < 4; ++round) {
    for (std::uint64_t id = 0; id < 500; ++id) request(id);
  }
  for (std::uint64_t id = 10'000; id < 20'000; ++id) request(id);
  std::size_t left = 0;
  for (std::uint64_t id = 0; id < 500; ++id) left += items.contains(id) ? 1 : 0;
  EXPECT_EQ(left, 500u);
}

TEST_F(S3FifoTest, AGhostComesBackIntoTheMainQueue) {
  for (std::uint64_t id = 0; id < 4; ++id) {
    for (int use = 0; use < 3; ++use) request(id);
  }
  for (std::uint64_t id = 100; id < 1100; ++id) request(id);
  ASSERT_FALSE(items.contains(100));
  const std::size_t main_before = fifo.main_bytes();
  request(103);  // one of the last to leave
  EXPECT_EQ(fifo.main_bytes(), main_before + 1);
}

TEST_F(S3FifoTest, RemoveAndReplaceKeepTheCounts) {
  Item a(1), b(2), c(3);
  fifo.insert(a, hash_of(1), 10);
  fifo.insert(b, hash_of(2), 20);
  fifo.replace(a, c, 5);
  EXPECT_EQ(fifo.small_bytes(), 25u);
  fifo.remove(a);
  EXPECT_EQ(fifo.size(), 2u);
  // c stands where a stood: it is the first to go.
  EXPECT_EQ(fifo.evict([](const S3Node&) { return S3Fifo::Wish::by_use; }), &c);
  fifo.remove(b);
  EXPECT_EQ(fifo.small_bytes() + fifo.main_bytes(), 0u);
  EXPECT_EQ(fifo.evict([](const S3Node&) { return S3Fifo::Wish::by_use; }), nullptr);
}

TEST_F(S3FifoTest, WhatMustBeSparedIsAndWhatIsUselessGoesFirst) {
  for (std::uint64_t id = 0; id < 10; ++id) request(id);
  for (int use = 0; use < 3; ++use) request(9);
  const auto all_in_use = [](const S3Node&) { return S3Fifo::Wish::spare; };
  EXPECT_EQ(fifo.evict(all_in_use), nullptr);
  EXPECT_EQ(fifo.size(), 10u);
  S3Node* const victim = fifo.evict([](const S3Node& node) {
    return static_cast<const Item&>(node).id == 9 ? S3Fifo::Wish::drop : S3Fifo::Wish::spare;
  });
  ASSERT_NE(victim, nullptr);
  EXPECT_EQ(static_cast<Item*>(victim)->id, 9u);
  items.erase(9);
}

TEST_F(S3FifoTest, EvictsInBoundedTimeHoweverMuchAllIsUsed) {
  for (std::uint64_t id = 0; id < 1000; ++id) {
    for (int use = 0; use < 4; ++use) request(id);
  }
  int visits = 0;
  S3Node* const victim = fifo.evict([&](const S3Node&) {
    ++visits;
    return S3Fifo::Wish::by_use;
  });
  ASSERT_NE(victim, nullptr);
  EXPECT_LE(visits, 512 + 64 + 1);
  items.erase(static_cast<Item*>(victim)->id);
}

// A mix of a skewed load and scans: no worse than keeping the hot set would allow.
TEST_F(S3FifoTest, KeepsWhatIsPopularAmongOneHitWonders) {
  FastRandom random(7);
  std::uint64_t hits = 0;
  std::uint64_t popular = 0;
  std::uint64_t next_new = 1'000'000;
  for (int i = 0; i < 200'000; ++i) {
    if (random.below(2) == 0) {
      request(next_new++);
    } else {
      ++popular;
      hits += request(random.below(800)) ? 1 : 0;
    }
  }
  EXPECT_GT(static_cast<double>(hits) / static_cast<double>(popular), 0.9);
}

}  // namespace
}  // namespace tenfold::cache
