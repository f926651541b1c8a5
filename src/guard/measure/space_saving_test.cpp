#include "guard/measure/space_saving.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "guard/measure/test_traffic.hpp"

namespace tenfold::guard::measure_test {
namespace {

// What was added to an entry since it took its place.
struct Seen {
  std::uint64_t weight = 0;
};
using Table = SpaceSaving<std::uint64_t, Seen>;
using Update = std::pair<std::uint64_t, std::uint64_t>;  // key, weight
using Stream = std::vector<Update>;

// The weights as they truly were.
class Truth {
 public:
  void add(const Update& update) {
    weights_[update.first] += update.second;
    all_ += update.second;
  }
  std::uint64_t of(std::uint64_t key) const {
    const auto found = weights_.find(key);
    return found == weights_.end() ? 0 : found->second;
  }
  std::uint64_t all() const { return all_; }
  const std::unordered_map<std::uint64_t, std::uint64_t>& weights() const { return weights_; }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> weights_;
  std::uint64_t all_ = 0;
};

void add(Table& table, Truth& truth, const Stream& stream) {
  for (const Update& update : stream) {
    table.add(update.first, update.second).note.weight += update.second;
    truth.add(update);
  }
}

// All that a table promises but for the bound on its floor.
void expect_true_bounds(const Table& table, const Truth& truth) {
  for (const Table::Entry& entry : table.entries()) {
    ASSERT_LE(entry.sure(), truth.of(entry.key)) << entry.key;
    ASSERT_GE(entry.count, truth.of(entry.key)) << entry.key;
    ASSERT_EQ(entry.note.weight, entry.sure()) << entry.key;
    ASSERT_EQ(table.find(entry.key), &entry);
  }
  for (const auto& [key, weight] : truth.weights()) {
    if (table.find(key) == nullptr) {
      ASSERT_LE(weight, table.floor()) << key;
    }
  }
}

Stream once_seen(std::uint64_t first_key, std::size_t keys, std::uint64_t weight) {
  Stream stream;
  for (std::size_t i = 0; i < keys; ++i) stream.emplace_back(first_key + i, weight);
  return stream;
}

TEST(SpaceSavingTest, CountsExactlyWhileThereIsRoom) {
  Table table(4, secret);
  table.add(1, 10);
  table.add(2, 20);
  table.add(1, 5);
  ASSERT_NE(table.find(1), nullptr);
  EXPECT_EQ(table.find(1)->count, 15u);
  EXPECT_EQ(table.find(1)->error, 0u);
  EXPECT_EQ(table.find(2)->count, 20u);
  EXPECT_EQ(table.find(3), nullptr);
  EXPECT_EQ(table.floor(), 0u);
}

TEST(SpaceSavingTest, WhoeverComesNewMayHaveHadTheFloor) {
  // Given a table whose six places are taken
  Table table(4, secret);
  for (std::uint64_t key = 1; key <= 6; ++key) table.add(key, 10 * key).note.weight = 10 * key;
  // When a seventh comes, then one of the quarter with the least has lost its place
  const Table::Entry& seventh = table.add(7, 5);
  EXPECT_EQ(table.find(2), nullptr);
  EXPECT_EQ(table.floor(), 20u);
  EXPECT_EQ(seventh.count, 25u);
  EXPECT_EQ(seventh.error, 20u);
  EXPECT_EQ(seventh.note.weight, 0u);
  // And the next is the other of them
  EXPECT_EQ(table.add(8, 5).error, 20u);
  EXPECT_EQ(table.find(1), nullptr);
  EXPECT_EQ(table.find(3)->count, 30u);
  EXPECT_EQ(table.find(6)->note.weight, 60u);
}

TEST(SpaceSavingTest, WhoWasChosenToLeaveAndGetsMoreStays) {
  // Given a table that has chosen the two with the least, of whom one has left
  Table table(4, secret);
  for (std::uint64_t key = 1; key <= 6; ++key) table.add(key, 10 * key);
  table.add(7, 50);
  // When the other comes again
  table.add(1, 50);
  table.add(8, 50);
  // Then it stays, and one of the two who have less now leaves
  EXPECT_NE(table.find(1), nullptr);
  EXPECT_NE(table.find(3) == nullptr, table.find(4) == nullptr);
}

TEST(SpaceSavingTest, ClearedIsAsNew) {
  Table table(8, secret);
  for (const Update& update : once_seen(0, 100, 3)) table.add(update.first, update.second);
  table.clear();
  EXPECT_TRUE(table.entries().empty());
  EXPECT_EQ(table.find(99), nullptr);
  EXPECT_EQ(table.add(99, 7).count, 7u);
}

// Streams of several kinds, for tables of many sizes.
class SpaceSavingStreams : public testing::TestWithParam<std::size_t> {
 protected:
  // Adds the stream a part at a time, and looks at the promises in between.
  void expect_promises_kept(const Stream& stream) {
    Table table(GetParam(), secret);
    Truth truth;
    const std::size_t part = std::max<std::size_t>(stream.size() / 16, 1);
    for (std::size_t at = 0; at < stream.size(); at += part) {
      const auto begin = stream.begin() + static_cast<std::ptrdiff_t>(at);
      add(table, truth, Stream(begin, begin + static_cast<std::ptrdiff_t>(std::min(part, stream.size() - at))));
      ASSERT_NO_FATAL_FAILURE(expect_true_bounds(table, truth));
      ASSERT_LE(table.floor(), truth.all() / table.capacity());
    }
    for (const auto& [key, weight] : truth.weights()) {
      if (weight > truth.all() / table.capacity()) {
        ASSERT_NE(table.find(key), nullptr) << key << " has " << weight;
      }
    }
  }

  FastRandom random_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Capacities, SpaceSavingStreams, testing::Values(1, 2, 3, 7, 64, 1000));

TEST_P(SpaceSavingStreams, Skewed) {
  Stream stream;
  for (int i = 0; i < 5'000; ++i) {
    const auto rank = static_cast<std::uint64_t>(std::pow(50'000.0, random_.unit()));  // about as Zipf's law has it
    stream.emplace_back(rank, 1 + random_.below(1'000));
  }
  expect_promises_kept(stream);
}

TEST_P(SpaceSavingStreams, OnceSeen) { expect_promises_kept(once_seen(0, 5'000, 80)); }

TEST_P(SpaceSavingStreams, WeightsOfAllSizes) {
  Stream stream;
  for (int i = 0; i < 5'000; ++i) stream.emplace_back(random_.below(5'000), std::uint64_t{1} << random_.below(40));
  expect_promises_kept(stream);
}

TEST_P(SpaceSavingStreams, EverHeavierNewcomers) {
  Stream stream;
  for (std::uint64_t i = 0; i < 5'000; ++i) stream.emplace_back(i, 1 + i);
  expect_promises_kept(stream);
}

TEST_P(SpaceSavingStreams, EverLighterNewcomers) {
  Stream stream;
  for (std::uint64_t i = 0; i < 5'000; ++i) stream.emplace_back(i, 5'000 - i);
  expect_promises_kept(stream);
}

// All stand barely above the floor but one that stands in the same step of the histogram's.
TEST_P(SpaceSavingStreams, JustAboveTheFloor) {
  Stream stream = once_seen(0, 2 * GetParam(), 1'000'000);
  for (std::uint64_t i = 0; i < 5'000; ++i) stream.emplace_back(1'000'000 + i, i % 16 == 0 ? 17 : 16);
  expect_promises_kept(stream);
}

TEST_P(SpaceSavingStreams, ThoseWhoJustLostTheirPlacesComeBack) {
  Stream stream;
  for (std::uint64_t round = 0; round < 20; ++round) {
    for (std::uint64_t key = 0; key < 2 * GetParam(); ++key) stream.emplace_back(key, 10 + (key + round) % 3);
  }
  expect_promises_kept(stream);
}

// One with just over 1/capacity of the weight, whether it comes before, after or within a flood that is to push it out.
TEST_P(SpaceSavingStreams, AHeavyOneIsFollowedInWhateverOrder) {
  const std::size_t capacity = GetParam();
  if (capacity == 1) return;  // nobody has more than all
  const Stream flood = once_seen(1'000, 20 * capacity, 100);
  const Stream heavy(40, {7, 100 * 20 * capacity / (capacity - 1) / 40 + 1});
  std::vector<Stream> orders{heavy, flood, heavy};
  orders[0].insert(orders[0].end(), flood.begin(), flood.end());
  orders[1].insert(orders[1].end(), heavy.begin(), heavy.end());
  orders[2].insert(orders[2].end(), flood.begin(), flood.end());
  shuffle(orders[2], random_);
  for (const Stream& order : orders) {
    Table table(capacity, secret);
    Truth truth;
    add(table, truth, order);
    ASSERT_GT(truth.of(7), truth.all() / capacity);
    ASSERT_NE(table.find(7), nullptr);
    EXPECT_LE(table.find(7)->sure(), truth.of(7));
    EXPECT_GE(table.find(7)->sure() + table.floor(), truth.of(7));
  }
}

// The floor is made as high as it gets, and an innocent is let in again and again: what it did itself is all that is
// sure.
TEST_P(SpaceSavingStreams, AnInnocentIsNotMadeHeavy) {
  Table table(GetParam(), secret);
  Truth truth;
  constexpr std::uint64_t innocent = 7;
  for (std::uint64_t round = 0; round < 50; ++round) {
    add(table, truth, once_seen(1'000 + 100'000 * round, 4 * GetParam(), 80'000));
    add(table, truth, {{innocent, 20}});
    const Table::Entry* const entry = table.find(innocent);
    ASSERT_NE(entry, nullptr);
    EXPECT_GE(entry->count, 80'000u);
    EXPECT_LE(entry->sure(), 20 * (round + 1));
  }
}

TEST(SpaceSavingTest, TenTimesTheFloodTakesNoMoreMemory) {
  Table table(100, secret);
  const std::size_t bytes = table.bytes();
  for (const Update& update : once_seen(0, 100'000, 80)) table.add(update.first, update.second);
  EXPECT_EQ(table.bytes(), bytes);
  EXPECT_LE(table.entries().size(), 150u);
}

class SpaceSavingMerge : public testing::Test {
 protected:
  static void merge(Table& into, const Table& other) {
    into.merge(other, 1, [](Seen& mine, const Seen& theirs) { mine.weight += theirs.weight; });
  }

  Stream random_stream(std::size_t length) {
    Stream stream;
    for (std::size_t i = 0; i < length; ++i) {
      const auto rank = static_cast<std::uint64_t>(std::pow(5'000.0, random_.unit()));
      stream.emplace_back(rank, 1 + random_.below(100));
    }
    return stream;
  }

  FastRandom random_{3};
  Truth truth_;  // of both
};

TEST_F(SpaceSavingMerge, SumsWhatBothFollow) {
  Table first(4, secret);
  Table second(4, secret);
  add(first, truth_, {{1, 10}, {2, 20}});
  add(second, truth_, {{2, 5}, {3, 7}});
  merge(first, second);
  EXPECT_EQ(first.find(1)->count, 10u);
  EXPECT_EQ(first.find(2)->count, 25u);
  EXPECT_EQ(first.find(3)->count, 7u);
  expect_true_bounds(first, truth_);
}

TEST_F(SpaceSavingMerge, WhoWasOnlyInOneMayHaveHadTheOthersFloor) {
  Table first(2, secret);
  Table second(2, secret);
  add(first, truth_, {{1, 100}});
  add(second, truth_, {{2, 100}, {3, 10}, {4, 20}, {5, 100}});
  ASSERT_EQ(second.floor(), 10u);
  merge(first, second);
  EXPECT_EQ(first.find(1)->count, 110u);
  EXPECT_EQ(first.find(1)->sure(), 100u);
  expect_true_bounds(first, truth_);
}

TEST_F(SpaceSavingMerge, KeepsWhatEachPromises) {
  for (const auto& [capacity, other_capacity] : {std::pair{64, 64}, {1, 100}, {100, 1}, {7, 30}, {1'000, 100}}) {
    Table sum(static_cast<std::size_t>(capacity), secret);
    Truth truth;
    std::uint64_t floors = 0;
    for (int i = 0; i < 20; ++i) {
      Table part(static_cast<std::size_t>(other_capacity), secret);
      add(part, truth, random_stream(1'000));
      floors += part.floor();
      merge(sum, part);
      ASSERT_NO_FATAL_FAILURE(expect_true_bounds(sum, truth));
      ASSERT_LE(sum.floor(), floors + truth.all() / sum.capacity());
      // And it goes on counting.
      add(sum, truth, random_stream(100));
      ASSERT_NO_FATAL_FAILURE(expect_true_bounds(sum, truth));
    }
  }
}

TEST_F(SpaceSavingMerge, OfFloodsThatShareNobodyFindsTheHeavyOne) {
  Table sum(16, secret);
  for (std::uint64_t i = 0; i < 50; ++i) {
    Table part(16, secret);
    add(part, truth_, once_seen(1'000 * (i + 1), 200, 10));
    add(part, truth_, {{7, 300}});
    merge(sum, part);
  }
  // It has 13 %; either capacity may hide a sixteenth.
  ASSERT_NE(sum.find(7), nullptr);
  EXPECT_GE(sum.find(7)->sure() + truth_.all() / 16 * 2, truth_.of(7));
  expect_true_bounds(sum, truth_);
}

TEST(SpaceSavingScaleTest, MergesScaledAndMultiplies) {
  SpaceSaving<double, double> sum(4, secret);
  Table part(4, secret);
  part.add(1, 10).note.weight = 10;
  const auto fold = [](double& mine, const Seen& theirs) { mine += static_cast<double>(theirs.weight); };
  sum.merge(part, 1.0, fold);
  sum.merge(part, 4.0, fold);
  EXPECT_EQ(sum.find(1)->count, 50.0);
  sum.multiply(0.5, [](double& note) { note *= 0.5; });
  EXPECT_EQ(sum.find(1)->count, 25.0);
  EXPECT_EQ(sum.find(1)->note, 10.0);
}

}  // namespace
}  // namespace tenfold::guard::measure_test
