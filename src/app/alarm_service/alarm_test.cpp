#include "app/alarm_service/alarm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <thread>

#include "config/load.hpp"
#include "oncall/link/signed_link.hpp"

// The parts joined, without a network: nobody has a channel that could be reached.
namespace tenfold::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view file = R"(
shop: Corner & Co
listen: [{ address: 127.0.0.1:0 }]
origins: [{ name: a, servers: [127.0.0.1:1] }]
guard: { secret: 0123456789abcdef0123456789abcdef }
watch: { checks: [{ name: job, heartbeat: { every: 1h, token: abcdefghijklmnop } }] }
oncall:
  people: [{ name: ada, contacts: [{ call: "+493055500100" }] }]
  escalation: [{ name: main, steps: [{ notify: [ada] }] }]
  channels: { sip: { server: "127.0.0.1:9", user: "1", password: x } }
)";

class AlarmTest : public testing::Test {
 protected:
  AlarmTest() {
    auto loaded = config::load_text(file, "shop.yaml", ".");
    for (const auto& problem : loaded.problems) {  // what this machine warns of is nothing to this test
      if (problem.severity == config::Severity::error) ADD_FAILURE() << problem.line << ": " << problem.message;
    }
    config_ = std::move(*loaded.config);
    auto prepared = alarm_.prepare(config_.live);
    EXPECT_TRUE(prepared) << prepared.error().text();
    alarm_.start();
  }

  console::ApiPart::Answer ask(std::string_view method, std::string_view path, std::string_view query = {},
                               std::string body = {}) {
    return alarm_.answer({.method = method, .path = path, .query = query, .body = std::move(body)});
  }
  nlohmann::json json(std::string_view path) { return nlohmann::json::parse(ask("GET", path).body); }

  // Until the alert is in the view.
  nlohmann::json alert_in_state(std::string_view state) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < deadline) {
      const nlohmann::json alerts = json("/api/v1/alerts");
      for (const auto& alert : alerts["alerts"]) {
        if (alert["state"] == state) return alert;
      }
      std::this_thread::yield();
    }
    ADD_FAILURE() << "no alert became " << state << ": " << ask("GET", "/api/v1/alerts").body.substr(0, 2000);
    return {};
  }
  void fail_job() {
    watch::Check check;
    check.name = "job";
    alarm_.down(check, {.check = "job", .to = watch::State::down, .at = clock_.wall_now(), .what = "<silent>"});
  }

  SystemClock clock_;
  config::Config config_;
  Alarm alarm_{{.clock = clock_, .store_file = {}}};
};

TEST_F(AlarmTest, ADownCheckBecomesAnAlertThatIsAcknowledgedThroughTheApi) {
  fail_job();
  const auto alert = alert_in_state("ringing");
  EXPECT_EQ(alert["troubles"][0]["what"], "down: <silent>");
  const std::string body = nlohmann::json{{"id", alert["id"]}, {"by", "ada"}}.dump();
  EXPECT_EQ(ask("POST", "/api/v1/alerts/acknowledge", {}, body).status, 202);
  EXPECT_EQ(alert_in_state("acknowledged")["acknowledged_by"], "ada");
}

TEST_F(AlarmTest, AnAlertIsSilencedForATime) {
  fail_job();
  const auto alert = alert_in_state("ringing");
  const std::string body = nlohmann::json{{"id", alert["id"]}, {"for", "30m"}}.dump();
  EXPECT_EQ(ask("POST", "/api/v1/alerts/silence", {}, body).status, 202);
  EXPECT_FALSE(alert_in_state("silenced")["quiet_until"].is_null());
}

TEST_F(AlarmTest, WhatCannotBeReadChangesNothingAndSaysWhatWasExpected) {
  fail_job();
  alert_in_state("ringing");
  for (const char* body :
       {"", "[]", "{}", R"({"id":0})", R"({"id":"1"})", R"({"id":1,"for":"soon"})", R"({"id":1,"for":"0s"})",
        R"({"id":1,"for":"169h"})", R"({"id":1,"for":"100000d"})", R"({"id":1,"x":1})"}) {
    const auto answer = ask("POST", "/api/v1/alerts/silence", {}, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr("expected"));
  }
  EXPECT_EQ(ask("POST", "/api/v1/alerts/acknowledge", {}, R"({"id":4711})").status, 404);
  EXPECT_EQ(alert_in_state("ringing")["acknowledged_by"], "");
}

TEST_F(AlarmTest, OpeningALinkOnlyAsksAndItsButtonAcknowledges) {
  fail_job();
  const auto id = alert_in_state("ringing")["id"].get<std::int64_t>();
  const std::string link = oncall::signed_link("http://x", "link:0123456789abcdef0123456789abcdef",
                                               {.alert = id, .who = "ada", .expires = clock_.wall_now() + 1h});
  const auto question = link.find('?');
  const std::string path = link.substr(8, question - 8);
  const std::string query = link.substr(question + 1);
  const auto page = ask("GET", path, query);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("Corner &amp; Co"));
  EXPECT_THAT(page.body, HasSubstr("&lt;silent&gt;"));
  EXPECT_EQ(page.form, console::ApiPart::Answer::Form::own);
  EXPECT_EQ(json("/api/v1/alerts")["alerts"][0]["state"], "ringing");
  EXPECT_EQ(ask("POST", path, query + "0").status, 403);
  EXPECT_EQ(ask("POST", path, query).status, 200);
  EXPECT_EQ(alert_in_state("acknowledged")["acknowledged_by"], "ada");
}

TEST_F(AlarmTest, AHeartbeatIsKnownByItsToken) {
  EXPECT_EQ(ask("POST", "/heartbeat/abcdefghijklmnop").status, 200);
  EXPECT_EQ(ask("POST", "/heartbeat/abcdefghijklmno").status, 404);
  EXPECT_EQ(ask("POST", "/heartbeat/").status, 404);
}

TEST_F(AlarmTest, AJobThatReportsAFailureRingsAtOnceWithItsWords) {
  EXPECT_EQ(ask("POST", "/heartbeat/abcdefghijklmno/fail").status, 404);
  EXPECT_EQ(ask("POST", "/heartbeat/abcdefghijklmnop/failed").status, 404);
  EXPECT_EQ(ask("POST", "/heartbeat/abcdefghijklmnop/3", {}, "no space left on backup.shop.example").status, 200);
  const auto alert = alert_in_state("ringing");
  EXPECT_EQ(alert["troubles"][0]["source"], "job");
  EXPECT_EQ(alert["troubles"][0]["what"], "down: the job ended with status 3: no space left on backup.shop.example");
  EXPECT_EQ(ask("GET", "/heartbeat/abcdefghijklmnop/0").status, 200);
  alert_in_state("settling");
}

TEST_F(AlarmTest, SaysWhoWouldBeRungAndWhatIsReady) {
  EXPECT_EQ(json("/api/v1/oncall")["ring"][0]["number"], "+493055500100");
  EXPECT_EQ(ask("GET", "/api/v1/oncall", "at=soon").status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/oncall", "escalation=mian").status, 400);
  EXPECT_EQ(json("/api/v1/ready")["ready"], false);
  EXPECT_EQ(json("/api/v1/checks")["checks"][0]["name"], "job");
  EXPECT_EQ(ask("GET", "/api/v1/checks/history", "check=job&from=x").status, 400);
  MetricsText text;
  alarm_.write_metrics(text);
  EXPECT_THAT(text.text(), HasSubstr("tenfold_alerts_open 0"));
}

TEST_F(AlarmTest, WithoutItsChecksItStillRings) {
  fail_job();
  alert_in_state("ringing");
  alarm_.stop_watching();
  EXPECT_TRUE(json("/api/v1/checks")["checks"].empty());
  EXPECT_EQ(ask("POST", "/heartbeat/abcdefghijklmnop").status, 503);
  EXPECT_EQ(alert_in_state("ringing")["kind"], "trouble");
}

TEST_F(AlarmTest, OurOwnUplinkIsAnAlertOfItsOwnUntilItIsBack) {
  alarm_.uplink({.down = true, .since = clock_.wall_now(), .why = "no anchor answers"});
  EXPECT_EQ(alert_in_state("ringing")["kind"], "uplink");
  alarm_.uplink({.down = false, .since = clock_.wall_now(), .why = {}});
  alert_in_state("settling");
}

TEST_F(AlarmTest, ADrillRingsTheChain) {
  EXPECT_EQ(ask("POST", "/api/v1/oncall/drill", {}, R"({"escalation":"mian"})").status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/oncall/drill", {}, R"({"escalation":"main"})").status, 202);
  EXPECT_EQ(alert_in_state("ringing")["kind"], "drill");
}

}  // namespace
}  // namespace tenfold::app
