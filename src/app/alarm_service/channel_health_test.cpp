#include "app/alarm_service/channel_health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "app/moments.hpp"
#include "oncall/outbox/ledger.hpp"
#include "store/test_folder.hpp"

namespace tenfold::app {
namespace {

using namespace std::chrono_literals;

const WallTime then = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1));

TEST(ChannelHealth, WhatFailedAndWhatGotThroughInstead) {
  const auto found = channel_health({{"twilio-call", "delivered", "answered", "sip: wrong password", then},
                                     {"sip", "delivered", "answered", "", then - 1h}});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "sip");
  EXPECT_EQ(found[0].failed_at, then);
  EXPECT_EQ(found[0].why, "wrong password");
  EXPECT_EQ(found[0].worked_at, then - 1h);
  EXPECT_EQ(found[1].name, "twilio-call");
  EXPECT_EQ(found[1].worked_at, then);
  EXPECT_FALSE(found[1].failed_at);
}

TEST(ChannelHealth, ALineThatIsBusyIsNoFaultOfTheChannel) {
  EXPECT_TRUE(channel_health({{"sip", "failed", "busy", "sip: busy (486 Busy Here)", then},
                              {"sip", "failed", "x", "sip: it rang for 40 s and nobody answered", then},
                              {"", "pending", "", "", then}})
                  .empty());
}

TEST(ChannelHealth, ATryThatWorkedInTheEndWorked) {
  const auto found = channel_health({{"sip", "delivered", "answered", "sip: no route to the server", then}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].failed_at);
  EXPECT_EQ(found[0].worked_at, then);
}

TEST(ChannelHealth, IsReadFromWhatAStoreHas) {
  const store::TestFolder folder;
  EXPECT_TRUE(tried_in(folder.file("none.db")).empty());
  EXPECT_FALSE(std::filesystem::exists(folder.file("none.db")));
  {  // a store without on-call's tables stays without them
    auto database = store::Database::open(folder.file("other.db"));
    ASSERT_TRUE(database);
    EXPECT_TRUE(tried_in(folder.file("other.db")).empty());
    EXPECT_FALSE((*database)->prepare("SELECT 1 FROM oncall_sends"));
  }
  oncall::Send send{
      .key = "7:ada:call", .state = oncall::SendState::failed, .by = "sip", .attempts = 1, .created_at = then};
  send.order.alert = 7;
  send.trouble = "sip: wrong password";
  {
    auto ledger = oncall::Ledger::open(folder.file("tenfold.db"), {});
    ASSERT_TRUE(ledger);
    oncall::Ledger::Page page;
    page.sends.push_back(send);
    ASSERT_TRUE(ledger->write(page));
  }
  const auto tried = tried_in(folder.file("tenfold.db"));
  ASSERT_EQ(tried.size(), 1u);
  EXPECT_EQ(tried[0].by, "sip");
  EXPECT_EQ(tried[0].state, "failed");
  EXPECT_EQ(tried[0].at, then);
}

TEST(Moments, OfTheApiAreShownInThePlansZone) {
  oncall::Plan plan;
  plan.time_zone = "Europe/Berlin";
  EXPECT_EQ(shown_moment(plan, "2026-06-01T00:00:00Z"), "2026-06-01 02:00 CEST");
  EXPECT_EQ(shown_moment(plan, "soon"), "soon");
  EXPECT_EQ(moment_of_iso("2026-06-01T00:00:07Z"), then + 7s);
  EXPECT_EQ(moment_of_iso("2026-06-01 02:00", "Europe/Berlin"), then);
  for (const char* text : {"", "Z", "2026-06-01T00:00:0xZ", "2026-06-01T00:00:99Z", "2026-06-01T00:00:00Zx"}) {
    EXPECT_FALSE(moment_of_iso(text)) << text;
  }
}

}  // namespace
}  // namespace tenfold::app
