#include "store/claim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "store/database.hpp"
#include "store/test_folder.hpp"

namespace tenfold::store {
namespace {

using testing::HasSubstr;

TEST(ClaimTest, OneAtATimeAndTheOtherIsToldWhoHasIt) {
  const TestFolder folder;
  const std::string file = folder.file("a.db");
  std::optional<Claim> first(*Claim::take(file));
  const auto second = Claim::take(file);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::busy);
  EXPECT_THAT(second.error().detail, HasSubstr("process " + std::to_string(::getpid()) + " runs on " + file));
  first.reset();
  EXPECT_TRUE(Claim::take(file).has_value());
}

TEST(ClaimTest, AMovedClaimIsStillHeld) {
  const TestFolder folder;
  const std::string file = folder.file("a.db");
  auto first = Claim::take(file);
  ASSERT_TRUE(first.has_value());
  const Claim moved = std::move(*first);
  EXPECT_FALSE(Claim::take(file).has_value());
}

TEST(ClaimTest, StoresAreClaimedOneByOneAndTheDatabaseIsOpenToAll) {
  const TestFolder folder;
  const auto one = Claim::take(folder.file("a.db"));
  ASSERT_TRUE(one.has_value());
  EXPECT_TRUE(Claim::take(folder.file("b.db")).has_value());
  EXPECT_TRUE(Database::open(folder.file("a.db")).has_value());
}

TEST(ClaimTest, WhereNothingCanBeWrittenItIsNotBusy) {
  const TestFolder folder;
  const auto claim = Claim::take(folder.file("missing/a.db"));
  ASSERT_FALSE(claim.has_value());
  EXPECT_NE(claim.error().code, Errc::busy);
  EXPECT_THAT(claim.error().detail, HasSubstr("missing/a.db.lock"));
}

}  // namespace
}  // namespace tenfold::store
