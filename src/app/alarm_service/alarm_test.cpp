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
  time_zone: Europe/Berlin
  people:
    - { name: ada, contacts: [{ call: "+493055500100" }] }
    - { name: bela, language: de, contacts: [{ call: "+493055500200" }] }
    - { name: chloe, language: fr, contacts: [{ call: "+493055500300" }] }
    - { name: diego, language: es, contacts: [{ call: "+493055500400" }] }
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
  bool is_acknowledged_by(std::string_view who) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < deadline) {
      const auto alert = alert_in_state("acknowledged");
      if (alert.is_object() && alert["acknowledged_by"] == who) return true;
      std::this_thread::yield();
    }
    return false;
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

TEST_F(AlarmTest, NobodyAcknowledgesInTheNameOfSomebodyWhoIsNotThere) {
  fail_job();
  const auto id = alert_in_state("ringing")["id"];
  for (const char* path : {"/api/v1/alerts/acknowledge", "/api/v1/alerts/escalate"}) {
    const auto answer = ask("POST", path, {}, nlohmann::json{{"id", id}, {"by", "adda"}}.dump());
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_THAT(answer.body, HasSubstr("did you mean"));
    EXPECT_THAT(answer.body, HasSubstr("ada, bela"));
  }
  EXPECT_EQ(alert_in_state("ringing")["acknowledged_by"], "");
}

TEST_F(AlarmTest, WhatAnotherHasIsTakenOverOnlyByWhoeverSaysSo) {
  fail_job();
  const auto id = alert_in_state("ringing")["id"];
  const auto acknowledge = [&](nlohmann::json body) {
    body["id"] = id;
    return ask("POST", "/api/v1/alerts/acknowledge", {}, body.dump());
  };
  EXPECT_EQ(acknowledge({{"by", "ada"}}).status, 202);
  // At once, before on-call's view knows of it, and later.
  for (int i = 0; i < 2; ++i) {
    const auto refused = acknowledge({{"by", "bela"}});
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("is with ada since 20"));
    const auto json = nlohmann::json::parse(refused.body);
    EXPECT_EQ(json["acknowledged_by"], "ada");
    EXPECT_THAT(json["acknowledged_at"].get<std::string>(), testing::EndsWith("Z"));
    EXPECT_EQ(acknowledge(nlohmann::json::object()).status, 409);
    EXPECT_EQ(acknowledge({{"by", "ada"}}).status, 202);
    EXPECT_EQ(alert_in_state("acknowledged")["acknowledged_by"], "ada");
  }
  EXPECT_EQ(acknowledge({{"by", "bela"}, {"take_over", 1}}).status, 400);
  EXPECT_EQ(acknowledge({{"by", "bela"}, {"take_over", true}}).status, 202);
  EXPECT_EQ(acknowledge({{"by", "ada"}}).status, 409);
  EXPECT_TRUE(is_acknowledged_by("bela"));
}

struct Link {
  std::string path;
  std::string query;
};
Link link_of(std::int64_t alert, const std::string& who, WallTime expires) {
  const std::string link = oncall::signed_link("http://x", "link:0123456789abcdef0123456789abcdef",
                                               {.alert = alert, .who = who, .expires = expires});
  const auto question = link.find('?');
  return {link.substr(8, question - 8), link.substr(question + 1)};
}

TEST_F(AlarmTest, OpeningALinkOnlyAsksAndItsButtonAcknowledges) {
  fail_job();
  const auto id = alert_in_state("ringing")["id"].get<std::int64_t>();
  const auto [path, query] = link_of(id, "ada", clock_.wall_now() + 1h);
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

TEST_F(AlarmTest, TheLinksPageSpeaksThePersonsLanguageInEveryState) {
  fail_job();
  const auto id = alert_in_state("ringing")["id"].get<std::int64_t>();
  struct Spoken {
    const char* who;
    const char* language;
    const char* button;
    const char* expired;
    const char* over;
  };
  const WallTime later = clock_.wall_now() + 1h;
  for (const Spoken& each :
       {Spoken{"ada", "en", "I take care of it", "has expired", "This alert is over"},
        Spoken{"bela", "de", "Ich kümmere mich darum", "ist abgelaufen", "Dieser Alarm ist vorbei"},
        Spoken{"chloe", "fr", "Je m'en occupe", "a expiré", "Cette alerte est terminée"},
        Spoken{"diego", "es", "Yo me encargo", "ha caducado", "Esta alerta ha terminado"}}) {
    SCOPED_TRACE(each.who);
    const auto [path, query] = link_of(id, each.who, later);
    const auto page = ask("GET", path, query);
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr(std::string("<html lang=\"") + each.language));
    EXPECT_THAT(page.body, HasSubstr(each.button));
    const auto [old_path, old_query] = link_of(id, each.who, clock_.wall_now() - 1s);
    const auto expired = ask("POST", old_path, old_query);
    EXPECT_EQ(expired.status, 403);
    EXPECT_THAT(expired.body, HasSubstr(each.expired));
    const auto [gone_path, gone_query] = link_of(id + 1, each.who, later);
    EXPECT_THAT(ask("GET", gone_path, gone_query).body, HasSubstr(each.over));
  }
  EXPECT_EQ(json("/api/v1/alerts")["alerts"][0]["state"], "ringing");
}

TEST_F(AlarmTest, TheLinksButtonTakesNothingFromAnotherUnasked) {
  fail_job();
  const auto id = alert_in_state("ringing")["id"].get<std::int64_t>();
  const auto [adas_path, adas_query] = link_of(id, "ada", clock_.wall_now() + 1h);
  EXPECT_EQ(ask("POST", adas_path, adas_query).status, 200);
  const auto [path, query] = link_of(id, "bela", clock_.wall_now() + 1h);
  const auto opened = ask("GET", path, query);
  EXPECT_THAT(opened.body, HasSubstr("ada hat ihn, seit "));
  EXPECT_THAT(opened.body, testing::ContainsRegex("\\(CES?T\\)"));
  EXPECT_THAT(opened.body, HasSubstr("Ich übernehme ihn"));
  const auto refused = ask("POST", path, query);  // the page was opened before ada took it
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("ada hat ihn, seit "));
  EXPECT_EQ(alert_in_state("acknowledged")["acknowledged_by"], "ada");
  EXPECT_THAT(ask("GET", adas_path, adas_query).body, HasSubstr("you have it, since"));
  EXPECT_EQ(ask("POST", path, query, "take_over=1").status, 200);
  EXPECT_THAT(ask("GET", adas_path, adas_query).body, HasSubstr("bela has it, since"));
  EXPECT_TRUE(is_acknowledged_by("bela"));
}

TEST_F(AlarmTest, ReadinessHasWhatThePlanLacks) {
  EXPECT_THAT(ask("GET", "/api/v1/ready").body, HasSubstr("no escalation ever tells bela"));
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
