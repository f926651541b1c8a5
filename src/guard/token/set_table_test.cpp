#include "guard/token/set_table.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace tenfold::guard {
namespace {

struct Counted {
  int count = 0;
};

constexpr SipKey table_key{1, 2};
constexpr auto by_count = [](const Counted& entry) { return entry.count; };

TEST(SetTable, KeepsWhatItWasGivenAndNothingElse) {
  SetTable<Counted> table(1000, table_key);
  EXPECT_EQ(table.capacity(), 1024u);
  table.claim(table.key_of("a"), by_count).count = 7;
  table.claim(table.key_of(std::uint64_t{5}), by_count).count = 8;
  EXPECT_EQ(table.find(table.key_of("a"))->count, 7);
  EXPECT_EQ(table.claim(table.key_of(std::uint64_t{5}), by_count).count, 8);
  EXPECT_EQ(table.find(table.key_of("b")), nullptr);
}

TEST(SetTable, AFullSetGivesUpWhatIsWorthLeast) {
  SetTable<Counted> table(8, table_key);  // one set
  for (std::uint64_t id = 0; id < 8; ++id) table.claim(table.key_of(id), by_count).count = static_cast<int>(10 - id);
  // When a ninth comes
  EXPECT_EQ(table.claim(table.key_of(std::uint64_t{8}), by_count).count, 0);
  // Then the one with 3 is gone, and those before it are there.
  EXPECT_EQ(table.find(table.key_of(std::uint64_t{7})), nullptr);
  for (std::uint64_t id = 0; id < 7; ++id) EXPECT_NE(table.find(table.key_of(id)), nullptr) << id;
}

TEST(SetTable, WhereAnIdLiesIsTheSecretsAlone) {
  const SetTable<Counted> one(8, {1, 2});
  const SetTable<Counted> other(8, {1, 3});
  EXPECT_NE(one.key_of("a"), other.key_of("a"));
}

TEST(SetTable, TakesAllItsMemoryAtTheStart) {
  const SetTable<Counted> table(16'384, table_key);
  EXPECT_EQ(table.memory_bytes(), 16'384 * (sizeof(std::uint64_t) + sizeof(Counted)));
}

}  // namespace
}  // namespace tenfold::guard
