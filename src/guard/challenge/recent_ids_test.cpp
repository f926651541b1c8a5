#include "guard/challenge/recent_ids.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr SipKey recent_key{7, 8};
constexpr WallTime added_at{1'800'000'000s + 900ms};

TEST(RecentIds, AreKeptForTheirTime) {
  RecentIds ids(1024, 2min, recent_key);
  EXPECT_FALSE(ids.has(std::uint64_t{1}, added_at));
  ids.add(std::uint64_t{1}, added_at);
  ids.add(std::string_view("seed"), added_at);
  EXPECT_TRUE(ids.has(std::uint64_t{1}, added_at));
  EXPECT_TRUE(ids.has(std::string_view("seed"), added_at + 2min));
  EXPECT_FALSE(ids.has(std::string_view("seed"), added_at + 2min + 1s));
  EXPECT_FALSE(ids.has(std::uint64_t{2}, added_at));
}

TEST(RecentIds, TheOldestIsForgottenFirst) {
  RecentIds ids(8, 2min, recent_key);  // one set
  for (std::uint64_t id = 0; id < 9; ++id) ids.add(id, added_at + id * 1s);
  EXPECT_FALSE(ids.has(std::uint64_t{0}, added_at + 9s));
  for (std::uint64_t id = 1; id < 9; ++id) EXPECT_TRUE(ids.has(id, added_at + 9s)) << id;
}

}  // namespace
}  // namespace tenfold::guard
