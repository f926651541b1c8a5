#include "oncall/channels/twilio/callbacks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "oncall/channels/encode.hpp"
#include "oncall/channels/twilio/twiml.hpp"

namespace tenfold::oncall::channels {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using What = TwilioTarget::What;
using State = Report::State;

TEST(TwilioSignature, IsThatOfTheProvidersOwnExample) {
  const std::string form =
      "Digits=1234&To=%2B18005551212&From=%2B14158675310&Caller=%2B14158675310&CallSid=CA1234567890ABCDE";
  const std::string url = "https://example.com/myapp.php?foo=1&bar=2";
  EXPECT_EQ(twilio_signature("12345", url, form), "L/OH5YylLD5NRKLltdqwSvS0BnU=");
  EXPECT_TRUE(is_signed_by_twilio("12345", url, form, "L/OH5YylLD5NRKLltdqwSvS0BnU="));
}

TEST(TwilioSignature, IsOfOneTokenOneUrlAndOneForm) {
  const std::string good = twilio_signature("t", "https://a.example/x?y=1", "b=2&a=1");
  EXPECT_EQ(good, twilio_signature("t", "https://a.example/x?y=1", "a=1&b=2"));
  EXPECT_TRUE(is_signed_by_twilio("t", "https://a.example/x?y=1", "a=1&b=2", good));
  EXPECT_FALSE(is_signed_by_twilio("u", "https://a.example/x?y=1", "a=1&b=2", good));
  EXPECT_FALSE(is_signed_by_twilio("t", "https://a.example/x?y=2", "a=1&b=2", good));
  EXPECT_FALSE(is_signed_by_twilio("t", "https://a.example/x?y=1", "a=1&b=3", good));
  EXPECT_FALSE(is_signed_by_twilio("t", "https://a.example/x?y=1", "a=1&b=2&c=", good));
  EXPECT_FALSE(is_signed_by_twilio("t", "https://a.example/x?y=1", "a=1&b=2", ""));
  EXPECT_FALSE(
      is_signed_by_twilio("", "https://a.example/x?y=1", "", twilio_signature("", "https://a.example/x?y=1", "")));
  EXPECT_FALSE(is_signed_by_twilio("t", "https://a.example/", "%", ""));  // no form: nobody's signature
}

TEST(TwilioSignature, MayNameTheDefaultPortOrNot) {
  const std::string with = twilio_signature("t", "https://a.example:443/x?y=1", "");
  const std::string without = twilio_signature("t", "https://a.example/x?y=1", "");
  EXPECT_TRUE(is_signed_by_twilio("t", "https://a.example/x?y=1", "", with));
  EXPECT_TRUE(is_signed_by_twilio("t", "https://a.example:443/x?y=1", "", without));
  EXPECT_FALSE(is_signed_by_twilio("t", "https://a.example:8443/x?y=1", "", without));
  EXPECT_TRUE(is_signed_by_twilio("t", "http://[::1]/x", "", twilio_signature("t", "http://[::1]:80/x", "")));
}

class CallbacksTest : public ::testing::Test {
 protected:
  TwilioCallback signed_callback(const TwilioTarget& target, const Form& form) const {
    TwilioCallback callback{.method = "POST", .url = twilio_url(options_, target), .form = form_encoded(form)};
    callback.signature = twilio_signature(options_.token, callback.url, callback.form);
    return callback;
  }
  TwilioCallbackAnswer status(const std::string& word, const std::string& sid = "CA1", Form more = {}) {
    Form form{{"CallSid", sid}, {"CallStatus", word}};
    form.insert(form.end(), more.begin(), more.end());
    return asked(signed_callback({.what = What::call_status, .key = key_}, form));
  }
  TwilioCallbackAnswer digit(const std::string& pressed, Language language = Language::en) {
    return asked(signed_callback({.what = What::call_digits, .key = key_, .language = language},
                                 {{"CallSid", "CA1"}, {"CallStatus", "in-progress"}, {"Digits", pressed}}));
  }
  // What is responded at once; -1: it waits for what the digit leads to.
  TwilioCallbackAnswer asked(const TwilioCallback& callback) {
    TwilioCallbackAnswer out{.status = -1, .body = {}};
    callbacks_.answer(callback, [&](TwilioCallbackAnswer answer) { out = std::move(answer); });
    return out;
  }
  void begin() {
    Message message;
    message.spoken = "The front page is down.";
    calls_.begin(key_, message, [this](Report report) {
      reports_.push_back(report);
      if (report.answer) report.answer(outcome_);
    });
  }
  std::vector<State> states() const {
    std::vector<State> out;
    for (const Report& report : reports_) out.push_back(report.state);
    return out;
  }

  TwilioOptions options_{
      .account = "AC1", .token = "t0ken", .from = "+491", .public_url = "https://alerts.shop.example:8443"};
  TwilioSends calls_;
  TwilioSends messages_;
  TwilioInbox inbox_;
  ManualClock clock_;
  TwilioCallbacks callbacks_{options_, calls_, messages_, inbox_, clock_};
  std::string key_ = "7:ada&x=1/ä";
  std::vector<Report> reports_;
  ActOutcome outcome_{.kind = ActOutcome::Kind::taken};
};

TEST_F(CallbacksTest, TargetsComeBackAsTheyWereGivenOut) {
  const TwilioTarget target{.what = What::call_digits,
                            .key = key_,
                            .language = Language::fr,
                            .digit_acknowledge = 4,
                            .digit_escalate = 5,
                            .digit_again = 0};
  const std::string url = twilio_url(options_, target);
  EXPECT_EQ(twilio_target(options_, url), target);
  EXPECT_EQ(twilio_target(options_, url + "0"), std::nullopt);
  std::string other = url;
  other.replace(other.find("digits=450"), 10, "digits=540");
  EXPECT_EQ(twilio_target(options_, other), std::nullopt);
  TwilioOptions with_slash = options_;
  with_slash.public_url += '/';
  EXPECT_EQ(twilio_url(with_slash, target), url);
  EXPECT_EQ(twilio_target(with_slash, url), target);
  TwilioOptions others = options_;
  others.token = "another";
  EXPECT_EQ(twilio_target(others, url), std::nullopt);
}

TEST_F(CallbacksTest, ACallGoesItsWay) {
  begin();
  for (const char* word : {"initiated", "ringing", "in-progress", "completed"}) EXPECT_EQ(status(word).status, 204);
  EXPECT_EQ(states(), (std::vector{State::sent, State::ringing, State::answered, State::delivered}));
  EXPECT_EQ(reports_.front().id, "CA1");
  EXPECT_EQ(reports_.back().detail, "answered, and no key was pressed");
}

TEST_F(CallbacksTest, LateAndRepeatedCallbacksChangeNothing) {
  begin();
  for (const char* word : {"ringing", "initiated", "completed", "in-progress", "ringing", "completed", "busy"}) {
    EXPECT_EQ(status(word).status, 204);
  }
  EXPECT_EQ(states(), (std::vector{State::ringing, State::delivered}));
}

// What is said is what the alert book has done, not what the digit was.
TEST_F(CallbacksTest, ADigitAcknowledgesWheneverItComesAndHearsWhatThatHasLedTo) {
  begin();
  status("completed");
  EXPECT_THAT(digit("1").body, HasSubstr("The alert is yours now"));
  outcome_ = {.kind = ActOutcome::Kind::taken_by_another, .by = "bela & co"};
  EXPECT_THAT(digit("1").body, HasSubstr("bela &amp; co has taken this alert already"));
  EXPECT_EQ(states(), (std::vector{State::delivered, State::acknowledged, State::acknowledged}));
  digit("2");
  EXPECT_EQ(states().back(), State::acknowledged)
      << "who has acknowledged does not escalate by a callback that comes late";
}

TEST_F(CallbacksTest, ADigitIsAnsweredOnlyOnceItsOutcomeIsWrittenDown) {
  std::function<void(const ActOutcome&)> written;
  calls_.begin(key_, {}, [&](const Report& report) {
    if (report.answer) written = report.answer;
  });
  std::string said;
  callbacks_.answer(signed_callback({.what = What::call_digits, .key = key_}, {{"CallSid", "CA1"}, {"Digits", "1"}}),
                    [&](const TwilioCallbackAnswer& answer) { said = answer.body; });
  EXPECT_EQ(said, "") << "not yet";
  ASSERT_TRUE(written);
  written({.kind = ActOutcome::Kind::taken, .kept = ActOutcome::Kept::in_memory});
  EXPECT_THAT(said, HasSubstr("could not be written to the disk"));
}

TEST_F(CallbacksTest, ADigitEscalates) {
  begin();
  outcome_ = {.kind = ActOutcome::Kind::next_is_called};
  const auto answer = digit("2", Language::de);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"(<Say language="de-DE")"));
  EXPECT_THAT(answer.body, HasSubstr("nächste Person"));
  EXPECT_EQ(states(), (std::vector{State::answered, State::escalate}));
}

TEST_F(CallbacksTest, OtherDigitsSayItAgain) {
  begin();
  const auto again = digit("9");
  EXPECT_THAT(again.body, HasSubstr("The front page is down."));
  EXPECT_THAT(again.body, HasSubstr("<Gather"));
  EXPECT_THAT(again.body, Not(HasSubstr("That key does nothing")));
  for (const char* pressed : {"5", "", "*", "11", "<x>"}) {
    EXPECT_THAT(digit(pressed).body, HasSubstr("That key does nothing")) << pressed;
  }
  EXPECT_EQ(states(), (std::vector{State::answered}));
}

TEST_F(CallbacksTest, AfterARestartADigitIsKeptForWhoeverAsks) {
  EXPECT_THAT(digit("9").body, HasSubstr("Press 1 to acknowledge, 2 for the next person"));
  EXPECT_EQ(digit("1").status, -1) << "nobody knows yet what it leads to";
  const auto kept = calls_.find(key_)->kept;
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept.back().state, State::acknowledged);
  EXPECT_EQ(kept.back().id, "CA1");
}

TEST_F(CallbacksTest, AMailboxDoesNotAcknowledge) {
  begin();
  status("in-progress");
  status("completed", "CA1", {{"AnsweredBy", "machine_end_beep"}});
  EXPECT_EQ(states(), (std::vector{State::answered, State::delivered}));
  EXPECT_EQ(reports_.back().detail, "a mailbox answered");
}

TEST_F(CallbacksTest, WhatEndsACall) {
  struct {
    std::string word;
    Form more;
    State state;
    bool retry;
  } cases[] = {{"busy", {}, State::busy, false},
               {"no-answer", {}, State::no_answer, false},
               {"canceled", {}, State::failed, true},
               {"failed", {{"SipResponseCode", "503"}}, State::failed, true},
               {"failed", {{"SipResponseCode", "404"}}, State::failed, false}};
  int number = 0;
  for (const auto& [word, more, state, retry] : cases) {
    reports_.clear();
    begin();
    status(word, "CA" + std::to_string(++number), more);
    ASSERT_EQ(states(), (std::vector{state})) << word;
    EXPECT_EQ(reports_.back().retry, retry) << word;
  }
}

TEST_F(CallbacksTest, AnEarlierTrysCallbacksAreNotTheNextOnes) {
  begin();
  status("initiated", "CA2");
  status("busy", "CA1");
  status("ringing", "CA2");
  EXPECT_EQ(states(), (std::vector{State::sent, State::ringing}));
}

TEST_F(CallbacksTest, AnEarlierTrysCallbackIsNotTheNextOnesBeforeThatHasAnId) {
  begin();
  status("in-progress", "CA1");
  begin();
  status("completed", "CA1");
  status("initiated", "CA2");
  EXPECT_EQ(states(), (std::vector{State::answered, State::sent}));
  EXPECT_EQ(reports_.back().id, "CA2");
}

TEST_F(CallbacksTest, ForgedCallbacksAreRefused) {
  begin();
  const TwilioCallback good = signed_callback({.what = What::call_digits, .key = key_}, {{"Digits", "1"}});
  TwilioCallback bad = good;
  bad.signature = "L/OH5YylLD5NRKLltdqwSvS0BnU=";
  EXPECT_EQ(asked(bad).status, 403);
  bad = good;
  bad.form += "&Digits=1";
  bad.form.replace(bad.form.find("Digits=1"), 8, "Digits=2");
  EXPECT_EQ(asked(bad).status, 403);
  bad = good;
  bad.signature.clear();
  EXPECT_EQ(asked(bad).status, 403);
  bad = good;
  bad.url = options_.public_url + "/twilio/call/digits?key=other";
  bad.signature = twilio_signature(options_.token, bad.url, bad.form);
  EXPECT_EQ(asked(bad).status, 403) << "signed, but no address of ours";
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(asked(good).status, 200);
}

TEST_F(CallbacksTest, WhatCannotBeReadIsRefused) {
  EXPECT_EQ(asked({.method = "GET"}).status, 405);
  EXPECT_EQ(asked({.method = "POST", .form = std::string(TwilioCallbacks::most_form_bytes + 1, 'a')}).status, 413);
  EXPECT_EQ(asked({.method = "POST", .url = std::string(TwilioCallbacks::most_url_bytes + 1, 'a')}).status, 413);
  TwilioCallback callback =
      signed_callback({.what = What::call_status, .key = key_}, {{"CallStatus", "what?"}, {"CallSid", "\xff"}});
  EXPECT_EQ(asked(callback).status, 204);
  EXPECT_EQ(calls_.size(), 0u) << "a word that is none begins nothing";
}

TEST_F(CallbacksTest, AMessageIsDelivered) {
  messages_.begin(key_, {}, [this](Report report) { reports_.push_back(std::move(report)); });
  for (const char* word : {"sent", "delivered", "sent"}) {
    EXPECT_EQ(asked(signed_callback({.what = What::message_status, .key = key_},
                                    {{"MessageSid", "SM1"}, {"MessageStatus", word}}))
                  .status,
              204);
  }
  EXPECT_EQ(states(), (std::vector{State::sent, State::delivered}));
}

TEST_F(CallbacksTest, AMessageThatComesInIsHeardOnceIfTheProviderSignedIt) {
  std::vector<Reply> replies;
  inbox_.hear([&](const Reply& reply) { replies.push_back(reply); });
  const auto incoming = [&](const std::string& to, const std::string& sid, const std::string& token) {
    TwilioCallback callback{
        .method = "POST",
        .url = options_.public_url + std::string(twilio_incoming_path),
        .form = form_encoded({{"From", "+4930123456"}, {"To", to}, {"Body", "1 7"}, {"MessageSid", sid}})};
    callback.signature = twilio_signature(token, callback.url, callback.form);
    return asked(callback);
  };
  EXPECT_EQ(incoming("+491", "SM1", "another").status, 403);
  EXPECT_TRUE(replies.empty());
  const TwilioCallbackAnswer answer = incoming("+491", "SM1", options_.token);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"(<?xml version="1.0" encoding="UTF-8"?><Response></Response>)");
  incoming("+491", "SM1", options_.token);
  incoming("+492", "SM2", options_.token);  // another number of the account's
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].from, "+4930123456");
  EXPECT_EQ(replies[0].text, "1 7");
  EXPECT_EQ(replies[0].at, clock_.wall_now());
  inbox_.hear({});
  EXPECT_EQ(incoming("+491", "SM3", options_.token).status, 200);
  EXPECT_EQ(replies.size(), 1u);
}

TEST_F(CallbacksTest, PastItsBoundTheOldestIsForgotten) {
  for (std::size_t i = 0; i <= TwilioSends::most; ++i) calls_.begin(std::to_string(i), {}, {});
  EXPECT_EQ(calls_.size(), TwilioSends::most);
  EXPECT_EQ(calls_.find("0"), nullptr);
  EXPECT_NE(calls_.find(std::to_string(TwilioSends::most)), nullptr);
}

TEST(Twiml, SaysItThreeTimesAndHearsADigit) {
  const std::string text = twiml_message("Down & <out>", Message::Kind::alert, Language::en, "https://a/x?b=1&c=2");
  EXPECT_EQ(
      text,
      R"(<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="1"/>)"
      R"(<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="8" method="POST" action="https://a/x?b=1&amp;c=2">)"
      R"(<Say language="en-GB" voice="Polly.Amy" loop="3">Down &amp; &lt;out&gt;</Say></Gather>)"
      R"(<Say language="en-GB" voice="Polly.Amy" loop="1">No key was pressed, so the alert goes on. Goodbye.</Say>)"
      R"(<Hangup/></Response>)");
}

TEST(Twiml, WithoutAUrlItSaysHowElse) {
  const std::string text = twiml_message("Down", Message::Kind::alert, Language::es, "");
  EXPECT_THAT(text, Not(HasSubstr("Gather")));
  EXPECT_THAT(text, HasSubstr("no puede oír teclas"));
}

TEST(Twiml, NeverGrowsPastTheBound) {
  const std::string url = "https://alerts.shop.example/" + std::string(700, 'k');
  for (const Language language : {Language::en, Language::de, Language::fr, Language::es}) {
    for (const std::string& spoken :
         {std::string(9000, '&'), std::string(9000, 'a'), std::string("a ") + std::string(9000, '"')}) {
      const std::string text = twiml_message(spoken, Message::Kind::alert, language, url);
      EXPECT_LE(text.size(), most_twiml_bytes);
      EXPECT_THAT(text, HasSubstr("..."));
      EXPECT_LE(twiml_message(spoken, Message::Kind::alert, language, "").size(), most_twiml_bytes);
    }
  }
}

}  // namespace
}  // namespace tenfold::oncall::channels
