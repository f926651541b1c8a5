#include "store/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "store/test_folder.hpp"
#include "store/test_process.hpp"

namespace tenfold::store {
namespace {

using testing::HasSubstr;

constexpr std::array<std::string_view, 3> steps = {
    "CREATE TABLE people(name TEXT); INSERT INTO people VALUES('Ada')",
    "ALTER TABLE people ADD COLUMN number TEXT",
    "UPDATE people SET number='+4930' || name",
};
constexpr std::span all(steps);

class MigrationsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Database::open(folder.file(), {.durability = OpenOptions::Durability::normal});
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    database = std::move(*opened);
  }
  std::string number() {
    auto statement = database->prepare("SELECT number FROM people");
    if (!statement || !statement->step()) return "(none)";
    return std::string(statement->text(0));
  }

  TestFolder folder;
  std::unique_ptr<Database> database;
};

TEST_F(MigrationsTest, ANewStoreTakesAllSteps) {
  ASSERT_TRUE(migrate(*database, {"oncall", all}));
  EXPECT_EQ(number(), "+4930Ada");
  ASSERT_TRUE(migrate(*database, {"oncall", all}));
  EXPECT_EQ(number(), "+4930Ada") << "and no step twice";
}

TEST_F(MigrationsTest, AnOldStoreTakesTheMissingOnes) {
  ASSERT_TRUE(migrate(*database, {"oncall", all.first(1)}));
  ASSERT_TRUE(database->execute("UPDATE people SET name='Bob'"));
  ASSERT_TRUE(migrate(*database, {"oncall", all}));
  EXPECT_EQ(number(), "+4930Bob");
}

TEST_F(MigrationsTest, ANewerStoreIsRefusedAndUntouched) {
  ASSERT_TRUE(migrate(*database, {"oncall", all}));
  const auto refused = migrate(*database, {"oncall", all.first(2)});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::unsupported);
  EXPECT_THAT(refused.error().detail, HasSubstr("newer Tenfold (oncall: version 3, this program knows 2)"));
  EXPECT_EQ(number(), "+4930Ada");
}

TEST_F(MigrationsTest, ComponentsHaveTheirOwnVersions) {
  constexpr std::array<std::string_view, 1> other = {"CREATE TABLE checks(x)"};
  ASSERT_TRUE(migrate(*database, {"oncall", all}));
  ASSERT_TRUE(migrate(*database, {"watch", other}));
  EXPECT_TRUE(database->execute("INSERT INTO checks VALUES(1)"));
}

TEST_F(MigrationsTest, AStepThatFailsTakesTheOthersBack) {
  constexpr std::array<std::string_view, 2> broken = {"CREATE TABLE people(name TEXT)",
                                                      "ALTER TABLE nowhere RENAME TO x"};
  const auto failed = migrate(*database, {"oncall", broken});
  ASSERT_FALSE(failed.has_value());
  EXPECT_THAT(failed.error().detail, HasSubstr("nowhere"));
  EXPECT_FALSE(database->in_transaction());
  // when the step is mended, it is as if nothing had been
  EXPECT_TRUE(migrate(*database, {"oncall", all}));
  EXPECT_EQ(number(), "+4930Ada");
}

TEST_F(MigrationsTest, ProcessesThatStartTogetherMigrateOnce) {
  database.reset();
  std::vector<TestProcess> processes;
  for (int i = 0; i < 6; ++i) {
    processes.emplace_back([&] {
      auto opened = Database::open(folder.file());
      return opened && migrate(**opened, {"oncall", all}) ? 0 : 1;
    });
  }
  for (TestProcess& process : processes) EXPECT_EQ(process.wait(), 0);
  SetUp();
  auto people = *database->prepare("SELECT count(*) FROM people");
  ASSERT_TRUE(people.step());
  EXPECT_EQ(people.integer(0), 1);
}

}  // namespace
}  // namespace tenfold::store
