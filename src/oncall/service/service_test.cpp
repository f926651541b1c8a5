#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include "oncall/service/service_fixture_test.hpp"
#include "store/database.hpp"
#include "store/test_folder.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ServiceTest : public testing::Test {
 protected:
  std::unique_ptr<OnCall> make(Behaviour behaviour, std::uint64_t largest_bytes = 0) {
    auto made = OnCall::make({.clock = clock_,
                              .store_file = file_,
                              .link_url = "https://console.shop.example",
                              .link_secret = "secret",
                              .make_channels = [this, behaviour](transfer::Poller& poller) -> Result<OnCall::Channels> {
                                OnCall::Channels channels;
                                channels.push_back(channel(poller, log_, "sip", ChannelKind::call, behaviour));
                                channels.push_back(channel(poller, log_, "twilio-call", ChannelKind::call, behaviour));
                                channels.push_back(channel(poller, log_, "modem", ChannelKind::sms, behaviour));
                                channels.push_back(channel(poller, log_, "mail", ChannelKind::mail, behaviour));
                                return channels;
                              },
                              .store_largest_bytes = largest_bytes},
                             plan());
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  static std::optional<AlertView> first_alert(const OnCall& oncall) {
    const auto view = oncall.view();
    return view->alerts.empty() ? std::nullopt : std::optional(view->alerts.front());
  }

  SystemClock clock_;
  store::TestFolder folder_;
  std::string file_ = folder_.file();
  Log log_;
};

TEST_F(ServiceTest, RingsIsAcknowledgedByADigitAndSaysWhenItIsOver) {
  const auto oncall = make([](const TestChannel::Sent& sent) -> std::vector<Report> {
    if (sent.message.kind != Message::Kind::alert) return delivered(sent);
    return {{.state = Report::State::sent, .id = "call-1"},
            {.state = Report::State::acknowledged, .detail = "digit 1 on " + sent.to}};
  });
  oncall->trouble(trouble("front-page"));
  oncall->start();
  ASSERT_TRUE(eventually([&] {
    const auto alert = first_alert(*oncall);
    return alert && alert->alert.state == Alert::State::acknowledged;
  }));
  const auto acknowledged = first_alert(*oncall);
  EXPECT_EQ(acknowledged->alert.acknowledged_by, "ada");
  EXPECT_EQ(acknowledged->alert.acknowledged_how, "digit 1 on +1");
  EXPECT_EQ(oncall->view()->acknowledged_total, 1u);
  ASSERT_EQ(acknowledged->sends.size(), 1u);
  EXPECT_EQ(acknowledged->sends[0].by, "sip");
  EXPECT_EQ(acknowledged->sends[0].state, "delivered");
  EXPECT_EQ(acknowledged->sends[0].provider_id, "call-1");

  oncall->over("front-page");
  ASSERT_TRUE(eventually([&] { return log_.count("+1", Message::Kind::over) == 1; }));
}

TEST_F(ServiceTest, AnAlertIsInTheViewBeforeAnybodyIsTold) {
  std::atomic<int> told = 0;
  std::atomic<int> seen = 0;
  OnCall* whole = nullptr;
  const auto oncall = make([&](const TestChannel::Sent& sent) {
    if (whole->view()->alerts.size() == static_cast<std::size_t>(told + 1)) ++seen;
    ++told;
    return delivered(sent);
  });
  whole = oncall.get();
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return told == 1; }));
  oncall->drill("");  // within the tenth of a second in which the view is not rendered anew
  ASSERT_TRUE(eventually([&] { return told == 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_F(ServiceTest, TakesTheNextChannelAtOnceAndThenTheNextContact) {
  const auto oncall = make([](const TestChannel::Sent& sent) -> std::vector<Report> {
    if (sent.to == "+1") return {{.state = Report::State::failed, .detail = "no trunk"}};
    return delivered(sent);
  });
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return log_.all().size() == 3; }));
  const auto sent = log_.all();
  EXPECT_EQ(sent[0].channel, "sip");
  EXPECT_EQ(sent[1].channel, "twilio-call");
  EXPECT_EQ(sent[1].key, sent[0].key);
  EXPECT_EQ(sent[2].channel, "modem");
  ASSERT_TRUE(eventually([&] {
    const auto alert = first_alert(*oncall);
    return alert && alert->sends[0].state == "failed";
  }));
  EXPECT_THAT(first_alert(*oncall)->sends[0].detail, HasSubstr("no trunk"));
  EXPECT_EQ(oncall->view()->sends_failed_total, 1u);
}

TEST_F(ServiceTest, ACheckThatIsBackRightAwayRingsNobodyTwice) {
  const auto oncall = make(delivered);
  oncall->start();
  oncall->trouble(trouble("front-page"));
  oncall->trouble(trouble("front-page"));
  oncall->trouble(trouble("checkout"));
  ASSERT_TRUE(eventually([&] {
    const auto alert = first_alert(*oncall);
    return alert && alert->alert.troubles.size() == 2 && alert->sends[0].state == "delivered";
  }));
  EXPECT_EQ(log_.all().size(), 1u);
}

TEST_F(ServiceTest, GoesOnAfterARestart) {
  {
    const auto oncall = make([](const TestChannel::Sent&) { return std::vector<Report>(); });  // no word comes
    oncall->start();
    oncall->trouble(trouble("front-page"));
    ASSERT_TRUE(eventually([&] { return log_.all().size() == 1; }));
  }
  const auto oncall = make(delivered);
  oncall->start();
  // Found by the channel: not sent again.
  ASSERT_TRUE(eventually([&] {
    const auto alert = first_alert(*oncall);
    return alert && !alert->sends.empty() && alert->sends[0].state == "delivered";
  }));
  EXPECT_EQ(log_.all().size(), 1u);
  oncall->acknowledge(first_alert(*oncall)->alert.id, "console", "tenfold ack");
  ASSERT_TRUE(eventually([&] { return first_alert(*oncall)->alert.acknowledged_by == "console"; }));
}

TEST_F(ServiceTest, ADrillEndsWithAnAnswer) {
  const auto oncall = make([](const TestChannel::Sent&) {
    return std::vector<Report>{{.state = Report::State::acknowledged, .detail = "digit 1"}};
  });
  oncall->start();
  oncall->drill("all");
  ASSERT_TRUE(eventually([&] {
    const auto alert = first_alert(*oncall);
    return alert && alert->alert.state == Alert::State::over && alert->alert.acknowledged_by == "ada";
  }));
  EXPECT_EQ(log_.count("+1", Message::Kind::drill), 1u);
}

TEST_F(ServiceTest, AfterAReloadTheNextTryGoesToTheNewNumberAndNobodyWhoIsGoneIsRung) {
  const auto oncall = make([](const TestChannel::Sent& sent) -> std::vector<Report> {
    if (sent.to == "+9") return delivered(sent);
    return {{.state = Report::State::failed, .detail = "503", .retry = true}};  // tried again, in 2 s at the most
  });
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return log_.count("+1", Message::Kind::alert) == 2; })) << "by both channels";
  Plan with_another_number = plan();
  with_another_number.people[0].contacts[0].to = "+9";
  oncall->replace_plan(with_another_number);
  ASSERT_TRUE(eventually([&] { return log_.count("+9", Message::Kind::alert) == 1; }));
  ASSERT_TRUE(eventually([&] {
    const auto alert = first_alert(*oncall);
    return alert && alert->sends[0].state == "dropped" && alert->sends.back().state == "delivered";
  }));
  EXPECT_EQ(log_.count("+1", Message::Kind::alert), 2u);
}

TEST_F(ServiceTest, HoweverMuchNewsWaitsNoneThatIsDownIsLost) {
  file_.clear();
  const auto oncall = make(delivered);
  oncall->trouble(trouble("front-page"));
  for (std::size_t i = 0; i <= transfer::Poller::most_posted; ++i) {
    oncall->trouble(trouble("flaps"));
    oncall->over("flaps");
  }
  oncall->trouble(trouble("checkout"));
  oncall->start();
  ASSERT_TRUE(eventually([&] {
    const auto alert = first_alert(*oncall);
    return alert && std::ranges::count(alert->alert.troubles, "checkout", &Trouble::source) == 1 &&
           std::ranges::count(alert->alert.troubles, "front-page", &Trouble::source) == 1;
  }));
}

class ClockThatIsSet final : public Clock {
 public:
  TimePoint now() const override { return system_.now(); }
  WallTime wall_now() const override { return system_.wall_now() + Duration(ahead.load()); }
  std::atomic<Duration::rep> ahead = 0;

 private:
  SystemClock system_;
};

TEST_F(ServiceTest, AClockThatWasAheadForAWhileIsBelievedWhenItIsRightAgain) {
  ClockThatIsSet clock;
  auto made = OnCall::make({.clock = clock,
                            .make_channels = [this](transfer::Poller& poller) -> Result<OnCall::Channels> {
                              OnCall::Channels channels;
                              channels.push_back(channel(poller, log_, "sip", ChannelKind::call, delivered));
                              return channels;
                            }},
                           plan());
  ASSERT_TRUE(made);
  const auto oncall = std::move(*made);
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return log_.count("+1", Message::Kind::alert) >= 1; }));
  clock.ahead = Duration(24h).count();
  oncall->drill("");
  ASSERT_TRUE(eventually([&] { return log_.count("+1", Message::Kind::drill) == 1; }));
  clock.ahead = 0;
  oncall->acknowledge(1, "ada", "tenfold ack");
  const auto first = [&]() -> std::optional<Alert> {
    const auto view = oncall->view();
    for (const AlertView& each : view->alerts) {
      if (each.alert.id == 1) return each.alert;
    }
    return std::nullopt;
  };
  ASSERT_TRUE(eventually([&] { return first() && first()->acknowledged_at; }));
  EXPECT_LT(*first()->acknowledged_at, clock.wall_now() + 1h);
}

// Nobody has to be rung from an empty file name: it is meant so.
TEST_F(ServiceTest, WithoutAFileItRingsWithoutComplaint) {
  file_.clear();
  const auto oncall = make(delivered);
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return log_.all().size() == 1; }));
  EXPECT_FALSE(oncall->view()->from_memory);
}

TEST_F(ServiceTest, ADamagedFileRingsFromMemoryAndSaysWhy) {
  std::ofstream(file_) << std::string(8'192, 'x');
  const auto oncall = make(delivered);
  oncall->start();
  oncall->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return log_.all().size() == 1; }));
  EXPECT_THAT(log_.all()[0].text, HasSubstr("is not a database"));
  ASSERT_TRUE(eventually([&] { return oncall->view()->from_memory; }));
  EXPECT_THAT(oncall->view()->store_error, HasSubstr("is not a database"));
}

TEST_F(ServiceTest, AFullFileRingsFromMemoryAndSaysWhy) {
  const auto oncall = make(delivered, 64u << 10);
  oncall->start();
  for (int i = 0; i < 200; ++i) oncall->trouble(trouble("check-" + std::to_string(i) + std::string(100, 'x')));
  ASSERT_TRUE(eventually([&] { return oncall->view()->from_memory; }));
  EXPECT_THAT(oncall->view()->store_error, HasSubstr("full"));
  ASSERT_TRUE(eventually([&] { return log_.count("+1", Message::Kind::alert) == 1; }));
  const auto alert = first_alert(*oncall);
  ASSERT_TRUE(alert);
  oncall->silence(alert->alert.id, clock_.wall_now() + 1h);
  ASSERT_TRUE(eventually([&] { return first_alert(*oncall)->alert.state == Alert::State::silenced; }));
}

// It goes back to the file when it can, with what the file had before and with what has happened since.
TEST_F(ServiceTest, WhatWasRungFromMemoryJoinsWhatTheFileHas) {
  {
    const auto oncall = make(delivered);
    oncall->start();
    oncall->trouble(trouble("front-page"));
    oncall->trouble(trouble("checkout"));
    ASSERT_TRUE(eventually([&] {
      const auto alert = first_alert(*oncall);
      return alert && alert->alert.troubles.size() == 2 && alert->sends[0].state == "delivered";
    }));
  }
  std::filesystem::rename(file_, file_ + ".away");
  std::filesystem::create_directory(file_);  // cannot be opened
  const auto oncall = make(delivered);
  oncall->start();
  oncall->trouble(trouble("stock"));
  oncall->over("checkout");
  ASSERT_TRUE(eventually([&] { return log_.all().size() == 2; }));
  EXPECT_THAT(log_.all()[1].text, HasSubstr("cannot be written"));

  std::filesystem::remove(file_);
  std::filesystem::rename(file_ + ".away", file_);
  ASSERT_TRUE(eventually([&] { return oncall->view()->alerts.size() == 2 && !oncall->view()->from_memory; }));
  std::vector<std::string> sources;
  const auto view = oncall->view();
  for (const auto& each : view->alerts) {
    for (const auto& of_it : each.alert.troubles) sources.push_back(of_it.source);
  }
  EXPECT_THAT(sources, testing::UnorderedElementsAre("front-page", "stock"));
  EXPECT_NE(oncall->view()->alerts[0].alert.id, oncall->view()->alerts[1].alert.id);
  EXPECT_EQ(log_.all().size(), 2u);  // the old alert's row was there: nobody is rung twice
}

}  // namespace
}  // namespace tenfold::oncall
