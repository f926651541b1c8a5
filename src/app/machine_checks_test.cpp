#include "app/machine_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "net/tls/test_certificates.hpp"

namespace tenfold::app {
namespace {

using ::testing::HasSubstr;

TEST(MachineChecks, UsersAndGroupsOfThisMachine) {
  EXPECT_EQ(check_user("root"), "");
  EXPECT_EQ(check_group("root"), "");
  EXPECT_THAT(check_user("nobody-of-that-name"), HasSubstr("there is no user \"nobody-of-that-name\""));
  EXPECT_THAT(check_group("nobody-of-that-name"), HasSubstr("there is no group \"nobody-of-that-name\""));
}

TEST(MachineChecks, AStoreIsSqlitesOrNotThereYet) {
  const net::TestFolder folder;
  EXPECT_EQ(check_store(folder.path("none")), "");
  EXPECT_EQ(check_store(folder.write("empty", "")), "");
  EXPECT_EQ(check_store(folder.write("begun", std::string_view("SQLite format 3\0more", 20))), "");
  EXPECT_THAT(check_store(folder.write("text", "shop: Corner Shop, and more of it\n")),
              HasSubstr("text is no SQLite file"));
  EXPECT_THAT(check_store(folder.write("short", "SQLite format 3")), HasSubstr("is no SQLite file"));
  EXPECT_THAT(check_store(folder.path("")), HasSubstr("is no SQLite file"));
}

}  // namespace
}  // namespace tenfold::app
