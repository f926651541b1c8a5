#include "app/serve/guard_keeper.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/clock.hpp"
#include "guard/known/owner_lists.hpp"
#include "net/address.hpp"
#include "store/test_disk.hpp"
#include "store/test_folder.hpp"

namespace tenfold::app {
namespace {

TEST(GuardKeeper, GivesBackWhatItWasGiven) {
  const store::TestFolder folder;
  const std::string bytes("\0 and \xff", 7);
  GuardKeeper keeper(folder.file());
  EXPECT_TRUE(keeper.read().empty());
  ASSERT_TRUE(keeper.start());
  keeper.keep({.customers = "some", .measures = bytes});
  keeper.keep({.customers = "more", .measures = {}});
  const WallTime now{std::chrono::sys_days(std::chrono::year(2026) / 11 / 30)};
  const auto entry = [&](const char* network) {
    return guard::OwnerEntry{.network = *net::IpNetwork::parse(network),
                             .reason = "it's \"so\"",
                             .added = now,
                             .ends = now + std::chrono::hours(1)};
  };
  const guard::OwnerEntries lists{.deny = {entry("192.0.2.0/24"), entry("2001:db8::/32")},
                                  .allow = {entry("192.0.2.7")}};
  keeper.keep({.lists = guard::OwnerEntries{.deny = {entry("198.51.100.1")}, .allow = {}}});
  keeper.keep({.lists = lists});
  keeper.stop();
  const edge::Kept kept = GuardKeeper(folder.file()).read();
  EXPECT_EQ(kept.customers, "more");
  EXPECT_EQ(kept.measures, bytes);
  EXPECT_EQ(kept.lists, lists);
}

TEST(GuardKeeper, NobodyWaitsForADiskThatHangsAndTheLatestIsWritten) {
  const store::TestFolder folder;
  store::TestDisk disk;
  GuardKeeper keeper(folder.file());
  ASSERT_TRUE(keeper.start());
  disk.hold();
  for (int i = 0; i < 100; ++i) keeper.keep({.customers = std::to_string(i), .measures = {}});
  disk.release();
  keeper.stop();
  EXPECT_EQ(keeper.read().customers, "99");
}

TEST(GuardKeeper, AStoreThatCannotBeWrittenIsNoHindrance) {
  const store::TestFolder folder;
  GuardKeeper keeper(folder.file("no such folder/tenfold.db"));
  EXPECT_TRUE(keeper.read().empty());
  ASSERT_TRUE(keeper.start());
  keeper.keep({.customers = "some", .measures = {}});
  keeper.stop();
}

}  // namespace
}  // namespace tenfold::app
