#include "app/advice/advice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "config/load.hpp"

namespace tenfold::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// 2026-12-01 09:00 UTC.
const WallTime now = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 12 / 1)) + std::chrono::hours(9);

const std::string head =
    "shop: S\nlisten: [{ address: 127.0.0.1:80 }]\norigins: [{ name: a, servers: [b:1] }]\n";  // lines 1 to 3
const std::string channels = "  channels: { sip: { server: 'sip.shop.de:5060', user: u, password: p } }\n";
const std::string whole_plan =
    "oncall:\n"                                                                            // 4
    "  time_zone: Europe/Berlin\n"                                                         // 5
    "  people:\n"                                                                          // 6
    "    - { name: ada, contacts: [{ call: '+494089120417' }] }\n"                         // 7
    "    - { name: bela, contacts: [{ call: '+494089120418' }] }\n"                        // 8
    "  escalation:\n"                                                                      // 9
    "    - { name: main, steps: [{ notify: [ada] }, { notify: [bela], after: 5m }] }\n" +  // 10
    channels;                                                                              // 11

std::string said_of(const std::string& text) {
  config::Surroundings surroundings{.environment = [](const std::string&) { return std::nullopt; }, .now = now};
  const auto loaded = config::load_text(head + text, "f", ".", surroundings);
  std::string out;
  for (const auto& problem : loaded.problems) out += config::text(problem) + "\n";
  EXPECT_TRUE(loaded.ok()) << out;
  if (!loaded.ok()) return out;
  std::string said;
  for (const auto& problem : advice(loaded, "f", now)) said += config::text(problem) + "\n";
  return said;
}

TEST(Advice, NoneOfAPlanThatIsWhole) { EXPECT_EQ(said_of(whole_plan), ""); }

TEST(Advice, OnePersonOnly) {
  EXPECT_THAT(said_of("oncall:\n  people: [{ name: ada, contacts: [{ call: '+494089120417' }] }]\n"
                      "  escalation: [{ name: main, steps: [{ notify: [ada] }] }]\n" +
                      channels),
              HasSubstr("f:5:11: warning: oncall.people: ada is the only one"));
}

TEST(Advice, OneNumberForTwoAndWhomNobodyRings) {
  const std::string said = said_of(
      "oncall:\n"
      "  people:\n"
      "    - { name: ada, contacts: [{ call: '+494089120417' }] }\n"
      "    - { name: bela, contacts: [{ call: '+494089120418' }, { sms: '+494089120417' }] }\n"
      "  schedules: [{ name: spare, rotations: [{ people: [ada], start: 2026-01-05 }] }]\n"
      "  outside_parties: [{ name: uplink, is: provider, office: '+494089120417', confirmed: 2026-11-01 }]\n"
      "  escalation: [{ name: main, steps: [{ notify: [ada] }] }, { name: night, steps: [{ notify: [ada] }] }]\n" +
      channels.substr(0, channels.size() - 3) + ", modem: {} }\n");
  EXPECT_THAT(said, HasSubstr("f:7:59: warning: ada and bela and uplink have one number, +494089120417"));
  EXPECT_THAT(said, HasSubstr("f:7:7: warning: oncall.people[1]: bela is told of nothing"));
  EXPECT_THAT(said, HasSubstr("f:8:15: warning: oncall.schedules[0]: spare serves nothing"));
  EXPECT_THAT(said, HasSubstr("f:9:21: warning: oncall.outside_parties[0]: uplink is never rung"));
  EXPECT_THAT(said, HasSubstr("f:10:60: warning: oncall.escalation[1]: no check names night"));
  EXPECT_THAT(said, Not(HasSubstr("no check names main")));
}

TEST(Advice, OfOverlappingOverridesItSaysWhichWins) {
  const std::string said = said_of(
      "oncall:\n"
      "  time_zone: Europe/Berlin\n"
      "  people:\n"
      "    - { name: ada, contacts: [{ call: '+494089120417' }] }\n"
      "    - { name: bela, contacts: [{ call: '+494089120418' }] }\n"
      "  schedules:\n"
      "    - name: week\n"
      "      rotations: [{ people: [ada], start: 2026-01-05 }]\n"
      "      overrides:\n"
      "        - { person: bela, from: 2026-12-24 09:00, until: 2026-12-26 09:00 }\n"
      "        - { person: ada, from: 2026-12-25, until: 2026-12-27 }\n"
      "  escalation: [{ name: main, steps: [{ notify: [week] }] }]\n" +
      channels);
  EXPECT_EQ(
      said,
      "f:14:11: warning: oncall.schedules[0].overrides[1]: from 2026-12-25 00:00 CET to 2026-12-26 09:00 CET it is "
      "bela all the same, by overrides[0] (line 13): of two that overlap the first in the list goes before\n");
}

TEST(Advice, MaintenanceThatIsOverOrHasNoEnd) {
  const std::string said = said_of(whole_plan +
                                   "watch:\n"                                                          // 12
                                   "  time_zone: Europe/Berlin\n"                                      // 13
                                   "  checks: [{ name: front, tcp: 'b:1' }]\n"                         // 14
                                   "  maintenance:\n"                                                  // 15
                                   "    - { from: 2026-12-02 03:00, until: 2026-12-02 05:00 }\n"       // 16
                                   "    - { checks: [front], from: 2026-01-01, until: 2036-01-01 }\n"  // 17
                                   "    - { from: 2026-12-01 03:00, until: 2026-12-01 10:00 }\n"       // 18
                                   "    - { from: 2026-12-07, until: 2026-12-14 }\n"                   // 19
                                   "    - { from: 2026-12-07, until: 2026-12-14 00:01 }\n");           // 20
  EXPECT_THAT(said,
              HasSubstr("f:17:7: warning: watch.maintenance[1]: it lasts 3652 days, until 2036-01-01 00:00 CET: so "
                        "long nobody is told when front fails"));
  EXPECT_THAT(said, HasSubstr("f:18:7: warning: watch.maintenance[2]: it was over at 2026-12-01 10:00 CET"));
  EXPECT_THAT(said, HasSubstr("f:20:7: warning: watch.maintenance[4]: it lasts 7 days"));
  EXPECT_THAT(said, Not(HasSubstr("maintenance[0]")));
  EXPECT_THAT(said, Not(HasSubstr("maintenance[3]")));
}

TEST(Advice, WhatAnExampleLeft) {
  const std::string said = said_of(
      "oncall:\n"
      "  people:\n"
      "    - { name: ada, contacts: [{ call: '+493012345678' }] }\n"
      "    - { name: bela, contacts: [{ call: '+494089120418' }, { mail: bela@shop.example }] }\n"
      "  escalation: [{ name: main, steps: [{ notify: [ada, bela] }] }]\n"
      "  channels: { sip: { server: 'sip.provider.example:5060', user: changeme, password: replace-me }, mail: { "
      "server: "
      "'127.0.0.1:25', tls: off, from: a@shop.de } }\n"
      "watch: { checks: [{ name: front, http: { url: 'https://www.example.com/', expect: { text: 'write to "
      "ops@shop.example' } "
      "} }] }\n");
  EXPECT_THAT(said,
              HasSubstr("f:6:39: warning: oncall.people[0].contacts[0].call: +493012345678 is a number of examples"));
  EXPECT_THAT(said, HasSubstr("oncall.people[1].contacts[1].mail: shop.example is a name of examples"));
  EXPECT_THAT(said, HasSubstr("oncall.channels.sip.server: sip.provider.example is a name of examples"));
  EXPECT_THAT(said, Not(HasSubstr("sip.password")));  // whoever reads secrets has said it
  EXPECT_THAT(said, HasSubstr("oncall.channels.sip.user: \"changeme\" stands where yours belongs"));
  EXPECT_THAT(said, HasSubstr("watch.checks[0].http.url: www.example.com is a name of examples"));
  EXPECT_THAT(said, Not(HasSubstr("expect.text")));
}

TEST(Advice, AFileThatRefersToItselfIsWalkedOnce) {
  EXPECT_EQ(said_of("x-numbers: &n ['+493012345678']\n" + whole_plan), "");
  const std::string hundred = [] {
    std::string checks = "watch: { checks: [";
    for (int i = 0; i < 99; ++i) checks += "{ name: c" + std::to_string(i) + ", tcp: 'b.example:1' }, ";
    return checks + "{ name: last, tcp: 'b.example:1' }] }\n";
  }();
  EXPECT_THAT(said_of(whole_plan + hundred), HasSubstr("and 70 more values of examples"));
}

TEST(Advice, QuietNightsAreAtTheirEscalation) {
  const std::string said = said_of(
      "oncall:\n"
      "  time_zone: Europe/Berlin\n"
      "  people:\n"
      "    - { name: ada, contacts: [{ call: '+494089120417' }] }\n"
      "    - { name: bela, contacts: [{ mail: bela@shop.de }] }\n"
      "  schedules:\n"
      "    - name: week\n"
      "      rotations: [{ people: [ada], start: 2026-01-05, hours: { from: '07:00', until: '03:00' } }, { people: "
      "[bela], "
      "start: 2026-01-05 }]\n"
      "  escalation: [{ name: main, steps: [{ notify: [week] }] }, { name: office, steps: [{ notify: [bela] }] }]\n"
      "  channels: { sip: { server: 'sip.shop.de:5060', user: u, password: p }, mail: { server: '127.0.0.1:25', tls: "
      "off, "
      "from: a@shop.de } }\n"
      "watch: { checks: [{ name: front, tcp: 'b:1', severity: warning, escalation: office }] }\n");
  EXPECT_THAT(said, HasSubstr("f:12:16: warning: main rings nobody of yours by call or SMS: only bela by mail, from "
                              "2026-12-02 03:00 CET to 2026-12-02 07:00 CET\n"));
  EXPECT_THAT(said, HasSubstr("and 23 more such stretches in which nobody of yours is rung in the next four weeks"));
  EXPECT_THAT(said, Not(HasSubstr("office")));  // its checks only warn
}

}  // namespace
}  // namespace tenfold::app
