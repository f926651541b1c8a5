#include "oncall/outbox/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oncall/escalate/book_test.hpp"
#include "store/test_folder.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

Send send(std::string key, SendState state) {
  return {.key = std::move(key),
          .order = {7, Message::Kind::alert, {.who = "Jürgen", .contact = {ChannelKind::call, "+1", 2min}}, 1, 2},
          .state = state,
          .by = "sip",
          .attempts = 3,
          .rounds = 2,
          .unanswered = 1,
          .may_help = true,
          .told_failed = true,
          .created_at = WallTime(1s),
          .changed_at = WallTime(2s),
          .tried_at = WallTime(3s),
          .next_try_at = WallTime(4s),
          .provider_id = "CA1",
          .detail = "busy",
          .trouble = "sip: wrong password"};
}

class LedgerTest : public testing::Test {
 protected:
  Ledger open() {
    auto ledger = Ledger::open(folder_.file(), {});
    EXPECT_TRUE(ledger);
    return std::move(*ledger);
  }
  store::TestFolder folder_;
};

TEST_F(LedgerTest, IsEmptyAtFirst) {
  const auto kept = open().read();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->book.book, "");
  EXPECT_THAT(kept->book.alerts, IsEmpty());
  EXPECT_THAT(kept->sends, IsEmpty());
}

TEST_F(LedgerTest, GivesBackWhatWasWrittenInItsOrder) {
  AlertBook book(test_plan());
  book.trouble(critical("front-page"), WallTime());
  std::vector<Send> sends;
  for (const SendState state : send_states) sends.push_back(send(std::string(name(state)), state));
  Send bare{.key = "bare", .order = sends[0].order};
  sends.push_back(bare);
  const Ledger::Page page{.book = book.save_book(), .alerts = {{1, book.save_alert(1)}}, .sends = sends};
  ASSERT_TRUE(open().write(page));
  ASSERT_TRUE(open().write(page));  // the same once more changes nothing

  const auto kept = open().read();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->sends, sends);
  const auto loaded = AlertBook::load(test_plan(), kept->book);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->alerts(), book.alerts());
}

TEST_F(LedgerTest, WhatIsGoneIsGone) {
  const Send one = send("one", SendState::sent), two = send("two", SendState::failed);
  ASSERT_TRUE(open().write({.book = "b", .alerts = {{1, "x"}, {2, "y"}}, .sends = {one, two}}));
  ASSERT_TRUE(open().write({.gone_alerts = {1}, .gone_sends = {"one"}}));
  const auto kept = open().read();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->book.book, "b");  // an empty one leaves it as it was
  EXPECT_EQ(kept->book.alerts, std::vector<std::string>{"y"});
  EXPECT_EQ(kept->sends, std::vector{two});
}

TEST_F(LedgerTest, ARowThatNobodyWroteIsNamed) {
  const Send one = send("one", SendState::sent);
  ASSERT_TRUE(open().write({.sends = {one}}));
  ASSERT_TRUE((*store::Database::open(folder_.file()))->execute("UPDATE oncall_sends SET state='sentt'"));
  auto kept = open().read();
  ASSERT_FALSE(kept);
  EXPECT_THAT(kept.error().detail, HasSubstr("sentt"));
  ASSERT_TRUE((*store::Database::open(folder_.file()))->execute("UPDATE oncall_sends SET state='sent', ordered='{}'"));
  kept = open().read();
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, Errc::invalid);
}

}  // namespace
}  // namespace tenfold::oncall
