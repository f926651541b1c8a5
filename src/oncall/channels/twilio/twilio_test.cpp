#include "oncall/channels/twilio/twilio.hpp"

#include <atomic>

#include "base/text/base64.hpp"
#include "oncall/channels/channel_fixture_test.hpp"
#include "oncall/channels/twilio/callbacks.hpp"

namespace tenfold::oncall::channels {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using State = Report::State;
constexpr const char* sid = "CA00000000000000000000000000000001";

std::string resource(const std::string& status, const std::string& id = sid,
                     const std::string& made = "Thu, 01 Jan 2026 00:00:05 +0000") {
  return nlohmann::json{{"sid", id}, {"status", status}, {"date_created", made}}.dump();
}

HttpAnswer list_of(std::vector<std::string> resources, const std::string& name = "calls") {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& text : resources) list.push_back(nlohmann::json::parse(text));
  return {.body = nlohmann::json{{name, list}}.dump()};
}

class TwilioTest : public ChannelFixture {
 protected:
  void serve(HttpDouble::Answer answer) { server_ = std::make_unique<HttpDouble>(std::move(answer)); }
  void serve(const HttpAnswer& answer) {
    serve([answer](const HttpRequest&) { return answer; });
  }
  TwilioOptions options() const {
    return {.account = "AC1",
            .token = "t0ken",
            .from = "+491",
            .base_url = server_->url(),
            .public_url = public_url_,
            .poll_every = 5ms,
            .poll_seldom = 5ms};
  }
  TwilioCalls& calls() {
    if (!calls_) calls_ = std::make_unique<TwilioCalls>(options(), sends_, *poller_, *transfers_);
    return *calls_;
  }
  Report found(const std::string& id = "") {
    reports_.clear();
    calls().find("+4930", key_, id, wall_.wall_now(), collect());
    EXPECT_TRUE(reports_.empty());
    until([&] { return !reports_.empty(); });
    return reports_.empty() ? Report() : reports_.front();
  }
  Form form_of(std::size_t number) const { return *form_decoded(server_->requests().at(number).body, 50); }
  static std::string field(const Form& form, const std::string& name) {
    for (const auto& [known, value] : form) {
      if (known == name) return value;
    }
    return "(none)";
  }

  std::string public_url_ = "https://alerts.shop.example";
  std::unique_ptr<HttpDouble> server_;
  std::shared_ptr<TwilioInbox> inbox_ = std::make_shared<TwilioInbox>();
  std::shared_ptr<TwilioSends> sends_ = std::make_shared<TwilioSends>();
  std::unique_ptr<TwilioCalls> calls_;
};

TEST_F(TwilioTest, ACallIsMadeWithItsWordsAndCallbacks) {
  serve({.status = 201, .body = resource("queued")});
  const Report report = sent(calls(), "+4930");
  EXPECT_EQ(report.state, State::sent);
  EXPECT_EQ(report.id, sid);
  EXPECT_EQ(calls().pace(), 1s);
  auto request = server_->requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/2010-04-01/Accounts/AC1/Calls.json");
  EXPECT_EQ(request.headers["authorization"], "Basic " + base64("AC1:t0ken"));
  const Form form = form_of(0);
  EXPECT_EQ(field(form, "To"), "+4930");
  EXPECT_EQ(field(form, "From"), "+491");
  EXPECT_EQ(field(form, "Timeout"), "25");
  EXPECT_THAT(field(form, "Twiml"), HasSubstr(message_.spoken));
  EXPECT_THAT(field(form, "StatusCallback"), StartsWith("https://alerts.shop.example/twilio/call/status?key="));
  EXPECT_TRUE(twilio_target(options(), field(form, "StatusCallback")));
  std::vector<std::string> events;
  for (const auto& [name, value] : form) {
    if (name == "StatusCallbackEvent") events.push_back(value);
  }
  EXPECT_EQ(events, (std::vector<std::string>{"initiated", "ringing", "answered", "completed"}));
}

TEST_F(TwilioTest, WithoutAPublicAddressItAsksWhatBecameOfIt) {
  public_url_.clear();
  std::atomic<int> asked = 0;
  serve([&](const HttpRequest& request) -> HttpAnswer {
    if (request.method == "POST") return {.status = 201, .body = resource("queued")};
    switch (asked++) {
      case 0: return {.body = resource("ringing")};
      case 1: return {.status = 500};
      case 2: return {.body = "garbage"};
      case 3: return {.body = resource("in-progress")};
      default: return {.body = resource("completed")};
    }
  });
  message_.spoken_without_digits = "The front page is down.";
  sent(calls(), "+4930");
  until([&] { return reports_.size() == 4; });
  EXPECT_EQ(reports_[1].state, State::ringing);
  EXPECT_EQ(reports_[2].state, State::answered);
  EXPECT_EQ(reports_[3].state, State::delivered);
  EXPECT_EQ(reports_[3].detail, "answered; keys cannot be heard");
  EXPECT_EQ(server_->requests().at(1).target, std::string("/2010-04-01/Accounts/AC1/Calls/") + sid + ".json");
  const Form form = form_of(0);
  EXPECT_EQ(field(form, "StatusCallback"), "(none)");
  EXPECT_THAT(field(form, "Twiml"), HasSubstr("The front page is down."));
  EXPECT_THAT(field(form, "Twiml"), HasSubstr("This call cannot hear keys"));
  EXPECT_EQ(field(form, "Twiml").find("Press one"), std::string::npos);
  const std::size_t requests = server_->requests().size();
  poller_->run_until(poller_->now() + 30ms);
  EXPECT_EQ(server_->requests().size(), requests) << "what has ended is not asked for any more";
}

TEST_F(TwilioTest, PollingEndsWithItsTime) {
  serve([&](const HttpRequest& request) -> HttpAnswer {
    return {.status = request.method == "POST" ? 201 : 200, .body = resource("ringing")};
  });
  TwilioOptions short_lived = options();
  short_lived.poll_for = 20ms;
  TwilioCalls calls(short_lived, sends_, *poller_, *transfers_);
  sent(calls, "+4930");
  const auto end = clock_.now() + 60ms;
  until([&] { return clock_.now() > end; });
  const std::size_t requests = server_->requests().size();
  poller_->run_until(poller_->now() + 30ms);
  EXPECT_EQ(server_->requests().size(), requests);
}

TEST_F(TwilioTest, AWrongNumberIsForGoodInTheProvidersWords) {
  serve({.status = 400, .body = R"({"code":21211,"message":"Invalid 'To' Phone Number: +493xxx","status":400})"});
  const Report report = sent(calls(), "+493");
  EXPECT_EQ(report.state, State::failed);
  EXPECT_FALSE(report.retry);
  EXPECT_EQ(report.detail, "21211: Invalid 'To' Phone Number: +493xxx");
}

TEST_F(TwilioTest, WhatIsNoNumberIsNotEvenAsked) {
  serve({.status = 201, .body = resource("queued")});
  for (const char* to : {"", "030", "+49 30", "sip:ada@x"}) {
    const Report report = sent(calls(), to);
    EXPECT_EQ(report.state, State::failed);
    EXPECT_FALSE(report.retry);
  }
  EXPECT_TRUE(server_->requests().empty());
}

TEST_F(TwilioTest, TooManyAndBrokenAreTriedAgain) {
  serve({.status = 429, .body = R"({"code":20429,"message":"Too Many Requests"})", .headers = {{"Retry-After", "3"}}});
  Report report = sent(calls(), "+4930");
  EXPECT_TRUE(report.retry);
  EXPECT_EQ(report.retry_after, 3s);
  calls_.reset();
  serve({.status = 503});
  report = sent(calls(), "+4930");
  EXPECT_EQ(report.state, State::failed);
  EXPECT_TRUE(report.retry);
}

TEST_F(TwilioTest, LostAnswersAreUnknown) {
  for (const HttpAnswer& answer :
       {HttpAnswer{.manner = HttpAnswer::Manner::closed_without}, HttpAnswer{.status = 502}, HttpAnswer{.status = 504},
        HttpAnswer{.status = 201, .body = "<html>"}, HttpAnswer{.status = 201, .body = R"({"sid":"../../x"})"}}) {
    calls_.reset();
    serve(answer);
    EXPECT_EQ(sent(calls(), "+4930").state, State::unknown) << answer.status << answer.body;
  }
  calls_.reset();
  serve({.manner = HttpAnswer::Manner::never});
  EXPECT_EQ(sent(calls(), "+4930", 50ms).state, State::unknown);
}

TEST_F(TwilioTest, ALoginPageOfANetworkInBetweenHasCalledNobody) {
  serve({.status = 200, .body = "<html><title>Hotel: log in</title>", .headers = {{"Content-Type", "text/html"}}});
  const Report report = sent(calls(), "+4930");
  EXPECT_EQ(report.state, State::failed);
  EXPECT_TRUE(report.retry);
  EXPECT_EQ(report.detail, "not the answer of the provider, but status 200 and a web page (\"Hotel: log in\")");
}

TEST_F(TwilioTest, ACallbackTellsWhatALostAnswerDidNot) {
  TwilioSends messages;
  serve([&](const HttpRequest&) -> HttpAnswer { return {.manner = HttpAnswer::Manner::never}; });
  calls().send("+4930", message_, key_, 60ms, collect());
  TwilioCallback callback{.method = "POST",
                          .url = twilio_url(options(), {.what = TwilioTarget::What::call_status, .key = key_}),
                          .form = form_encoded({{"CallSid", sid}, {"CallStatus", "ringing"}})};
  callback.signature = twilio_signature("t0ken", callback.url, callback.form);
  TwilioInbox inbox;
  TwilioCallbacks callbacks(options(), *sends_, messages, inbox, wall_);
  int status = 0;
  callbacks.answer(callback, [&](const TwilioCallbackAnswer& answer) { status = answer.status; });
  EXPECT_EQ(status, 204);
  const auto end = clock_.now() + 120ms;
  until([&] { return clock_.now() > end; });
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].state, State::ringing);
  EXPECT_EQ(reports_[0].id, sid);
}

TEST_F(TwilioTest, AfterALostAnswerItLooksWhetherTheCallExists) {
  serve([&](const HttpRequest&) {
    return list_of({resource("in-progress", "CA3", "Thu, 01 Jan 2026 00:00:20 +0000"), resource("ringing", "CA2"),
                    resource("completed", "CA1", "Wed, 31 Dec 2025 22:00:00 +0000")});
  });
  const Report report = found();
  EXPECT_EQ(report.state, State::ringing);
  EXPECT_EQ(report.id, "CA2");
  EXPECT_EQ(server_->requests().at(0).target, "/2010-04-01/Accounts/AC1/Calls.json?To=%2B4930&From=%2B491&PageSize=50");
}

TEST_F(TwilioTest, ACallOfAnotherSendIsNotTakenForThisOne) {
  serve([&](const HttpRequest&) { return list_of({resource("ringing", "CA2")}); });
  sends_->begin("another", message_, {});
  sends_->take("another", {.sid = "CA2", .word = "ringing"});
  const Report report = found();
  EXPECT_EQ(report.state, State::failed);
  EXPECT_TRUE(report.retry);
}

TEST_F(TwilioTest, AnEarlierTrysCallIsNotTakenForTheLostOne) {
  serve([&](const HttpRequest&) { return list_of({resource("ringing", "CA2"), resource("busy", "CA1")}); });
  sends_->begin(key_, message_, {});
  sends_->take(key_, {.sid = "CA1", .word = "busy"});
  sends_->begin(key_, message_, {});
  EXPECT_EQ(found().id, "CA2");
}

TEST_F(TwilioTest, WhatIsNotThereMayBeTriedAgain) {
  serve([&](const HttpRequest&) { return list_of({}); });
  const Report report = found();
  EXPECT_EQ(report.state, State::failed);
  EXPECT_TRUE(report.retry);
}

TEST_F(TwilioTest, WhereLookingFailsItIsStillUnknown) {
  for (const HttpAnswer& answer : {HttpAnswer{.status = 500}, HttpAnswer{.body = "[]"},
                                   HttpAnswer{.manner = HttpAnswer::Manner::closed_without}}) {
    calls_.reset();
    serve(answer);
    EXPECT_EQ(found().state, State::unknown);
    EXPECT_EQ(found("CA1").state, State::unknown);
  }
}

TEST_F(TwilioTest, AfterARestartItAsksForTheCallByItsId) {
  serve([&](const HttpRequest& request) -> HttpAnswer {
    return request.target.ends_with("/Calls/CA9.json") ? HttpAnswer{.body = resource("completed", "CA9")}
                                                       : HttpAnswer{.status = 404};
  });
  Report report = found("CA9");
  EXPECT_EQ(report.state, State::delivered);
  EXPECT_EQ(report.id, "CA9");
  sends_ = std::make_shared<TwilioSends>();
  calls_.reset();
  report = found("CA8");
  EXPECT_EQ(report.state, State::failed);
  EXPECT_TRUE(report.retry);
}

TEST_F(TwilioTest, ADigitThatCameBeforeAnybodyAskedIsHandedOver) {
  serve([&](const HttpRequest&) -> HttpAnswer { return {.body = resource("completed")}; });
  sends_->take(key_, {.sid = sid, .word = "in-progress"});
  sends_->acknowledge(key_, "pressed 1", {});
  EXPECT_EQ(found().state, State::answered);
  until([&] { return reports_.size() == 3; });
  EXPECT_EQ(reports_[1].state, State::acknowledged);
  EXPECT_EQ(reports_[2].state, State::delivered);
}

TEST_F(TwilioTest, ADigitThatCameBeforeTheNextTryIsHandedOverToIt) {
  serve({.status = 201, .body = resource("queued")});
  sends_->take(key_, {.sid = "CA1", .word = "busy"});
  sends_->acknowledge(key_, "pressed 1", {});
  EXPECT_EQ(sent(calls(), "+4930").state, State::acknowledged);
}

TEST_F(TwilioTest, ASecondTryIsACallOfItsOwn) {
  std::atomic<int> made = 0;
  serve([&](const HttpRequest& request) -> HttpAnswer {
    if (request.method != "POST") return {.status = 500};
    return {.status = 201, .body = resource("queued", "CA" + std::to_string(++made))};
  });
  EXPECT_EQ(sent(calls(), "+4930").id, "CA1");
  sends_->take(key_, {.sid = "CA1", .word = "busy"});
  EXPECT_EQ(reports_.back().state, State::busy);
  EXPECT_EQ(sent(calls(), "+4930").id, "CA2");
  sends_->take(key_, {.sid = "CA1", .word = "completed"});
  EXPECT_EQ(reports_.size(), 1u);
}

TEST_F(TwilioTest, AMessageIsSentWithItsLink) {
  serve([&](const HttpRequest& request) -> HttpAnswer {
    if (request.method == "POST") return {.status = 201, .body = resource("accepted", "SM1")};
    return {.body = resource("delivered", "SM1")};
  });
  TwilioMessages messages(options(), sends_, inbox_, *poller_, *transfers_);
  EXPECT_EQ(sent(messages, "+4930").state, State::sent);
  EXPECT_EQ(server_->requests().at(0).target, "/2010-04-01/Accounts/AC1/Messages.json");
  const Form form = form_of(0);
  EXPECT_EQ(field(form, "Body"), message_.text + "\n" + message_.acknowledge_url);
  EXPECT_THAT(field(form, "StatusCallback"), StartsWith("https://alerts.shop.example/twilio/message/status?key="));
  until([&] { return reports_.size() == 2; });
  EXPECT_EQ(reports_[1].state, State::delivered);
}

TEST_F(TwilioTest, AMessageIsTheShortOneWithItsLinkOnce) {
  serve([&](const HttpRequest& request) -> HttpAnswer {
    if (request.method == "POST") return {.status = 201, .body = resource("accepted", "SM1")};
    return {.body = resource("delivered", "SM1")};
  });
  TwilioMessages messages(options(), sends_, inbox_, *poller_, *transfers_);
  message_.short_text = "front-page: down, since 03:00";
  EXPECT_EQ(sent(messages, "+4930").state, State::sent);
  EXPECT_EQ(field(form_of(0), "Body"), message_.short_text + "\n" + message_.acknowledge_url);
}

TEST_F(TwilioTest, WhatToReplyIsNotCutOffHoweverWideTheLetters) {
  serve({.status = 201, .body = resource("accepted", "SM1")});
  TwilioMessages messages(options(), sends_, inbox_, *poller_, *transfers_);
  for (int i = 0; i < 190; ++i) message_.short_text_to_reply += "店";
  message_.short_text_to_reply += ", since 03:12. Reply 1 to take it.";
  sent(messages, "+4930");
  EXPECT_EQ(field(form_of(0), "Body"), message_.short_text_to_reply + "\n" + message_.acknowledge_url);
  message_.acknowledge_url = "https://console.shop.example/" + std::string(700, 'x');
  sent(messages, "+4930");
  EXPECT_EQ(field(form_of(1), "Body"), message_.short_text_to_reply) << "a link that no message holds";
}

TEST_F(TwilioTest, RepliesAreAskedForWhileSomebodyListensAndEachIsHeardOnce) {
  const auto message = [](const char* id, const char* direction, const char* to, const char* made) {
    return nlohmann::json{{"sid", id},   {"direction", direction}, {"to", to}, {"from", "+4930123456"},
                          {"body", "1"}, {"date_created", made}}
        .dump();
  };
  const char* made = "Thu, 01 Jan 2026 00:00:05 +0000";
  std::atomic<int> asked = 0;
  serve([&](const HttpRequest& request) -> HttpAnswer {
    EXPECT_THAT(request.target, HasSubstr("/Messages.json?To=%2B491&PageSize=50"));
    if (++asked == 1) return {.status = 500, .body = "{}"};
    return list_of(
        {message("SM1", "inbound", "+491", made), message("SM2", "outbound-api", "+491", made),
         message("SM3", "inbound", "+492", made), message("SM4", "inbound", "+491", "yesterday?"), "{}", "7"},
        "messages");
  });
  std::vector<Reply> replies;
  TwilioMessages messages(options(), sends_, inbox_, *poller_, *transfers_);
  ASSERT_TRUE(messages.takes_replies());
  messages.hear_replies([&](const Reply& reply) { replies.push_back(reply); });
  until([&] { return asked >= 4; });
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].from, "+4930123456");
  EXPECT_EQ(replies[0].text, "1");
  EXPECT_EQ(replies[0].at, WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)) + 5s);
  messages.hear_replies({});
  const int before = asked;
  poller_->run_until(poller_->now() + 50ms);
  EXPECT_LE(asked, before + 1) << "one may have been under way";
}

TEST_F(TwilioTest, AReplyMayEndTheListening) {
  serve([&](const HttpRequest&) {
    return list_of({nlohmann::json{{"sid", "SM1"},
                                   {"direction", "inbound"},
                                   {"to", "+491"},
                                   {"from", "+4930123456"},
                                   {"body", "1"},
                                   {"date_created", "Thu, 01 Jan 2026 00:00:05 +0000"}}
                        .dump()},
                   "messages");
  });
  TwilioMessages messages(options(), sends_, inbox_, *poller_, *transfers_);
  int heard = 0;
  messages.hear_replies([&](const Reply&) {
    ++heard;
    messages.hear_replies({});
  });
  until([&] { return heard == 1; });
  EXPECT_FALSE(inbox_->is_heard());
}

TEST_F(TwilioTest, AChannelThatIsGoneReportsNothing) {
  serve({.status = 201, .body = resource("queued")});
  calls().send("+4930", message_, key_, 5s, collect());
  calls().send("wrong", message_, "another", 5s, collect());
  calls_.reset();
  poller_->run_until(poller_->now() + 20ms);
  EXPECT_TRUE(reports_.empty());
}

}  // namespace
}  // namespace tenfold::oncall::channels
