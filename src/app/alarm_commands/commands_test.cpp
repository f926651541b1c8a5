#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <utility>

#include "app/command.hpp"
#include "app/serve/server_thread.hpp"
#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/text/iso_time.hpp"
#include "console/json.hpp"
#include "ready/evidence.hpp"
#include "store/test_folder.hpp"

// `tenfold who`, `alerts`, `ack`, `ready` and `drill phone`, as a person or a program meets them: what they print, and
// what they end with. A Tenfold that runs is a server that says what the test wants.
namespace tenfold::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view shop_text = R"(
shop: Corner
listen: [{ address: 127.0.0.1:0 }]
origins: [{ name: a, servers: [127.0.0.1:2] }]
)";
constexpr std::string_view plan_text = R"(
oncall:
  time_zone: Europe/Berlin
  people:
    - { name: ada, contacts: [{ call: "+493055500100" }, { sms: "+493055500100", after: 90s }] }
    - { name: ben, contacts: [{ call: "+493055500200" }] }
  outside_parties:
    - { name: uplink, is: internet provider, customer_number: K-1, office: "+493055500300", out_of_hours: "+493055500399",
        hours: { days: [mon, tue, wed, thu, fri], from: "08:00", until: "18:00" }, confirmed: TODAY }
  escalation:
    - { name: main, steps: [{ notify: [ada], after: 0s }, { notify: [uplink], after: 15m }], repeat: 2, repeat_after: 5m }
    - { name: night, steps: [{ notify: [ben] }] }
  channels: { sip: { server: "127.0.0.1:9", user: "1", password: x }, modem: { spool: /tmp } }
)";

// A number that was tried today.
std::string plan() {
  std::string text(plan_text);
  const std::string today = iso_time(SystemClock().wall_now()).substr(0, 10);
  return text.replace(text.find("TODAY"), 5, today);
}

// Answers what it is told to, and keeps what it was asked.
class CannedConsole final : public http::Handler {
 public:
  CannedConsole() {
    auto made = ServerThread::make(clock_, {"127.0.0.1", 0}, "console.address");
    EXPECT_TRUE(made) << made.error().text();
    server_ = std::move(*made);
    server_->start(*this, [] {});
  }
  ~CannedConsole() override {
    server_->stop([](void*) -> net::Task<void> { co_return; }, nullptr);
  }
  void answer(int status, std::string body) {
    canned_.with([&](Canned& canned) { canned = {status, std::move(body), canned.asked, {}}; });
  }
  // What follows the first POST from then on.
  void after_a_post(std::string body) {
    canned_.with([&](Canned& canned) { canned.after_a_post = std::move(body); });
  }
  std::string asked() const {
    return canned_.with([](const Canned& canned) { return canned.asked; });
  }
  std::string address() const { return server_->address().text(); }

  net::Task<void> handle(http::ServerExchange& exchange) override {
    std::string asked = fmt::format("{} {} ", exchange.request().method_name, exchange.request().target);
    while (true) {
      auto part = co_await exchange.read_body(no_deadline);
      if (!part || part->empty()) break;
      asked.append(part->view());
    }
    const auto [status, body] = canned_.with([&](Canned& canned) {
      canned.asked = asked;
      const std::pair answer(canned.status, canned.body);
      if (asked.starts_with("POST") && !canned.after_a_post.empty()) {
        canned.body = std::exchange(canned.after_a_post, {});
      }
      return answer;
    });
    http::ResponseHead head;
    head.status = status;
    [[maybe_unused]] auto sent = co_await exchange.send(head, body, http::BodyEnd::last, no_deadline);
  }

 private:
  struct Canned {
    int status = 200;
    std::string body = "{}";
    std::string asked;
    std::string after_a_post;
  };
  SystemClock clock_;
  Guarded<Canned> canned_;
  std::unique_ptr<ServerThread> server_;
};

class AlertCommands : public testing::Test {
 protected:
  struct Ran {
    Exit exit = Exit::invalid;
    std::string out;
    std::string err;
    nlohmann::json json() const { return nlohmann::json::parse(out); }
  };

  Ran run(const std::string& words) {
    Ran ran;
    CLI::App program("", "tenfold");
    for (const auto add : {add_who_command, add_alerts_command, add_ack_command, add_ready_command, add_drill_command,
                           add_check_command}) {
      add(program, ran.exit);
    }
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    program.parse(words + " -c " + file());
    ran.err = testing::internal::GetCapturedStderr();
    ran.out = testing::internal::GetCapturedStdout();
    return ran;
  }
  void configure(std::string_view rest) {
    std::ofstream(file()) << shop_text << "store: " << folder_.file("tenfold.db") << "\n" << rest;
  }
  void configure_with_console(std::string_view rest = {}) {
    configure(fmt::format("console: {{ address: \"{}\" }}\n{}", console_.address(), rest));
  }
  std::string file() const { return folder_.file("shop.yaml"); }

  store::TestFolder folder_;
  CannedConsole console_;
};

TEST_F(AlertCommands, WhoTakesTheTimesThatItGives) {
  configure(plan());
  for (const char* time : {"2026-12-24T17:00:00Z", "2026-12-24T17:00Z", "2026-12-24T18:00:30+01:00",
                           "2026-12-24T12:00-05:00", "2026-12-24T18:00", "2026-12-24T18:00:00"}) {
    const Ran ran = run(fmt::format("who --json --at {}", time));
    EXPECT_EQ(ran.exit, Exit::good) << time << ran.err;
    EXPECT_EQ(ran.json()["at"], "2026-12-24T17:00:00Z") << time;
  }
  for (const char* time : {"2026-12-24T17:00+1", "2026-12-24T17:00:0", "2026-12-24T17:00*01:00"}) {
    EXPECT_EQ(run(fmt::format("who --at {}", time)).exit, Exit::usage) << time;
  }
}

TEST_F(AlertCommands, WhoWithNobodySaysWhatIsMissing) {
  configure("");
  const Ran ran = run("who --json");
  EXPECT_EQ(ran.exit, Exit::falls_short);
  EXPECT_EQ(ran.json()["gaps"], nlohmann::json::array({"nobody is named under oncall.people"}));
}

TEST_F(AlertCommands, WhoSaysInWhichOrderAndHowLongAfter) {
  configure(plan());
  const Ran ran = run("who --at \"2026-12-24 18:00\"");
  EXPECT_EQ(ran.exit, Exit::good) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("Whoever would be rung in an alert at 2026-12-24 18:00"));
  EXPECT_THAT(ran.out, HasSubstr("(main)"));
  EXPECT_THAT(ran.out, HasSubstr("at once        call      +493055500100"));
  EXPECT_THAT(ran.out, HasSubstr("after 90 s     sms       +493055500100"));
  // Out of hours, and so the other number.
  EXPECT_THAT(ran.out, HasSubstr("after 15 min   call      +493055500399"));
  EXPECT_THAT(ran.out, HasSubstr("quote customer number K-1"));
  EXPECT_THAT(ran.out, HasSubstr("if nobody takes it: the whole list again 5 min after its last step, up to 2 times"));
}

TEST_F(AlertCommands, WhoForProgramsHasTheMomentAndTheRing) {
  configure(plan());
  const auto json = run("who --json --at \"2026-07-01 12:00\"").json();
  EXPECT_EQ(json["at"], "2026-07-01T10:00:00Z");
  ASSERT_EQ(json["ring"].size(), 3u);
  EXPECT_EQ(json["ring"][1]["who"], "ada");
  EXPECT_EQ(json["ring"][1]["channel"], "sms");
  EXPECT_EQ(json["ring"][1]["after_s"], 90);
  EXPECT_EQ(json["ring"][2]["number"], "+493055500300");
  EXPECT_EQ(run("who --json --escalation night").json()["ring"][0]["who"], "ben");
}

TEST_F(AlertCommands, WhoRefusesWhatIsNotThere) {
  configure(plan());
  EXPECT_EQ(run("who --at soon").exit, Exit::usage);
  const Ran typo = run("who --escalation nigth");
  EXPECT_EQ(typo.exit, Exit::usage);
  EXPECT_THAT(typo.err, HasSubstr("there is no escalation \"nigth\""));
  configure("");
  const Ran nobody = run("who");
  EXPECT_EQ(nobody.exit, Exit::falls_short);
  EXPECT_THAT(nobody.out, HasSubstr("Nobody would be rung"));
}

constexpr std::string_view alerts_body = R"({"alerts": [
  {"id": 7, "kind": "trouble", "state": "acknowledged", "began": "2026-07-01T10:00:00Z", "acknowledged_by": "ada",
   "acknowledged_how": "pressed 1", "troubles": [{"source": "front", "what": "down: status 500"}], "gaps": ["no modem"],
   "sends": [{"created_at": "2026-07-01T10:00:01Z", "kind": "alert", "who": "ada", "channel": "call", "state": "delivered", "to": "+49305",
    "detail": "heard", "trouble": "sip: wrong password"},
   {"created_at": "2026-07-01T10:00:01Z", "kind": "alert", "who": "ada", "channel": "slack", "state": "sent", "to": "", "detail": ""}]},
  {"id": 6, "kind": "drill", "state": "over", "began": "2026-06-01T10:00:00Z", "acknowledged_by": "", "acknowledged_how": "",
   "troubles": [], "gaps": [], "sends": []}], "from_memory": true, "store_error": "disk full"})";

TEST_F(AlertCommands, AlertsShowsWhatIsOpenAndWhoHasBeenTold) {
  configure_with_console();
  console_.answer(200, std::string(alerts_body));
  const Ran open = run("alerts");
  EXPECT_EQ(open.exit, Exit::good) << open.err;
  EXPECT_THAT(open.out,
              StartsWith("alert 7 acknowledged, began 2026-07-01 10:00 UTC, acknowledged by ada (pressed 1)"));
  EXPECT_THAT(open.out, HasSubstr("front: down: status 500"));
  EXPECT_THAT(open.out, HasSubstr("no modem"));
  EXPECT_THAT(open.out, HasSubstr("call +49305            delivered heard\n    before that: sip: wrong password\n"));
  EXPECT_THAT(open.out, HasSubstr("slack"));
  EXPECT_THAT(open.out, Not(HasSubstr("drill 6")));
  EXPECT_THAT(open.err, HasSubstr("disk full"));
  EXPECT_THAT(run("alerts --all").out, HasSubstr("drill 6 over"));
  EXPECT_EQ(run("alerts --json").json()["alerts"].size(), 1u);
  EXPECT_EQ(run("alerts --json --all").json()["alerts"].size(), 2u);
  console_.answer(200, R"({"alerts": []})");
  EXPECT_EQ(run("alerts").out, "No alert is open.\n");
}

TEST_F(AlertCommands, WhateverAnswersThereIsNotTrusted) {
  configure_with_console();
  for (const char* body : {"", "hello", "[]", "7", "{}", R"({"alerts": {}})", R"({"alerts": 7})"}) {
    console_.answer(200, body);
    const Ran ran = run("alerts");
    EXPECT_THAT(ran.err, HasSubstr("does not speak Tenfold's API")) << body;
    EXPECT_NE(ran.exit, Exit::good) << body;
    EXPECT_EQ(ran.out, "") << body;
  }
  for (const char* body : {"", "[]", R"({"error": 7})", R"({"error": {"message": 7}})"}) {
    console_.answer(500, body);
    EXPECT_NE(run("alerts").exit, Exit::good) << body;
  }
}

TEST_F(AlertCommands, AckAsksTheRunningTenfoldAndSaysWhatItSaid) {
  configure_with_console();
  console_.answer(202, R"({"accepted": true, "id": 7})");
  const Ran taken = run("ack 7 --by ada");
  EXPECT_EQ(taken.exit, Exit::good) << taken.err;
  EXPECT_THAT(taken.out, StartsWith("alert 7 is acknowledged"));
  EXPECT_EQ(console_.asked(), R"(POST /api/v1/alerts/acknowledge {"by":"ada","id":7})");
  EXPECT_EQ(run("ack 7 --silence 30m --json").json()["accepted"], true);
  EXPECT_EQ(console_.asked(), R"(POST /api/v1/alerts/silence {"for":"30m","id":7})");
  console_.answer(404, R"({"error": {"message": "there is no alert 8", "expected": "a number of /api/v1/alerts"}})");
  EXPECT_EQ(run("ack 7 --silence soon").exit, Exit::usage);
  const Ran refused = run("ack 8");
  EXPECT_EQ(refused.exit, Exit::falls_short);
  EXPECT_THAT(refused.err, HasSubstr("there is no alert 8; expected: a number of /api/v1/alerts"));
}

TEST_F(AlertCommands, WithoutARunningTenfoldTheMachineLacksIt) {
  configure("console: { address: \"127.0.0.1:1\" }\n");
  const Ran ran = run("alerts");
  EXPECT_EQ(ran.exit, Exit::machine_lacks);
  EXPECT_THAT(ran.err, HasSubstr("no Tenfold answers at http://127.0.0.1:1"));
  configure("");
  EXPECT_EQ(run("ack 7").exit, Exit::usage);
}

TEST_F(AlertCommands, ReadyNamesWhatIsMissingAndWhatIsDown) {
  configure_with_console("watch: { checks: [{ name: front, http: \"http://127.0.0.1:1/\" }] }\n" + plan());
  console_.answer(200, R"({"checks": [{"name": "front", "state": "down"}]})");
  const Ran ran = run("ready");
  EXPECT_EQ(ran.exit, Exit::falls_short) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("NOT READY\n"));
  EXPECT_THAT(ran.out, HasSubstr("missing  rehearsal"));
  EXPECT_THAT(ran.out, HasSubstr("bad      watch            down now: front"));
  const auto json = run("ready --json").json();
  EXPECT_EQ(json["ready"], false);
  EXPECT_EQ(json["items"][0]["name"], "rehearsal");
  EXPECT_EQ(json["items"][0]["proven_at"], nullptr);
}

TEST_F(AlertCommands, ReadyWhenAllIsProven) {
  configure_with_console("watch: { checks: [{ name: front, http: \"http://127.0.0.1:1/\" }] }\n" + plan());
  console_.answer(200, R"({"checks": [{"name": "front", "state": "up"}]})");
  for (const char* kind : {"rehearsal", "rehearsal-limit", "drill-phone"}) {
    ASSERT_TRUE(ready::record_evidence(
        folder_.file("tenfold.db"),
        {.kind = kind, .at = SystemClock().wall_now(), .subject = "x", .verdict = "PASS", .summary = "{}"}));
  }
  const Ran ran = run("ready");
  EXPECT_EQ(ran.exit, Exit::good) << ran.out;
  EXPECT_THAT(ran.out, StartsWith("READY\n"));
}

TEST_F(AlertCommands, ReadyCountsOnlyRehearsalsThatWereLongAndSaySomething) {
  configure(plan());
  const auto rehearsed = [&](const char* verdict, int seconds, Duration ago) {
    ASSERT_TRUE(ready::record_evidence(folder_.file("tenfold.db"),
                                       {.kind = "rehearsal",
                                        .at = SystemClock().wall_now() - ago,
                                        .subject = "x",
                                        .verdict = verdict,
                                        .summary = fmt::format("{{\"run\": {{\"length_s\": {}}}}}", seconds)}));
  };
  rehearsed("PASS", 299, std::chrono::hours(3));
  EXPECT_THAT(run("ready").out, HasSubstr("missing  rehearsal"));
  rehearsed("PASS", 300, std::chrono::hours(2));
  rehearsed("INVALID", 300, std::chrono::hours(1));
  rehearsed("PASS", 30, std::chrono::hours(0));
  EXPECT_THAT(run("ready").out, HasSubstr("good     rehearsal"));
}

TEST_F(AlertCommands, ReadyKnowsThatNobodyLooks) {
  configure(
      "console: { address: \"127.0.0.1:1\" }\nwatch: { checks: [{ name: front, http: \"http://127.0.0.1:1/\" }] }\n" +
      plan());
  EXPECT_THAT(run("ready").out, HasSubstr("1 check is named, and nobody looks: no Tenfold answers at"));
}

TEST_F(AlertCommands, ADrillOfItsOwnThatNobodyAnswersIsEvidence) {
  configure("console: { address: \"127.0.0.1:1\" }\n" + plan());
  const Ran ran = run("drill phone --for 100ms --json");
  EXPECT_EQ(ran.exit, Exit::falls_short) << ran.err;
  EXPECT_EQ(ran.json()["verdict"], "FAIL");
  EXPECT_THAT(ran.err, HasSubstr("this process rings by itself"));
  EXPECT_THAT(run("ready").out, HasSubstr("bad      phone            FAIL today: main"));
}

constexpr std::string_view drill_body =
    R"({"alerts": [{"id": 9, "kind": "drill", "state": "ringing", "acknowledged_by": "",
  "acknowledged_how": "", "told": ["ada"], "gaps": [], "sends": []}]})";

// The chain as the console of a running Tenfold shows it: over at once, acknowledged by that means.
TEST_F(AlertCommands, ADrillAcknowledgedElsewhereProvesNoPhone) {
  struct Case {
    const char* means;
    Exit exit;
    const char* ready;
  };
  for (const Case& each : {Case{"call", Exit::good, "good     phone            PASS today: main: ada answered after "},
                           Case{"reply", Exit::good, "PASS today: main: ada answered after "},
                           Case{"elsewhere", Exit::falls_short, "nobody pressed a key on a call"}}) {
    SCOPED_TRACE(each.means);
    configure_with_console(plan());
    console_.answer(200, R"({"alerts": []})");
    console_.after_a_post(
        std::string(R"({"alerts": [{"id": 9, "kind": "drill", "state": "over", "acknowledged_by": "ada",
      "acknowledged_how": "the words of it", "acknowledged_by_means": ")") +
        each.means + R"(", "told": ["ada"], "gaps": [], "sends": []}]})");
    const Ran ran = run("drill phone --json");
    EXPECT_EQ(ran.exit, each.exit) << ran.err;
    EXPECT_EQ(ran.json()["means"], each.means);
    EXPECT_EQ(ran.json()["answered_by"], "ada");
    EXPECT_THAT(run("ready").out, HasSubstr(each.ready));
  }
}

TEST_F(AlertCommands, CheckSaysWhoWouldBeRungAndWhatIsWatched) {
  configure("watch: { checks: [{ name: front, http: \"http://127.0.0.1:1/\" }] }\n" + plan());
  const Ran ran = run("check");
  EXPECT_EQ(ran.exit, Exit::good) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("watch: 1 check: front"));
  EXPECT_THAT(ran.out, HasSubstr("to the shield as a stranger: front"));
  EXPECT_THAT(ran.out, HasSubstr("is told first, by call +"));
  EXPECT_THAT(ran.out, HasSubstr("in the next four weeks"));
  configure("console: { address: \"127.0.0.1:1\" }\n");
  EXPECT_THAT(run("check").out, HasSubstr("on call: nobody is told of anything"));
}

TEST_F(AlertCommands, OneDrillAtATime) {
  configure_with_console(plan());
  console_.answer(200, std::string(drill_body));
  const Ran ran = run("drill phone --json");
  EXPECT_EQ(ran.exit, Exit::machine_lacks);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("a drill is under way already"));
  EXPECT_THAT(run("ready").out, HasSubstr("missing  phone"));
}

TEST_F(AlertCommands, ADrillNeedsATenfoldOnTheOtherSide) {
  configure_with_console(plan());
  console_.answer(200, "{}");
  const Ran ran = run("drill phone");
  EXPECT_EQ(ran.exit, Exit::machine_lacks);
  EXPECT_THAT(ran.err, HasSubstr("does not speak Tenfold's API"));
}

TEST_F(AlertCommands, ADrillOfAnEscalationThatIsNotThereRingsNobody) {
  configure("console: { address: \"127.0.0.1:1\" }\n" + plan());
  const Ran ran = run("drill phone --escalation nigth");
  EXPECT_EQ(ran.exit, Exit::usage);
  EXPECT_THAT(ran.err, HasSubstr("there is no escalation \"nigth\""));
}

TEST_F(AlertCommands, TimesAreInThePlansZoneAndSayWhich) {
  configure_with_console(plan());
  console_.answer(200,
                  R"({"alerts": [{"id": 7, "kind": "trouble", "state": "acknowledged", "began": "2026-07-01T10:00:00Z",
    "acknowledged_by": "ada", "acknowledged_how": "pressed 1", "acknowledged_at": "2026-12-01T23:30:00Z", "troubles": [], "gaps": [],
    "sends": [{"created_at": "2026-10-25T00:30:01Z", "kind": "alert", "who": "ada", "channel": "call", "state": "sent", "to": "",
      "detail": ""}]}]})");
  const Ran ran = run("alerts");
  EXPECT_THAT(ran.out,
              StartsWith("alert 7 acknowledged, began 2026-07-01 12:00 CEST, acknowledged by ada (pressed 1) since "
                         "2026-12-02 00:30 CET\n"));
  EXPECT_THAT(ran.out, HasSubstr("  2026-10-25 02:30 CEST alert"));
  EXPECT_EQ(run("alerts --json").json()["alerts"][0]["began"], "2026-07-01T10:00:00Z");
}

TEST_F(AlertCommands, AckTakesNamesOfThePlanOnly) {
  configure_with_console(plan());
  console_.answer(202, R"({"accepted": true, "id": 7})");
  const Ran typo = run("ack 7 --by adda");
  EXPECT_EQ(typo.exit, Exit::usage);
  EXPECT_THAT(typo.err,
              HasSubstr("nobody of the plan is called \"adda\" (there are: ada, ben); did you mean \"ada\"?"));
  EXPECT_EQ(console_.asked(), "");
  EXPECT_EQ(run("ack 7 --by somebody --silence 1h").exit, Exit::usage);
  EXPECT_EQ(run("ack 7 --by ben").exit, Exit::good);
  EXPECT_THAT(run("ack 7 --by uplink").out, HasSubstr("goes on until one of yours takes it"));
}

TEST_F(AlertCommands, AckSaysWhoHasItAndTakesItOverWhenAskedTo) {
  configure_with_console(plan());
  console_.answer(409, R"json({"error": {"message": "alert 7 is with ben since 2026-07-01 12:00 CEST (pressed 1)",
    "expected": "take_over"}})json");
  const Ran refused = run("ack 7 --by ada");
  EXPECT_EQ(refused.exit, Exit::falls_short);
  EXPECT_THAT(refused.err, HasSubstr("alert 7 is with ben since 2026-07-01 12:00 CEST"));
  console_.answer(202, R"({"accepted": true, "id": 7})");
  EXPECT_EQ(run("ack 7 --by ada --take-over").exit, Exit::good);
  EXPECT_EQ(console_.asked(), R"(POST /api/v1/alerts/acknowledge {"by":"ada","id":7,"take_over":true})");
}

TEST_F(AlertCommands, AnEscalationThatIsNotThereHasANeighbour) {
  configure(plan());
  EXPECT_THAT(run("who --escalation nigth").err, HasSubstr("(there are: main, night); did you mean \"night\"?"));
}

// By night a mail and the provider's number, and nobody who gets up.
constexpr std::string_view quiet_plan = R"(
oncall:
  time_zone: Europe/Berlin
  people:
    - { name: ada, contacts: [{ call: "+494089120417" }] }
    - { name: ben, contacts: [{ mail: ben@shop.de }] }
  schedules:
    - name: week
      rotations:
        - { people: [ada], start: 2026-01-05, hours: { from: "07:00", until: "03:00" } }
        - { people: [ben], start: 2026-01-05 }
  outside_parties: [{ name: uplink, is: internet provider, out_of_hours: "+494089120500", confirmed: 2026-01-01 }]
  escalation: [{ name: main, steps: [{ notify: [week] }, { notify: [uplink], after: 15m }] }]
  channels: { sip: { server: "127.0.0.1:9", user: "1", password: x }, mail: { server: "127.0.0.1:25", tls: off, from: a@shop.de } }
)";

TEST_F(AlertCommands, AMailAndTheProvidersNumberWakeNobodyOfOurs) {
  configure(quiet_plan);
  const Ran ready = run("ready");
  EXPECT_THAT(ready.out,
              HasSubstr("bad      oncall           main rings nobody of yours by call or SMS: only ben by mail, "
                        "uplink (outside), from 20"));
  EXPECT_THAT(ready.out, testing::ContainsRegex("from 20..-..-.. 03:00 CE.*to 20..-..-.. 07:00 CE"));
  const Ran night = run("who --at \"2026-12-10 03:00\"");
  EXPECT_EQ(night.exit, Exit::good);
  EXPECT_THAT(night.out,
              HasSubstr("GAP: main rings nobody of yours by call or SMS: only ben by mail, uplink (outside)"));
  EXPECT_THAT(run("who --json --at \"2026-12-10 03:00\"").json()["gaps"].dump(), HasSubstr("nobody of yours"));
  EXPECT_THAT(run("who --at \"2026-12-10 02:59\"").out, Not(HasSubstr("GAP")));
  EXPECT_EQ(run("who --json --at \"2026-12-10 07:00\"").json()["gaps"].size(), 0u);
  const Ran check = run("check");
  EXPECT_EQ(check.exit, Exit::good);
  EXPECT_THAT(check.err, HasSubstr("main rings nobody of yours by call or SMS"));
  EXPECT_THAT(check.out, HasSubstr("stretches in which nobody of yours is rung in the next four weeks"));
}

TEST_F(AlertCommands, ReadySaysWhichChannelFailsAndThatTheStoreCannotBeWritten) {
  configure_with_console(plan());
  const std::string now = iso_time(SystemClock().wall_now());
  console_.answer(200, fmt::format(R"json({{"store_error": "tenfold.db: disk full", "alerts": [{{"sends": [
    {{"by": "modem", "state": "sent", "detail": "", "trouble": "sip: wrong password", "created_at": "{0}"}},
    {{"by": "sip", "state": "failed", "detail": "busy", "trouble": "sip: busy (486)", "created_at": "{0}"}}, 7]}}, 7]}})json",
                                   now));
  const Ran ran = run("ready");
  EXPECT_THAT(ran.out,
              HasSubstr("bad      channels         sip failed today (wrong password), and has not worked yet"));
  EXPECT_THAT(ran.out, HasSubstr("bad      store            it rings from memory"));
  EXPECT_THAT(ran.out, HasSubstr("disk full"));
}

TEST_F(AlertCommands, ReadyNamesWhatCannotWorkAndAMaintenanceOfYears) {
  std::string text = plan();
  text.replace(text.find("password: x"), 11, "password: replace-me");
  configure_with_console(
      "watch: { maintenance: [{ from: 2020-01-01, until: 2190-01-01 }], checks: [{ name: front, http: "
      "\"http://127.0.0.1:1/\" }] }\n" +
      text);
  console_.answer(200, R"({"checks": []})");
  const Ran ran = run("ready");
  EXPECT_THAT(ran.out,
              HasSubstr("bad      oncall           oncall.channels.sip.password still says what an example says"));
  EXPECT_THAT(ran.out, HasSubstr("bad      watch            every check is in maintenance until 2190-01-01 00:00 UTC"));
}

}  // namespace
}  // namespace tenfold::app
