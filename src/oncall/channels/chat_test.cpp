// Slack, Teams, Telegram, ntfy and PagerDuty: what they are sent, and what each answers in a way of its own. What all
// answers have in common is in webhook/webhook_test.cpp.
#include <atomic>
#include <initializer_list>
#include <string>

#include "oncall/channels/channel_fixture_test.hpp"
#include "oncall/channels/ntfy/ntfy.hpp"
#include "oncall/channels/pagerduty/pagerduty.hpp"
#include "oncall/channels/slack/slack.hpp"
#include "oncall/channels/teams/teams.hpp"
#include "oncall/channels/telegram/telegram.hpp"

namespace tenfold::oncall::channels {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ChatTest : public ChannelFixture {};

TEST_F(ChatTest, SlackSaysTextsLiterallyAndTheLinkAsALink) {
  const HttpDouble server(HttpAnswer{.body = "ok"});
  Slack slack({server.url() + "/services/T/B/x"}, *poller_, *transfers_);
  message_.subject = "<!channel> & *all*";
  message_.text = "<http://evil.example|click>";
  EXPECT_EQ(sent(slack).state, Report::State::delivered);
  const auto body = body_of(server);
  EXPECT_EQ(body["text"], "&lt;!channel&gt; &amp; *all*");
  EXPECT_EQ(body["blocks"][0]["text"]["type"], "plain_text");
  EXPECT_EQ(body["blocks"][1]["text"]["type"], "plain_text");
  EXPECT_EQ(body["blocks"][1]["text"]["text"], message_.text);
  EXPECT_EQ(body["blocks"][2]["text"]["text"], "<https://console.shop.example/ack/7?who=ada&amp;sig=00|Acknowledge>");
}

TEST_F(ChatTest, SlackRefusesForGoodWhatItHasArchived) {
  const HttpDouble server(HttpAnswer{.status = 410, .body = "channel_is_archived"});
  Slack slack({server.url()}, *poller_, *transfers_);
  const Report report = sent(slack);
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_FALSE(report.retry);
  EXPECT_EQ(report.detail, "status 410, channel_is_archived");
}

TEST_F(ChatTest, TeamsGetsAnAdaptiveCardWithoutMarkdown) {
  const HttpDouble server(HttpAnswer{.status = 202});
  Teams teams({server.url()}, *poller_, *transfers_);
  message_.text = "[a](http://evil.example)\n{{DATE(x)}}";
  EXPECT_EQ(sent(teams).state, Report::State::delivered);
  const auto card = body_of(server)["attachments"][0];
  EXPECT_EQ(card["contentType"], "application/vnd.microsoft.card.adaptive");
  ASSERT_EQ(card["content"]["body"].size(), 3u);
  EXPECT_EQ(card["content"]["body"][1]["type"], "RichTextBlock");
  EXPECT_EQ(card["content"]["body"][1]["inlines"][0]["text"], "[a](http://evil.example)");
  EXPECT_EQ(card["content"]["actions"][0]["url"], message_.acknowledge_url);
}

TEST_F(ChatTest, TeamsTellsOfItsFailureWithStatus200) {
  const HttpDouble server(HttpAnswer{.body = "Webhook message delivery failed with error: Microsoft Teams endpoint "
                                             "returned HTTP error 429 with ContextId x"});
  Teams teams({server.url()}, *poller_, *transfers_);
  const Report report = sent(teams);
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_TRUE(report.retry);
}

TEST_F(ChatTest, TelegramSendsPlainTextWithAButton) {
  const HttpDouble server(HttpAnswer{.body = R"({"ok":true,"result":{"message_id":42}})"});
  Telegram telegram({"12:ab", server.url()}, *poller_, *transfers_);
  message_.language = Language::de;
  const Report report = sent(telegram, "-1001");
  EXPECT_EQ(report.state, Report::State::delivered);
  EXPECT_EQ(report.id, "42");
  EXPECT_EQ(server.requests().front().target, "/bot12:ab/sendMessage");
  const auto body = body_of(server);
  EXPECT_EQ(body["chat_id"], "-1001");
  EXPECT_EQ(body["text"], message_.text);
  EXPECT_FALSE(body.contains("parse_mode"));
  EXPECT_EQ(body["reply_markup"]["inline_keyboard"][0][0]["text"], "Bestätigen");
  EXPECT_EQ(body["reply_markup"]["inline_keyboard"][0][0]["url"], message_.acknowledge_url);
}

TEST_F(ChatTest, TelegramAsksForPatienceInItsBody) {
  const HttpDouble server(HttpAnswer{
      .status = 429,
      .body = R"({"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":31}})"});
  Telegram telegram({"12:ab", server.url()}, *poller_, *transfers_);
  const Report report = sent(telegram, "1");
  EXPECT_TRUE(report.retry);
  EXPECT_EQ(report.retry_after, 31s);
  EXPECT_EQ(report.detail, "status 429, Too Many Requests");
}

TEST_F(ChatTest, TelegramGetsTheLinkInTheTextWhereItWantsNoButton) {
  std::atomic<int> asked = 0;
  const HttpDouble server([&](const HttpRequest&) -> HttpAnswer {
    if (asked++ == 0) {
      return {.status = 400, .body = R"({"ok":false,"description":"Bad Request: BUTTON_URL_INVALID"})"};
    }
    return {.body = R"({"ok":true,"result":{"message_id":1}})"};
  });
  Telegram telegram({"12:ab", server.url()}, *poller_, *transfers_);
  EXPECT_EQ(sent(telegram, "1").state, Report::State::delivered);
  EXPECT_EQ(body_of(server, 1)["text"], message_.text + "\n" + message_.acknowledge_url);
  EXPECT_FALSE(body_of(server, 1).contains("reply_markup"));
}

// A network in between answers everything with its login page, and a proxy with whatever it likes.
TEST_F(ChatTest, WhatIsNotTheProvidersOwnAnswerHasFailed) {
  const std::string page = "<!DOCTYPE html><html><head><title>Hotel: log in</title></head></html>";
  for (const int status : {200, 201, 202, 204}) {
    for (const std::string& body : {page, std::string(), std::string("1 welcome"), std::string(R"({"ok":false})"),
                                    std::string(R"([{"ok":true}])"), std::string(R"({"id":7,"status":"ok"})")}) {
      const HttpDouble server(HttpAnswer{.status = status, .body = status == 204 ? std::string() : body});
      Slack slack({server.url()}, *poller_, *transfers_);
      Teams teams({server.url()}, *poller_, *transfers_);
      Telegram telegram({"12:ab", server.url()}, *poller_, *transfers_);
      Ntfy ntfy({server.url(), ""}, *poller_, *transfers_);
      PagerDuty pagerduty({"R0", "", server.url()}, *poller_, *transfers_);
      for (Channel* const channel : std::initializer_list<Channel*>{&slack, &teams, &telegram, &ntfy, &pagerduty}) {
        if (channel == &teams && status == 202 && body != page) continue;  // a workflow's, whatever it says
        const Report report = sent(*channel, "1");
        EXPECT_EQ(report.state, Report::State::failed) << channel->name() << status << body;
        EXPECT_TRUE(report.retry) << channel->name() << status << body;
        EXPECT_THAT(report.detail, HasSubstr("status " + std::to_string(status))) << channel->name();
        if (body != page || status == 204) continue;
        EXPECT_THAT(report.detail, HasSubstr("a web page (\"Hotel: log in\")"));
      }
    }
  }
}

TEST_F(ChatTest, ARedirectToALoginHasFailedAndIsNamed) {
  const HttpDouble server(HttpAnswer{.status = 302, .headers = {{"Location", "https://login.hotel.example/?next=x"}}});
  Slack slack({server.url()}, *poller_, *transfers_);
  const Report report = sent(slack);
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_EQ(report.detail, "status 302 and a redirect to https://login.hotel.example");
}

TEST_F(ChatTest, WhoSpeaksAsSlackDoesIsUnderstood) {
  for (const char* body : {"ok", "ok\n", R"({"ok":true})", R"({"success":true})"}) {
    const HttpDouble server(HttpAnswer{.body = body});
    Slack slack({server.url()}, *poller_, *transfers_);
    EXPECT_EQ(sent(slack).state, Report::State::delivered) << body;
  }
}

TEST_F(ChatTest, TheTeamsWebhookOfOldSaysOne) {
  const HttpDouble server(HttpAnswer{.body = "1"});
  Teams teams({server.url()}, *poller_, *transfers_);
  EXPECT_EQ(sent(teams).state, Report::State::delivered);
}

// What Telegram gives the bot to read.
std::string updates(const nlohmann::json& list) { return nlohmann::json{{"ok", true}, {"result", list}}.dump(); }

TEST_F(ChatTest, TelegramIsAnsweredByButtonsAndByWritingBack) {
  const HttpDouble server(HttpAnswer{.body = R"({"ok":true,"result":{"message_id":42}})"});
  Telegram telegram({"12:ab", server.url()}, *poller_, *transfers_);
  message_.short_text_to_reply = "down. Reply 1 to take it, 2 to pass it on.";
  message_.language = Language::de;
  sent(telegram, "-1001");
  const auto rows = body_of(server)["reply_markup"]["inline_keyboard"];
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0][0]["url"], message_.acknowledge_url);
  EXPECT_EQ(rows[1][0], nlohmann::json({{"text", "1: Bestätigen"}, {"callback_data", "1 7"}}));
  EXPECT_EQ(rows[1][1], nlohmann::json({{"text", "2: Nächste Person"}, {"callback_data", "2 7"}}));

  Telegram left({"12:ab", server.url(), TelegramOptions::Replies::left}, *poller_, *transfers_);
  EXPECT_FALSE(left.takes_replies());
  sent(left, "-1001");
  EXPECT_EQ(body_of(server, 1)["reply_markup"]["inline_keyboard"].size(), 1u);
}

TEST_F(ChatTest, TelegramsUpdatesAreHeardOnceEach) {
  std::atomic<int> asked = 0;
  const HttpDouble server([&](const HttpRequest& request) -> HttpAnswer {
    if (!request.target.ends_with("/getUpdates")) return {.body = R"({"ok":true,"result":true})"};
    switch (asked++) {
      case 0:
        return {.body = updates(
                    {{{"update_id", 5}, {"message", {{"date", 1767225605}, {"chat", {{"id", -1001}}}, {"text", "1"}}}},
                     {{"update_id", 6},
                      {"callback_query",
                       {{"id", "q1"}, {"data", "2 7"}, {"message", {{"date", 1}, {"chat", {{"id", 99}}}}}}}},
                     {{"update_id", 7}, {"message", {{"date", "x"}, {"chat", 3}, {"text", 7}}}},
                     {{"update_id", 8}, {"message", {{"chat", {{"id", 1}}}, {"text", std::string(5'000, '1')}}}},
                     7})};
      default: return {.body = updates(nlohmann::json::array())};
    }
  });
  Telegram telegram({"12:ab", server.url(), TelegramOptions::Replies::read, 5ms}, *poller_, *transfers_);
  std::vector<Reply> replies;
  telegram.hear_replies([&](const Reply& reply) { replies.push_back(reply); });
  until([&] { return asked >= 3; });
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].by, ChannelKind::telegram);
  EXPECT_EQ(replies[0].from, "-1001");
  EXPECT_EQ(replies[0].text, "1");
  EXPECT_EQ(replies[0].at, WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)) + 5s);
  EXPECT_EQ(replies[1].from, "99");
  EXPECT_EQ(replies[1].text, "2 7");
  EXPECT_LT(clock_.wall_now() - replies[1].at, 1min) << "a press is of now";
  std::vector<std::int64_t> offsets;
  bool is_thanked = false;
  for (const auto& request : server.requests()) {
    const auto body = nlohmann::json::parse(request.body);
    if (request.target.ends_with("/getUpdates")) offsets.push_back(body.value("offset", std::int64_t{0}));
    is_thanked = is_thanked || (request.target.ends_with("/answerCallbackQuery") && body["callback_query_id"] == "q1");
  }
  EXPECT_EQ(offsets[0], 0);
  EXPECT_EQ(offsets[1], 9);
  EXPECT_TRUE(is_thanked);
  telegram.hear_replies({});
  const int before = asked;
  poller_->run_until(poller_->now() + 50ms);
  EXPECT_LE(asked, before + 1) << "one may have been under way";
}

TEST_F(ChatTest, ATelegramThatCannotBeAskedIsAskedAgainLater) {
  std::atomic<int> asked = 0;
  const HttpDouble server([&](const HttpRequest&) -> HttpAnswer {
    ++asked;
    return {.status = 409, .body = R"({"ok":false,"description":"Conflict: terminated by other getUpdates request"})"};
  });
  Telegram telegram({"12:ab", server.url(), TelegramOptions::Replies::read, 1ms}, *poller_, *transfers_);
  telegram.hear_replies([](const Reply&) { FAIL(); });
  until([&] { return asked == 1; });
  poller_->run_until(poller_->now() + 50ms);
  EXPECT_EQ(asked, 1);
}

TEST_F(ChatTest, NoReportTellsTheBotsToken) {
  Telegram telegram({"12:secret", "http://127.0.0.1:1"}, *poller_, *transfers_);
  EXPECT_THAT(sent(telegram, "1").detail, Not(HasSubstr("secret")));
}

TEST_F(ChatTest, NtfyPublishesWithPriorityAndAction) {
  const HttpDouble server(HttpAnswer{.body = R"({"id":"xyz"})"});
  Ntfy ntfy({server.url(), "tk_1"}, *poller_, *transfers_);
  const Report report = sent(ntfy, "shop-alerts");
  EXPECT_EQ(report.state, Report::State::delivered);
  EXPECT_EQ(report.id, "xyz");
  EXPECT_EQ(server.requests().front().headers["authorization"], "Bearer tk_1");
  const auto body = body_of(server);
  EXPECT_EQ(body["topic"], "shop-alerts");
  EXPECT_EQ(body["priority"], 5);
  EXPECT_EQ(body["actions"][0]["url"], message_.acknowledge_url);

  message_.kind = Message::Kind::over;
  sent(ntfy, "shop-alerts");
  EXPECT_EQ(body_of(server, 1)["priority"], 3);
}

TEST_F(ChatTest, PagerDutyTriggersAndResolvesOneIncident) {
  const HttpDouble server(
      HttpAnswer{.status = 202, .body = R"({"status":"success","dedup_key":"Corner Shop/alert-7"})"});
  PagerDuty pagerduty({"R0", "Corner Shop", server.url()}, *poller_, *transfers_);
  const Report report = sent(pagerduty);
  EXPECT_EQ(report.state, Report::State::delivered);
  EXPECT_EQ(report.id, "Corner Shop/alert-7");
  EXPECT_EQ(server.requests().front().target, "/v2/enqueue");
  const auto body = body_of(server);
  EXPECT_EQ(body["event_action"], "trigger");
  EXPECT_EQ(body["payload"]["severity"], "critical");
  EXPECT_EQ(body["payload"]["summary"], message_.subject);
  EXPECT_EQ(body["links"][0]["href"], message_.acknowledge_url);

  message_.kind = Message::Kind::over;
  sent(pagerduty);
  const auto end = body_of(server, 1);
  EXPECT_EQ(end["event_action"], "resolve");
  EXPECT_EQ(end["dedup_key"], body["dedup_key"]);
  EXPECT_FALSE(end.contains("payload"));
}

TEST_F(ChatTest, PagerDutySaysWhatIsWrong) {
  const HttpDouble server(HttpAnswer{
      .status = 400, .body = R"({"status":"invalid event","message":"Event object is invalid","errors":["x"]})"});
  PagerDuty pagerduty({"R0", "", server.url()}, *poller_, *transfers_);
  const Report report = sent(pagerduty);
  EXPECT_FALSE(report.retry);
  EXPECT_EQ(report.detail, "status 400, Event object is invalid");
}

TEST_F(ChatTest, TextsThatAreNotUtf8AreSentAllTheSame) {
  const HttpDouble server(HttpAnswer{.status = 202});
  Teams teams({server.url()}, *poller_, *transfers_);
  message_.subject = "\xff\xfe bad";
  message_.acknowledge_url = "https://x/\xff";
  EXPECT_EQ(sent(teams).state, Report::State::delivered);
  EXPECT_FALSE(body_of(server).is_discarded());
}

}  // namespace
}  // namespace tenfold::oncall::channels
