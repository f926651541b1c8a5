#include "oncall/outbox/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oncall/channels/test_channel.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using Said = Report::State;
using testing::HasSubstr;

Order order(std::int64_t alert, std::string who, ChannelKind channel = ChannelKind::call,
            Message::Kind kind = Message::Kind::alert, int round = 0) {
  const std::string to = "to-" + who;
  return {alert, kind, {.who = std::move(who), .contact = {channel, to, {}}}, round, 0};
}

// One turn of the service's, without a disk.
class OutboxTest : public testing::Test {
 protected:
  OutboxTest() {
    sip_ = add("sip", ChannelKind::call);
    twilio_ = add("twilio-call", ChannelKind::call);
    mail_ = add("mail", ChannelKind::mail);
    outbox_ = make();
  }
  TestChannel* add(std::string name, ChannelKind kind) {
    auto made = std::make_unique<TestChannel>(std::move(name), kind);
    TestChannel* const channel = made.get();
    channels_.push_back(std::move(made));
    return channel;
  }
  std::unique_ptr<Outbox> make() {
    return std::make_unique<Outbox>(
        Outbox::Parts{.clock = clock_,
                      .random = random_,
                      .channels = channels_,
                      .need = [this](const Order&) { return need_; },
                      .message = [](const Order& of) { return Message{.kind = of.kind}; },
                      .about_uplink = [this](const Order& of) { return of.alert == uplink_alert_; },
                      .reported = [this] { ++reported_; }});
  }
  void turn() {
    outbox_->begin_due();
    outbox_->start_begun();
  }
  void order_and_turn(const Order& ordered) {
    outbox_->add({ordered});
    turn();
  }
  void advance_and_turn(Duration by) {
    clock_.advance(by);
    turn();
  }
  std::vector<Send> sends() const {
    std::vector<Send> all;
    outbox_->visit([&](const Send& send) { all.push_back(send); });
    return all;
  }
  Send send() const { return sends().at(0); }
  void report(const TestChannel::Sent& sent, Report report) {
    const auto to = sent.report;  // the channel's list may grow meanwhile
    to(std::move(report));
  }

  ManualClock clock_;
  FastRandom random_{7};
  std::vector<std::unique_ptr<Channel>> channels_;
  TestChannel* sip_ = nullptr;
  TestChannel* twilio_ = nullptr;
  TestChannel* mail_ = nullptr;
  std::int64_t uplink_alert_ = 0;
  Need need_ = Need::now;
  int reported_ = 0;
  std::unique_ptr<Outbox> outbox_;
};

TEST_F(OutboxTest, IsWrittenDownAsSendingBeforeItIsTried) {
  outbox_->add({order(1, "ada")});
  outbox_->begin_due();
  ASSERT_EQ(outbox_->unwritten().size(), 1u);
  EXPECT_EQ(outbox_->unwritten()[0]->state, SendState::sending);
  EXPECT_EQ(outbox_->unwritten()[0]->attempts, 1u);
  EXPECT_TRUE(sip_->sent.empty());
  outbox_->written();
  outbox_->start_begun();
  ASSERT_EQ(sip_->sent.size(), 1u);
  EXPECT_EQ(sip_->sent[0].to, "to-ada");
  EXPECT_TRUE(outbox_->unwritten().empty());
}

TEST_F(OutboxTest, IsSentThenDelivered) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::sent, .id = "CA1"});
  EXPECT_EQ(send().state, SendState::sent);
  EXPECT_EQ(send().provider_id, "CA1");
  report(sip_->sent[0], {.state = Said::answered});
  EXPECT_EQ(send().state, SendState::sent);
  EXPECT_EQ(send().detail, "answered");
  report(sip_->sent[0], {.state = Said::delivered});
  EXPECT_EQ(send().state, SendState::delivered);
  report(sip_->sent[0], {.state = Said::failed, .retry = true});  // late, and of no use
  EXPECT_EQ(send().state, SendState::delivered);
  EXPECT_EQ(reported_, 4);
  EXPECT_EQ(outbox_->open(), 0u);
}

TEST_F(OutboxTest, AnOrderIsKnownByItsKey) {
  order_and_turn(order(1, "ada"));
  order_and_turn(order(1, "ada"));
  EXPECT_EQ(sends().size(), 1u);
  EXPECT_EQ(sip_->sent.size(), 1u);
}

TEST_F(OutboxTest, TheNextChannelTriesAtOnceThenTheBookHears) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::failed, .detail = "registration refused"});
  EXPECT_THAT(send().detail, HasSubstr("sip: registration refused"));
  turn();
  ASSERT_EQ(twilio_->sent.size(), 1u);
  EXPECT_TRUE(outbox_->take_failed().empty());
  report(twilio_->sent[0], {.state = Said::failed});
  EXPECT_EQ(send().state, SendState::failed);
  EXPECT_EQ(outbox_->take_failed(), std::vector{order(1, "ada")});
  EXPECT_TRUE(outbox_->take_failed().empty());
  EXPECT_EQ(outbox_->failed_total(), 1u);
}

TEST_F(OutboxTest, WhatFailedStaysOnRecordWhenAnotherChannelGetsThrough) {
  order_and_turn(order(1, "ada"));
  EXPECT_EQ(send().trouble, "");
  report(sip_->sent[0], {.state = Said::failed, .detail = "wrong password"});
  turn();
  report(twilio_->sent[0], {.state = Said::busy});
  EXPECT_EQ(send().trouble, "twilio-call: busy");
  advance_and_turn(SendRow::redial_pause);
  outbox_->written();
  report(twilio_->sent[1], {.state = Said::failed, .detail = "no credit", .retry = true});
  EXPECT_EQ(outbox_->unwritten().size(), 1u);
  advance_and_turn(SendRow::shortest_pause);
  report(sip_->sent.back(), {.state = Said::delivered, .detail = "key 1"});
  EXPECT_EQ(send().detail, "key 1");
  EXPECT_EQ(send().trouble, "twilio-call: no credit");
}

TEST_F(OutboxTest, WhatMayHelpIsTriedAgainWithADoublingPause) {
  order_and_turn(order(1, "bela", ChannelKind::mail));
  Duration longest = SendRow::shortest_pause;
  for (int round = 1; round <= 5; ++round, longest *= 2) {
    const std::size_t tried = mail_->sent.size();
    report(mail_->sent.back(), {.state = Said::failed, .retry = true});
    const Duration pause = *send().next_try_at - clock_.wall_now();
    EXPECT_GE(pause, longest / 2) << round;
    EXPECT_LE(pause, longest) << round;
    advance_and_turn(pause - 1ns);
    EXPECT_EQ(mail_->sent.size(), tried);
    EXPECT_EQ(outbox_->next_due(), clock_.now() + 1ns);
    advance_and_turn(1ns);
    EXPECT_EQ(mail_->sent.size(), tried + 1);
    // The book hears when the second round has failed: others need not wait for the end of it.
    EXPECT_EQ(outbox_->take_failed().size(), round == 2 ? 1u : 0u) << round;
  }
}

TEST_F(OutboxTest, TheProvidersOwnPauseIsHonoured) {
  order_and_turn(order(1, "bela", ChannelKind::mail));
  report(mail_->sent[0], {.state = Said::failed, .retry = true, .retry_after = 40s});
  EXPECT_EQ(*send().next_try_at - clock_.wall_now(), 40s);
  EXPECT_EQ(outbox_->take_failed().size(), 1u);  // too long to wait for the others
  advance_and_turn(40s - 1ns);
  EXPECT_EQ(mail_->sent.size(), 1u);
  advance_and_turn(1ns);
  EXPECT_EQ(mail_->sent.size(), 2u);
  report(mail_->sent[1], {.state = Said::failed, .retry = true, .retry_after = 5h});
  EXPECT_EQ(*send().next_try_at - clock_.wall_now(), SendRow::longest_pause);
}

TEST_F(OutboxTest, TheFirstChannelsPauseHoldsWhenTheSecondFailsToo) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::failed, .retry = true, .retry_after = 60s});
  turn();
  report(twilio_->sent[0], {.state = Said::failed});
  EXPECT_EQ(*send().next_try_at - clock_.wall_now(), 60s);
}

TEST_F(OutboxTest, EndsAfterTheMostAttempts) {
  order_and_turn(order(1, "bela", ChannelKind::mail));
  for (unsigned i = 0; i < 100 && send().state != SendState::failed; ++i) {
    report(mail_->sent.back(), {.state = Said::failed, .retry = true});
    advance_and_turn(SendRow::longest_pause);
  }
  EXPECT_EQ(mail_->sent.size(), SendRow::most_attempts);
  EXPECT_EQ(send().state, SendState::failed);
}

TEST_F(OutboxTest, NothingIsTriedPastItsAge) {
  mail_->set_pace(SendRow::longest_age);
  outbox_->add({order(1, "ada", ChannelKind::mail), order(1, "bela", ChannelKind::mail)});
  turn();
  report(mail_->sent[0], {.state = Said::delivered});
  advance_and_turn(SendRow::longest_age - 1ns);
  EXPECT_EQ(sends()[1].state, SendState::pending);
  advance_and_turn(1ns);
  EXPECT_EQ(sends()[1].state, SendState::failed);
  EXPECT_EQ(mail_->sent.size(), 1u);
}

TEST_F(OutboxTest, AClockThatIsSetForwardCostsNoTry) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent.at(0), {.state = Said::failed, .detail = "503", .retry = true});
  clock_.set_wall(clock_.wall_now() + 10 * SendRow::longest_age);
  turn();
  EXPECT_EQ(twilio_->sent.size(), 1u);
  EXPECT_EQ(send().state, SendState::sending);
}

TEST_F(OutboxTest, ABusyLineIsCalledOnceMore) {
  for (const Said state : {Said::busy, Said::no_answer}) {
    outbox_ = make();
    sip_->sent.clear();
    order_and_turn(order(1, "ada"));
    report(sip_->sent[0], {.state = Said::ringing});
    report(sip_->sent[0], {.state = state});
    EXPECT_EQ(send().state, SendState::pending);
    advance_and_turn(SendRow::redial_pause - 1ns);
    EXPECT_EQ(sip_->sent.size(), 1u);
    advance_and_turn(1ns);
    ASSERT_EQ(sip_->sent.size(), 2u);
    EXPECT_TRUE(twilio_->sent.empty());
    report(sip_->sent[1], {.state = state});
    EXPECT_EQ(send().state, SendState::failed);
    EXPECT_EQ(outbox_->take_failed().size(), 1u);
  }
}

TEST_F(OutboxTest, WhereNoChannelIsConfiguredTheBookHearsAtOnce) {
  order_and_turn(order(1, "ada", ChannelKind::telegram));
  EXPECT_EQ(send().state, SendState::failed);
  EXPECT_EQ(send().detail, "no channel for telegram is configured");
  EXPECT_EQ(outbox_->take_failed().size(), 1u);
}

TEST_F(OutboxTest, WhereTheUplinkIsTheTroubleWhatSurvivesItGoesFirst) {
  twilio_->survive_uplink();
  uplink_alert_ = 1;
  order_and_turn(order(1, "ada", ChannelKind::call, Message::Kind::reminder));  // its reminders too
  ASSERT_EQ(twilio_->sent.size(), 1u);
  report(twilio_->sent[0], {.state = Said::failed});
  turn();
  EXPECT_EQ(sip_->sent.size(), 1u);
  order_and_turn(order(2, "bela"));
  EXPECT_EQ(sip_->sent.size(), 2u);
}

// Whatever they are about: a phone that rings, or talks, is not rung.
TEST_F(OutboxTest, OneCallANumberAtATime) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::answered});
  order_and_turn(order(2, "ada"));
  order_and_turn(order(2, "ada", ChannelKind::mail));
  order_and_turn(order(3, "bela"));
  EXPECT_EQ(sip_->sent.size(), 2u) << "bela is called meanwhile";
  EXPECT_EQ(mail_->sent.size(), 1u) << "and a mail is no call";
  report(sip_->sent[0], {.state = Said::acknowledged});
  turn();
  EXPECT_EQ(sip_->sent.size(), 2u) << "they are being thanked";
  advance_and_turn(Outbox::goodbye_lasts);
  ASSERT_EQ(sip_->sent.size(), 3u);
  EXPECT_EQ(sip_->sent[2].to, "to-ada");
}

TEST_F(OutboxTest, APhoneThatHasNotRungForItDoesNotRingForItsEnd) {
  order_and_turn(order(1, "ada"));
  order_and_turn(order(2, "ada"));  // waits for the line
  order_and_turn(order(2, "ada", ChannelKind::mail));
  need_ = Need::never;
  turn();
  need_ = Need::now;
  report(sip_->sent[0], {.state = Said::delivered});
  order_and_turn(order(2, "ada", ChannelKind::call, Message::Kind::over, 1));
  order_and_turn(order(2, "ada", ChannelKind::mail, Message::Kind::over, 1));
  advance_and_turn(1min);
  EXPECT_EQ(sip_->sent.size(), 1u);
  EXPECT_EQ(mail_->sent.size(), 2u);
}

TEST_F(OutboxTest, ACallOfWhichNoEndIsHeardHoldsItsNumberForSoLongOnly) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::answered});
  order_and_turn(order(2, "ada"));
  advance_and_turn(SendRow::longest_call - 1ns);
  EXPECT_EQ(sip_->sent.size(), 1u);
  ASSERT_TRUE(outbox_->next_due());
  EXPECT_EQ(*outbox_->next_due(), clock_.now() + 1ns);
  advance_and_turn(1ns);
  EXPECT_EQ(sip_->sent.size(), 2u);
}

TEST_F(OutboxTest, ALostAnswerIsAskedForBeforeARepeat) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::unknown, .id = "CA1"});
  EXPECT_EQ(send().state, SendState::unsure);
  turn();
  ASSERT_EQ(sip_->found.size(), 1u);
  EXPECT_EQ(sip_->found[0].id, "CA1");
  const auto found = sip_->found[0].report;
  found({.state = Said::sent});
  EXPECT_EQ(send().state, SendState::sent);
  found({.state = Said::acknowledged, .detail = "digit 1"});
  EXPECT_EQ(send().state, SendState::delivered);
  EXPECT_EQ(outbox_->take_acts().size(), 1u);
  EXPECT_EQ(sip_->sent.size(), 1u);
}

TEST_F(OutboxTest, WhatIsNotThereIsSentAgain) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::unknown});
  turn();
  sip_->found[0].report({.state = Said::failed, .retry = true});
  turn();
  ASSERT_EQ(sip_->sent.size(), 2u);
  EXPECT_EQ(sip_->sent[1].key, sip_->sent[0].key);
  // A second time, after a pause: no channel is asked in a circle.
  report(sip_->sent[1], {.state = Said::unknown});
  turn();
  sip_->found[1].report({.state = Said::failed, .retry = true});
  EXPECT_GT(send().next_try_at, clock_.wall_now());
}

TEST_F(OutboxTest, WhatNobodyKnowsGoesByTheNextChannel) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::unknown});
  turn();
  sip_->found[0].report({.state = Said::unknown});
  turn();
  EXPECT_EQ(sip_->sent.size(), 1u);
  EXPECT_EQ(twilio_->sent.size(), 1u);
}

TEST_F(OutboxTest, SilenceIsALostAnswerAndSoIsASilentFind) {
  order_and_turn(order(1, "ada"));
  advance_and_turn(SendRow::answer_within + 5s - 1ns);
  EXPECT_EQ(send().state, SendState::sending);
  advance_and_turn(1ns);
  EXPECT_EQ(send().state, SendState::unsure);
  ASSERT_EQ(sip_->found.size(), 1u);
  advance_and_turn(SendRow::answer_within + 5s);
  ASSERT_EQ(twilio_->sent.size(), 1u);
  // The late word of the first try is still a word.
  report(sip_->sent[0], {.state = Said::acknowledged, .detail = "digit 1"});
  EXPECT_EQ(outbox_->take_acts().size(), 1u);
  EXPECT_EQ(send().state, SendState::delivered);
  report(sip_->sent[0], {.state = Said::busy});
  EXPECT_EQ(send().state, SendState::delivered);
}

TEST_F(OutboxTest, BadNewsOfAnEarlierTryIsOld) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::failed});
  turn();
  ASSERT_EQ(twilio_->sent.size(), 1u);
  report(sip_->sent[0], {.state = Said::failed});
  EXPECT_EQ(send().state, SendState::sending);
}

TEST_F(OutboxTest, ActsComeOutWithTheirOrder) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent[0], {.state = Said::escalate});
  const auto acts = outbox_->take_acts();
  ASSERT_EQ(acts.size(), 1u);
  EXPECT_EQ(acts[0].kind, Outbox::Act::Kind::escalate);
  EXPECT_EQ(acts[0].order, order(1, "ada"));
  EXPECT_EQ(acts[0].how, "call to to-ada");
}

TEST_F(OutboxTest, WhatIsNotNeededIsDroppedBeforeItIsTried) {
  need_ = Need::never;
  order_and_turn(order(1, "ada"));
  EXPECT_EQ(send().state, SendState::dropped);
  EXPECT_TRUE(sip_->sent.empty());
  EXPECT_TRUE(outbox_->take_failed().empty());
}

TEST_F(OutboxTest, WhomThePlanKnowsByAnotherNumberIsNotTriedAgain) {
  order_and_turn(order(1, "ada"));
  report(sip_->sent.at(0), {.state = Said::failed, .detail = "503", .retry = true});
  need_ = Need::moved;
  turn();
  EXPECT_TRUE(twilio_->sent.empty());
  EXPECT_EQ(send().state, SendState::dropped);
  EXPECT_THAT(send().detail, HasSubstr("configuration"));
  EXPECT_TRUE(outbox_->has_news());
  const auto moved = outbox_->take_moved();
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0], send().order);
  EXPECT_TRUE(outbox_->take_failed().empty());
  EXPECT_FALSE(outbox_->has_news());
}

TEST_F(OutboxTest, WhatMayBeOverSoonWaits) {
  need_ = Need::later;
  order_and_turn(order(1, "ada"));
  EXPECT_EQ(send().state, SendState::pending);
  EXPECT_FALSE(outbox_->next_due());
  need_ = Need::now;
  turn();
  EXPECT_EQ(sip_->sent.size(), 1u);
}

TEST_F(OutboxTest, ANewerRoundTakesThePlaceOfOneThatWaits) {
  need_ = Need::later;
  order_and_turn(order(1, "ada"));
  order_and_turn(order(1, "ada", ChannelKind::call, Message::Kind::reminder, 1));
  need_ = Need::now;
  turn();
  EXPECT_EQ(sends()[0].state, SendState::dropped);
  EXPECT_EQ(sip_->sent.size(), 1u);
  EXPECT_EQ(sip_->sent[0].message.kind, Message::Kind::reminder);
}

TEST_F(OutboxTest, WhoWasNeverTriedDoesNotHearThatItIsOver) {
  need_ = Need::later;
  order_and_turn(order(1, "ada"));
  need_ = Need::now;
  outbox_->add({order(1, "ada", ChannelKind::call, Message::Kind::over, 1)});
  EXPECT_EQ(sends()[1].state, SendState::dropped);
  order_and_turn(order(2, "bela"));
  outbox_->add({order(2, "bela", ChannelKind::call, Message::Kind::over, 1)});
  EXPECT_EQ(sends()[3].state, SendState::pending);
}

TEST_F(OutboxTest, KeepsTheChannelsPaceAndTellsTheEndLast) {
  sip_->set_pace(1s);
  outbox_->add({order(1, "ada", ChannelKind::call, Message::Kind::over), order(2, "bela"), order(3, "cleo")});
  turn();
  ASSERT_EQ(sip_->sent.size(), 1u);
  EXPECT_EQ(sip_->sent[0].to, "to-bela");
  EXPECT_EQ(outbox_->next_due(), clock_.now() + 1s);
  advance_and_turn(1s - 1ns);
  EXPECT_EQ(sip_->sent.size(), 1u);
  advance_and_turn(1ns);
  ASSERT_EQ(sip_->sent.size(), 2u);
  EXPECT_EQ(sip_->sent[1].to, "to-cleo");
  advance_and_turn(1s);
  ASSERT_EQ(sip_->sent.size(), 3u);
  EXPECT_EQ(sip_->sent[2].message.kind, Message::Kind::over);
}

// What each state on the disk becomes when the program begins again.
TEST_F(OutboxTest, ARestartGoesOnWhereItWas) {
  const auto row = [&](std::string who, SendState state) {
    return Send{.key = who,
                .order = order(1, who),
                .state = state,
                .by = state == SendState::pending ? "" : "twilio-call",
                .attempts = state == SendState::pending ? 0u : 1u,
                .created_at = clock_.wall_now() - 20min,
                .tried_at = clock_.wall_now() - SendRow::outcome_within + 1ns,
                .provider_id = "CA-" + who};
  };
  outbox_->restore({row("pending", SendState::pending), row("sending", SendState::sending),
                    row("unsure", SendState::unsure), row("sent", SendState::sent),
                    row("delivered", SendState::delivered), row("failed", SendState::failed),
                    row("dropped", SendState::dropped)});
  turn();
  ASSERT_EQ(sip_->sent.size(), 1u);
  EXPECT_EQ(sip_->sent[0].key, "pending");
  ASSERT_EQ(twilio_->found.size(), 3u);
  EXPECT_EQ(twilio_->found[0].key, "sending");
  EXPECT_EQ(twilio_->found[0].id, "CA-sending");
  EXPECT_EQ(twilio_->found[1].key, "unsure");
  EXPECT_EQ(twilio_->found[2].key, "sent");
  EXPECT_TRUE(twilio_->sent.empty());
  twilio_->found[2].report({.state = Said::unknown});  // it was confirmed once: no reason for a repeat
  turn();
  EXPECT_EQ(sends()[3].state, SendState::sent);
  EXPECT_TRUE(twilio_->sent.empty());
  EXPECT_EQ(outbox_->total(), 0u);
}

TEST_F(OutboxTest, OldSendsAreNotAskedForAfterARestart) {
  Send old{.key = "old", .order = order(1, "ada"), .state = SendState::sent, .by = "sip", .attempts = 1};
  old.created_at = clock_.wall_now() - 20min;
  old.tried_at = clock_.wall_now() - SendRow::outcome_within;
  outbox_->restore({old});
  turn();
  EXPECT_TRUE(sip_->found.empty());
  EXPECT_EQ(outbox_->open(), 0u);
}

TEST_F(OutboxTest, ARowOfAChannelThatIsGoneGoesByAnother) {
  Send row{.key = "k", .order = order(1, "ada"), .state = SendState::sending, .by = "carrier-pigeon", .attempts = 1};
  row.created_at = clock_.wall_now();
  outbox_->restore({row});
  turn();
  EXPECT_EQ(sip_->sent.size(), 1u);
}

TEST_F(OutboxTest, AWaitThatAClockMadeLongIsCutShort) {
  Send row{.key = "k", .order = order(1, "ada"), .created_at = clock_.wall_now()};
  row.next_try_at = clock_.wall_now() + 24h;
  outbox_->restore({row});
  turn();
  EXPECT_EQ(outbox_->next_due(), clock_.now() + SendRow::longest_pause);
}

TEST_F(OutboxTest, IsBounded) {
  for (std::size_t i = 0; i <= Outbox::most_of_an_alert; ++i) {
    outbox_->add({order(1, "p" + std::to_string(i), ChannelKind::telegram)});
    outbox_->begin_due();
  }
  EXPECT_EQ(sends().size(), Outbox::most_of_an_alert);
  EXPECT_EQ(outbox_->gone().size(), 1u);
  outbox_->forget([](std::int64_t alert) { return alert == 1; });
  EXPECT_TRUE(sends().empty());

  need_ = Need::later;
  std::vector<Order> many;
  for (std::size_t i = 0; i < Outbox::most_open; ++i) many.push_back(order(static_cast<std::int64_t>(i), "ada"));
  outbox_->add(many);
  EXPECT_EQ(outbox_->unkept(), 0u);
  outbox_->add({order(-1, "ada")});
  EXPECT_EQ(outbox_->unkept(), 1u);
  EXPECT_EQ(outbox_->open(), Outbox::most_open);
}

TEST_F(OutboxTest, AReportAfterItsEndHarmsNobody) {
  order_and_turn(order(1, "ada"));
  outbox_.reset();
  report(sip_->sent[0], {.state = Said::delivered});
  EXPECT_EQ(reported_, 0);
}

}  // namespace
}  // namespace tenfold::oncall
