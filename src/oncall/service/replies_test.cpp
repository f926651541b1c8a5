#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "oncall/service/service_fixture_test.hpp"
#include "store/test_folder.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* ada = "+4930123456";

Plan sms_plan() {
  Plan plan{.shop = "Corner Shop"};
  plan.people = {{.name = "ada", .contacts = {{ChannelKind::sms, ada}}},
                 {.name = "bela", .contacts = {{ChannelKind::sms, "+4930999999"}}}};
  plan.escalations = {{.name = "all", .steps = {{.notify = {"ada"}}, {.notify = {"bela"}, .after = 1h}}},
                      {.name = "other", .steps = {{.notify = {"ada"}}}}};
  plan.over_after = 0s;
  return plan;
}

// The channel is the on-call thread's; the test hands in replies as a channel does, on that thread.
class RepliesTest : public testing::Test {
 protected:
  std::unique_ptr<OnCall> make() {
    auto made = OnCall::make({.clock = clock_,
                              .store_file = folder_.file(),
                              .make_channels = [this](transfer::Poller& poller) -> Result<OnCall::Channels> {
                                poller_ = &poller;
                                auto channel = std::make_unique<TestChannel>("modem", kind_);
                                channel->take_replies();
                                channel->on_send = [&poller, this](const TestChannel::Sent& sent) {
                                  texts_.with([&](auto& texts) { texts.push_back(sent.message.short_text_to_reply); });
                                  poller.post([to = sent.report] { to({.state = Report::State::delivered}); });
                                };
                                channel_ = channel.get();
                                OnCall::Channels channels;
                                channels.push_back(std::move(channel));
                                return channels;
                              }},
                             plan_);
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  bool is_listening() {
    std::atomic<int> answer = -1;
    poller_->post([&] { answer = channel_->hear ? 1 : 0; });
    while (answer < 0) std::this_thread::yield();
    return answer == 1;
  }
  int times_begun_to_hear() {
    std::atomic<int> answer = -1;
    poller_->post([&] { answer = channel_->times_begun_to_hear; });
    while (answer < 0) std::this_thread::yield();
    return answer;
  }
  void reply(const std::string& from, const std::string& text, WallTime at) {
    std::atomic<bool> done = false;
    poller_->post([&] {
      if (channel_->hear) channel_->hear({.by = by_, .from = from, .text = text, .at = at});
      done = true;
    });
    while (!done) std::this_thread::yield();
  }
  std::size_t sent() {
    return texts_.with([](const auto& texts) { return texts.size(); });
  }
  static Alert alert(const OnCall& oncall, std::int64_t id) {
    const auto view = oncall.view();
    for (const AlertView& each : view->alerts) {
      if (each.alert.id == id) return each.alert;
    }
    return {};
  }

  Plan plan_ = sms_plan();
  ChannelKind kind_ = ChannelKind::sms;
  ChannelKind by_ = ChannelKind::sms;
  SystemClock clock_;
  store::TestFolder folder_;
  transfer::Poller* poller_ = nullptr;
  TestChannel* channel_ = nullptr;
  Guarded<std::vector<std::string>> texts_;
};

TEST_F(RepliesTest, OneOfOursAcknowledgesByWritingBack) {
  const auto oncall = make();
  oncall->start();
  EXPECT_FALSE(is_listening());
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return sent() == 1 && is_listening(); }));
  EXPECT_THAT(texts_.with([](const auto& texts) { return texts[0]; }),
              HasSubstr("Reply 1 to take it, 2 to pass it on"));
  reply("+4930123457", "1", clock_.wall_now());      // a stranger
  reply("4930123456", "what?", clock_.wall_now());   // no act
  reply("4930123456", "1", clock_.wall_now() - 1h);  // of before
  EXPECT_EQ(alert(*oncall, 1).state, Alert::State::ringing);
  reply("4930123456", "1", clock_.wall_now());
  ASSERT_TRUE(eventually([&] { return alert(*oncall, 1).state == Alert::State::acknowledged; }));
  EXPECT_EQ(alert(*oncall, 1).acknowledged_by, "ada");
  EXPECT_EQ(alert(*oncall, 1).acknowledged_how, "reply 1 by SMS from +4930123456");
  oncall->over("front-page");
  EXPECT_TRUE(eventually([&] { return !is_listening(); })) << "nothing is open any more";
}

TEST_F(RepliesTest, TheChatThatWasToldAcknowledgesByTelegram) {
  plan_.people[0].contacts = {{ChannelKind::telegram, "-1001"}};
  kind_ = ChannelKind::telegram;
  const auto oncall = make();
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return sent() == 1 && is_listening(); }));
  reply("-1001", "1", clock_.wall_now());  // an SMS of that sender is another's
  by_ = ChannelKind::telegram;
  reply("1001", "1", clock_.wall_now());
  reply("-1001", "thanks", clock_.wall_now());
  EXPECT_EQ(alert(*oncall, 1).state, Alert::State::ringing);
  reply("-1001", "1 1", clock_.wall_now());
  ASSERT_TRUE(eventually([&] { return alert(*oncall, 1).state == Alert::State::acknowledged; }));
  EXPECT_EQ(alert(*oncall, 1).acknowledged_how, "reply 1 by Telegram from -1001");
}

TEST_F(RepliesTest, WhoHasLeftThePlanIsNotHeard) {
  const auto oncall = make();
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return sent() == 1 && is_listening(); }));
  Plan without = sms_plan();
  without.people[0].contacts[0].to = "+4930777777";
  oncall->replace_plan(without);
  reply(ada, "1", clock_.wall_now());  // behind the plan, on the same thread
  Trouble later = trouble("checkout");
  later.escalation = "other";
  oncall->trouble(later);
  ASSERT_TRUE(eventually([&] { return alert(*oncall, 2).id == 2; })) << "what is shown is newer than the reply";
  EXPECT_EQ(alert(*oncall, 1).state, Alert::State::ringing);
}

TEST_F(RepliesTest, EachSmsIsListenedForAnew) {
  const auto oncall = make();
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return sent() == 1 && times_begun_to_hear() == 1; }));
  Trouble other = trouble("checkout");
  other.escalation = "other";
  oncall->trouble(other);
  EXPECT_TRUE(eventually([&] { return sent() == 2 && times_begun_to_hear() == 2; }));
}

TEST_F(RepliesTest, TwoPassesOnAndTheSameReplyReadAgainDoesNothing) {
  const WallTime replied_at = clock_.wall_now() + 1s;
  {
    const auto oncall = make();
    oncall->start();
    oncall->trouble(trouble("front-page"));
    ASSERT_TRUE(eventually([&] { return sent() == 1 && is_listening(); }));
    reply(ada, "2", replied_at);
    ASSERT_TRUE(eventually([&] { return sent() == 2; }));
  }
  const auto oncall = make();
  oncall->start();
  ASSERT_TRUE(eventually([&] { return is_listening(); }));
  reply(ada, "2", replied_at);
  reply(ada, "1", replied_at);
  EXPECT_EQ(alert(*oncall, 1).state, Alert::State::ringing);
  reply("+4930999999", "1", replied_at + 1s);
  ASSERT_TRUE(eventually([&] { return alert(*oncall, 1).state == Alert::State::acknowledged; }));
  EXPECT_EQ(alert(*oncall, 1).acknowledged_by, "bela");
}

TEST_F(RepliesTest, WhereSeveralAreOpenTheTextNamesThemAndSoMustTheReply) {
  const auto oncall = make();
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return sent() == 1; }));
  Trouble other = trouble("checkout");
  other.escalation = "other";
  oncall->trouble(other);
  ASSERT_TRUE(eventually([&] { return sent() == 2 && is_listening(); }));
  EXPECT_THAT(texts_.with([](const auto& texts) { return texts[1]; }), HasSubstr("Reply 1 2 to take it, 2 2 to pass"));
  reply(ada, "1", clock_.wall_now());
  EXPECT_EQ(alert(*oncall, 1).state, Alert::State::ringing);
  EXPECT_EQ(alert(*oncall, 2).state, Alert::State::ringing);
  reply(ada, "1 2", clock_.wall_now());
  ASSERT_TRUE(eventually([&] { return alert(*oncall, 2).state == Alert::State::acknowledged; }));
  EXPECT_EQ(alert(*oncall, 1).state, Alert::State::ringing);
}

}  // namespace
}  // namespace tenfold::oncall
