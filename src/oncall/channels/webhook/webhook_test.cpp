#include "oncall/channels/webhook/webhook.hpp"

#include "base/hmac.hpp"
#include "oncall/channels/channel_fixture_test.hpp"
#include "oncall/channels/errands.hpp"

namespace tenfold::oncall::channels {
namespace {

class WebhookTest : public ChannelFixture {
 protected:
  Report answered(HttpAnswer answer, Duration timeout = 5s) {
    const HttpDouble server(std::move(answer));
    Webhook webhook({server.url() + "/hook", "s3cret"}, *poller_, *transfers_, wall_);
    return sent(webhook, "", timeout);
  }
};

TEST_F(WebhookTest, PostsTheMessageAsSignedJsonWithItsKey) {
  const HttpDouble server(HttpAnswer{.status = 204});
  Webhook webhook({server.url() + "/hook", "s3cret"}, *poller_, *transfers_, wall_);
  EXPECT_EQ(sent(webhook).state, Report::State::delivered);

  ASSERT_EQ(server.requests().size(), 1u);
  auto request = server.requests().front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/hook");
  EXPECT_EQ(request.headers["content-type"], "application/json; charset=utf-8");
  EXPECT_EQ(request.headers["idempotency-key"], key_);
  EXPECT_EQ(request.headers["x-tenfold-timestamp"], "1767225600");
  EXPECT_EQ(request.headers["x-tenfold-signature"], hmac_sha256_hex("s3cret", "1767225600." + request.body));
  EXPECT_EQ(body_of(server), nlohmann::json({{"version", 1},
                                             {"event", "alert"},
                                             {"key", key_},
                                             {"alert", 7},
                                             {"severity", "critical"},
                                             {"subject", message_.subject},
                                             {"text", message_.text + "\n" + message_.acknowledge_url},
                                             {"language", "en"},
                                             {"since", "2026-01-01T00:00:00Z"},
                                             {"acknowledge_url", message_.acknowledge_url}}));
}

TEST_F(WebhookTest, WithoutASecretItIsNotSigned) {
  const HttpDouble server(HttpAnswer{});
  Webhook webhook({server.url(), ""}, *poller_, *transfers_, wall_);
  EXPECT_EQ(sent(webhook).state, Report::State::delivered);
  EXPECT_FALSE(server.requests().front().headers.contains("x-tenfold-signature"));
}

TEST_F(WebhookTest, TooManyRequestsAreTriedAgainWhenTheServerSaysSo) {
  const Report report = answered({.status = 429, .body = "slow down", .headers = {{"Retry-After", "7"}}});
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_TRUE(report.retry);
  EXPECT_EQ(report.retry_after, 7s);
  EXPECT_EQ(report.detail, "status 429, slow down");
}

TEST_F(WebhookTest, NobodyIsLetWaitForLongerThanAnHour) {
  EXPECT_EQ(answered({.status = 503, .headers = {{"Retry-After", "99999"}}}).retry_after, 1h);
}

TEST_F(WebhookTest, AFaultOfTheServersIsTriedAgain) {
  const Report report =
      answered({.status = 502, .body = "<html>Bad Gateway", .headers = {{"Content-Type", "text/html"}}});
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_TRUE(report.retry);
  EXPECT_EQ(report.detail, "status 502 and a web page");
}

TEST_F(WebhookTest, ARefusalIsForGoodAndInTheServersWords) {
  const Report report = answered({.status = 401, .body = R"({"message": "who\nare you?"})"});
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_FALSE(report.retry);
  EXPECT_EQ(report.detail, "status 401, who are you?");
}

TEST_F(WebhookTest, ARedirectIsNotFollowedWithASecret) {
  const Report report = answered({.status = 302, .headers = {{"Location", "http://127.0.0.1:1/login?token=x"}}});
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_FALSE(report.retry);
  EXPECT_EQ(report.detail, "status 302 and a redirect to http://127.0.0.1:1");
}

TEST_F(WebhookTest, AWebPageIsNoReceiversAnswer) {
  const Report report =
      answered({.body = "<html><title>Hotel: log in</title>", .headers = {{"Content-Type", "text/html"}}});
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_TRUE(report.retry);
  EXPECT_EQ(report.detail, "not the answer of the webhook, but status 200 and a web page (\"Hotel: log in\")");
  const Report of_php = answered({.body = "", .headers = {{"Content-Type", "text/html; charset=UTF-8"}}});
  EXPECT_EQ(of_php.state, Report::State::delivered);
}

TEST_F(WebhookTest, ALostAnswerIsUnknown) {
  const Report report = answered({.manner = HttpAnswer::Manner::closed_without});
  EXPECT_EQ(report.state, Report::State::unknown);
  EXPECT_THAT(report.detail, ::testing::StartsWith("the answer was lost: "));
}

TEST_F(WebhookTest, AnAnswerThatDoesNotComeInTimeIsUnknown) {
  EXPECT_EQ(answered({.manner = HttpAnswer::Manner::never}, 50ms).state, Report::State::unknown);
}

TEST_F(WebhookTest, AServerThatIsNotThereIsTriedAgain) {
  std::uint16_t port = 0;
  { port = HttpDouble(HttpAnswer{}).port(); }
  Webhook webhook({"http://127.0.0.1:" + std::to_string(port), ""}, *poller_, *transfers_, wall_);
  const Report report = sent(webhook);
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_TRUE(report.retry);
}

TEST_F(WebhookTest, AGreatOrStrangeAnswerHarmsNobody) {
  EXPECT_EQ(answered({.status = 200, .body = std::string(1 << 20, '{')}).state, Report::State::delivered);
  const Report report = answered({.status = 400, .body = std::string(1 << 20, '[')});
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_LT(report.detail.size(), 300u);
}

TEST_F(WebhookTest, FindCannotKnow) {
  Webhook webhook({"http://127.0.0.1:1", ""}, *poller_, *transfers_, wall_);
  webhook.find("", key_, "", wall_.wall_now(), collect());
  EXPECT_TRUE(reports_.empty());
  until([&] { return !reports_.empty(); });
  EXPECT_EQ(reports_.front().state, Report::State::unknown);
}

TEST_F(WebhookTest, PastItsBoundASendIsToldToTryAgain) {
  const HttpDouble server(HttpAnswer{.manner = HttpAnswer::Manner::never});
  transfers_ = *transfer::Transfers::make(*poller_, {.most_under_way = 1, .kept_connections = 1});
  Webhook webhook({server.url(), ""}, *poller_, *transfers_, wall_);
  for (std::size_t i = 0; i < Errands::most; ++i) webhook.send("", message_, key_, 1min, [](const Report&) {});
  const Report report = sent(webhook);
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_TRUE(report.retry);
}

TEST_F(WebhookTest, AChannelThatIsGoneReportsNothing) {
  const HttpDouble server(HttpAnswer{});
  {
    Webhook webhook({server.url(), ""}, *poller_, *transfers_, wall_);
    webhook.send("", message_, key_, 5s, collect());
    webhook.find("", key_, "", wall_.wall_now(), collect());
  }
  poller_->run_until(poller_->now() + 20ms);
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(transfers_->under_way(), 0u);
}

}  // namespace
}  // namespace tenfold::oncall::channels
