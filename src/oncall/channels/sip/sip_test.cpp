#include "oncall/channels/sip/sip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "oncall/channels/sip/phone_double_test.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using sip::PhoneDouble;
using State = Report::State;
using testing::ElementsAre;

class SipTest : public testing::Test {
 protected:
  SipTest() : poller_(*transfer::Poller::make(clock_)) {}

  SipOptions options(const PhoneDouble& phone) const {
    SipOptions made;
    made.host = "127.0.0.1";
    made.port = phone.port();
    made.times_spoken = 1;
    made.listen_for = 50ms;
    return made;
  }

  void open(SipOptions options) {
    auto made = make_sip(std::move(options), *poller_, clock_);
    ASSERT_TRUE(made) << made.error().text();
    channel_ = std::move(*made);
  }

  void call(const std::string& key = "row-1", Duration timeout = 20s) {
    Message message;
    message.spoken = "Down.";
    channel_->send("+4930123456", message, key, timeout, [this, key](const Report& report) {
      reports_.push_back(report);
      states_[key].push_back(report.state);
      last_[key] = report;
    });
  }

  // Lets the on-call thread work until the condition holds; false at the deadline.
  bool until(const std::function<bool()>& condition, Duration deadline = 30s) {
    const TimePoint end = clock_.now() + deadline;
    while (!condition() && clock_.now() < end) poller_->run_until(clock_.now() + 10ms);
    return condition();
  }

  bool ended(const std::string& key = "row-1") {
    return !states_[key].empty() && states_[key].back() != State::sent && states_[key].back() != State::ringing &&
           states_[key].back() != State::answered;
  }

  SystemClock clock_;
  std::unique_ptr<transfer::Poller> poller_;
  std::vector<Report> reports_;
  std::map<std::string, std::vector<State>> states_;
  std::map<std::string, Report> last_;
  std::unique_ptr<Channel> channel_;
};

TEST_F(SipTest, AKeyAcknowledges) {
  PhoneDouble phone(PhoneDouble::Manner::press_one);
  open(options(phone));
  call();
  EXPECT_TRUE(reports_.empty()) << "never from within send()";
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_THAT(states_["row-1"], ElementsAre(State::sent, State::ringing, State::answered, State::acknowledged));
  EXPECT_FALSE(reports_.back().id.empty());
  EXPECT_TRUE(until([&] { return phone.heard("BYE") == 1; })) << "after the thanks";
}

TEST_F(SipTest, AStrangersPacketPressesNoKey) {
  PhoneDouble phone(PhoneDouble::Manner::stranger_presses);
  open(options(phone));
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::delivered);
}

TEST_F(SipTest, AMailboxAcknowledgesNothing) {
  PhoneDouble phone(PhoneDouble::Manner::answer);
  open(options(phone));
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_THAT(states_["row-1"], ElementsAre(State::sent, State::ringing, State::answered, State::delivered));
  EXPECT_GT(phone.packets(), 50u) << "a second of silence, the word, and the goodbye";
  EXPECT_TRUE(until([&] { return phone.heard("BYE") == 1; }));
}

// The other side answers, sends no sound and never hangs up: the call ends by itself, and says what was odd.
TEST_F(SipTest, ACallFromWhichNoSoundComesBackEndsAndSaysSo) {
  PhoneDouble phone(PhoneDouble::Manner::answer);
  open(options(phone));
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::delivered);
  EXPECT_NE(reports_.back().detail.find("no sound came back: UDP ports 16384 to 32766"), std::string::npos)
      << reports_.back().detail;
  EXPECT_TRUE(until([&] { return phone.heard("BYE") == 1; }));
}

TEST_F(SipTest, WhateverHappensOnThePhoneTheCallIsOverInItsTime) {
  PhoneDouble phone(PhoneDouble::Manner::answer);
  auto endless = options(phone);
  endless.times_spoken = 1'000;
  endless.call_for = 1s;
  open(endless);
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::delivered);
  EXPECT_TRUE(until([&] { return phone.heard("BYE") == 1; }));
}

TEST_F(SipTest, TheOtherSideHangsUp) {
  PhoneDouble phone(PhoneDouble::Manner::hang_up);
  open(options(phone));
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::delivered);
  EXPECT_NE(reports_.back().detail.find("hung up"), std::string::npos);
}

TEST_F(SipTest, Busy) {
  PhoneDouble phone(PhoneDouble::Manner::busy);
  open(options(phone));
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::busy);
  EXPECT_TRUE(reports_.back().retry);
}

TEST_F(SipTest, RingsForItsTimeAndIsCancelled) {
  PhoneDouble phone(PhoneDouble::Manner::ring);
  auto short_patience = options(phone);
  short_patience.ring_for = 300ms;
  open(short_patience);
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_THAT(states_["row-1"], ElementsAre(State::sent, State::ringing, State::no_answer));
  EXPECT_TRUE(until([&] { return phone.heard("CANCEL") == 1; }));
}

TEST_F(SipTest, NotAWordFromTheProviderFailsInTime) {
  PhoneDouble phone(PhoneDouble::Manner::silent);
  open(options(phone));
  const TimePoint began = clock_.now();
  call("row-1", 700ms);
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_THAT(states_["row-1"], ElementsAre(State::failed));
  EXPECT_TRUE(reports_.back().retry);
  EXPECT_LT(clock_.now() - began, 5s);
}

TEST_F(SipTest, AWrongPasswordIsWrongForGood) {
  PhoneDouble phone(PhoneDouble::Manner::challenge);
  auto with_user = options(phone);
  with_user.user = "shop";
  with_user.password = "secret";
  open(with_user);
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_THAT(states_["row-1"], ElementsAre(State::failed));
  EXPECT_FALSE(reports_.back().retry);
  EXPECT_NE(reports_.back().detail.find("password of user shop"), std::string::npos);
  EXPECT_EQ(reports_.back().detail.find("secret"), std::string::npos);
  EXPECT_EQ(phone.heard("INVITE"), 2u) << "once without, once with the password, and not again";
}

TEST_F(SipTest, APasswordIsProvenByTheAlgorithmThatTheProviderNamesFirst) {
  PhoneDouble phone(PhoneDouble::Manner::sha256);
  auto with_user = options(phone);
  with_user.user = "shop";
  with_user.password = "secret";
  open(with_user);
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::delivered) << reports_.back().detail;
  EXPECT_EQ(phone.heard("INVITE"), 2u);
  EXPECT_NE(phone.last_invite().find("uri=\"sip:+4930123456@127.0.0.1\""), std::string::npos);
}

TEST_F(SipTest, AProofThatIsNotKnownIsSaid) {
  PhoneDouble phone(PhoneDouble::Manner::strange);
  auto with_user = options(phone);
  with_user.user = "shop";
  with_user.password = "secret";
  open(with_user);
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::failed);
  EXPECT_FALSE(reports_.back().retry);
  EXPECT_NE(reports_.back().detail.find("proven in a way that is not known here (407"), std::string::npos)
      << reports_.back().detail;
}

TEST_F(SipTest, AnOldNonceIsAnsweredAnewAndARedirectFollowed) {
  for (const auto manner : {PhoneDouble::Manner::stale, PhoneDouble::Manner::redirect}) {
    PhoneDouble phone(manner);
    auto with_user = options(phone);
    with_user.user = "shop";
    with_user.password = "secret";
    open(with_user);
    states_.clear();
    call();
    ASSERT_TRUE(until([&] { return ended(); }));
    EXPECT_EQ(reports_.back().state, State::delivered) << reports_.back().detail;
  }
}

TEST_F(SipTest, ASessionIsAsLongAsTheProviderWantsIt) {
  PhoneDouble phone(PhoneDouble::Manner::timer);
  open(options(phone));
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::delivered) << reports_.back().detail;
  EXPECT_EQ(phone.heard("INVITE"), 2u);
  EXPECT_NE(phone.last_invite().find("\r\nMin-SE: 3600\r\n"), std::string::npos);
}

TEST_F(SipTest, WhatIsDemandedAndNotSpokenHereIsNamed) {
  PhoneDouble phone(PhoneDouble::Manner::extension);
  open(options(phone));
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::failed);
  EXPECT_FALSE(reports_.back().retry);
  EXPECT_NE(reports_.back().detail.find("demands precondition of SIP"), std::string::npos) << reports_.back().detail;
  EXPECT_EQ(phone.heard("INVITE"), 1u);
}

TEST_F(SipTest, ALineFromWhichNoSoundComesIsDead) {
  PhoneDouble phone(PhoneDouble::Manner::answer);
  auto endless = options(phone);
  endless.times_spoken = 1'000;
  endless.silent_for = 300ms;
  open(endless);
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::failed);
  EXPECT_TRUE(reports_.back().retry) << "the next contact is tried";
  EXPECT_NE(reports_.back().detail.find("the line is dead; no sound came back: UDP ports"), std::string::npos)
      << reports_.back().detail;
  EXPECT_TRUE(until([&] { return phone.heard("BYE") == 1; }));
}

TEST_F(SipTest, NoSoundInCommon) {
  PhoneDouble phone(PhoneDouble::Manner::foreign);
  open(options(phone));
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(reports_.back().state, State::failed);
  EXPECT_FALSE(reports_.back().retry);
}

TEST_F(SipTest, NothingCanBeSpokenWithoutTheProgram) {
  PhoneDouble phone(PhoneDouble::Manner::answer);
  auto mute = options(phone);
  mute.speech_program = "espeak-ng-that-is-not-here";
  open(mute);
  call();
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_NE(reports_.back().detail.find("package espeak-ng"), std::string::npos);
  EXPECT_EQ(phone.heard("INVITE"), 0u);
}

TEST_F(SipTest, MoreCallsThanLinesWaitTheirTurn) {
  PhoneDouble phone(PhoneDouble::Manner::ring);
  auto one_line = options(phone);
  one_line.lines = 1;
  one_line.ring_for = 400ms;
  open(one_line);
  call("row-1");
  call("row-2");
  call("row-3", 100ms);
  ASSERT_TRUE(until([&] { return ended("row-1") && ended("row-2") && ended("row-3"); }));
  EXPECT_EQ(states_["row-1"].back(), State::no_answer);
  EXPECT_EQ(states_["row-2"].back(), State::no_answer);
  EXPECT_THAT(states_["row-3"], ElementsAre(State::failed)) << "no line in its time";
}

TEST_F(SipTest, TheQueueForALineIsBounded) {
  PhoneDouble phone(PhoneDouble::Manner::ring);
  auto one_line = options(phone);
  one_line.lines = 1;
  open(one_line);
  for (std::size_t row = 0; row < 1 + sip::most_waiting; ++row) call("row-" + std::to_string(row));
  EXPECT_TRUE(until([&] { return phone.heard("INVITE") == 1; }));
  EXPECT_FALSE(ended("row-64"));
  call("one too many");
  ASSERT_TRUE(until([&] { return ended("one too many"); }));
  EXPECT_EQ(last_["one too many"].state, State::failed);  // the line still rings meanwhile, and says so
  EXPECT_TRUE(last_["one too many"].retry);
}

TEST_F(SipTest, AKeyCountsHoweverManyOtherCallsAreAsked) {
  PhoneDouble phone(PhoneDouble::Manner::press_one);
  auto one_line = options(phone);
  one_line.lines = 1;
  open(one_line);
  call();
  for (int row = 0; row < 300; ++row) call("other-" + std::to_string(row));
  ASSERT_TRUE(until([&] { return ended(); }));
  EXPECT_EQ(states_["row-1"].back(), State::acknowledged);
  EXPECT_THAT(states_["other-299"], ElementsAre(State::failed));
}

TEST_F(SipTest, FindKnowsThisProcessCallsAndNoOthers) {
  PhoneDouble phone(PhoneDouble::Manner::busy);
  open(options(phone));
  std::vector<Report> found;
  const auto find = [&](const std::string& key) {
    found.clear();
    channel_->find("+4930123456", key, "", WallTime{}, [&](const Report& report) { found.push_back(report); });
    EXPECT_TRUE(found.empty()) << "never from within find()";
    return until([&] { return found.size() == 1; });
  };
  ASSERT_TRUE(find("row-1"));
  EXPECT_EQ(found[0].state, State::failed);
  EXPECT_TRUE(found[0].retry) << "a call ends with its process: it is not there, and may be rung again";

  call("row-1");
  ASSERT_TRUE(find("row-1"));
  EXPECT_NE(found[0].state, State::failed) << "being put through";
  ASSERT_TRUE(until([&] { return ended(); }));
  ASSERT_TRUE(find("row-1"));
  EXPECT_EQ(found[0].state, State::busy);
}

TEST_F(SipTest, StoppedInTheMiddleOfEveryPhase) {
  for (const auto manner : {PhoneDouble::Manner::ring, PhoneDouble::Manner::answer, PhoneDouble::Manner::silent}) {
    PhoneDouble phone(manner);
    open(options(phone));
    call();
    ASSERT_TRUE(until(
        [&] { return phone.heard("INVITE") == 1 && (manner != PhoneDouble::Manner::answer || phone.packets() > 5); }));
    const std::size_t before = reports_.size();
    const TimePoint began = clock_.now();
    channel_.reset();
    EXPECT_LT(clock_.now() - began, sip::longest_goodbye + 2s);
    poller_->run_until(clock_.now() + 20ms);
    EXPECT_EQ(reports_.size(), before) << "nobody is told after the end";
  }
  PhoneDouble phone(PhoneDouble::Manner::silent);
  open(options(phone));
  call();  // and while it prepares
  channel_.reset();
}

TEST_F(SipTest, OptionsThatCannotBe) {
  const auto refused = [&](const std::function<void(SipOptions&)>& spoil) {
    SipOptions options;
    options.host = "sip.example";
    spoil(options);
    const auto made = make_sip(options, *poller_, clock_);
    return !made && made.error().code == Errc::invalid;
  };
  EXPECT_FALSE(refused([](SipOptions&) {}));
  EXPECT_TRUE(refused([](SipOptions& options) { options.host.clear(); }));
  EXPECT_TRUE(refused([](SipOptions& options) { options.host = "sip.example>\r\nX: y"; }));
  EXPECT_TRUE(refused([](SipOptions& options) { options.user = "shop\r\n"; }));
  EXPECT_TRUE(refused([](SipOptions& options) { options.from = "49 30"; }));
  EXPECT_TRUE(refused([](SipOptions& options) { options.lines = 0; }));
  EXPECT_TRUE(refused([](SipOptions& options) { options.times_spoken = 0; }));
  EXPECT_TRUE(refused([](SipOptions& options) { options.first_media_port = options.last_media_port; }));
}

}  // namespace
}  // namespace tenfold::oncall
