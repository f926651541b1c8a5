#include "config/oncall.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/testing.hpp"

namespace tenfold::config {
namespace {

using namespace std::chrono_literals;
using testing::all_text;

const std::string shop_head = "shop: S\nlisten: [{ address: 127.0.0.1:80 }]\norigins: [{ name: a, servers: [b:1] }]\n";
// A plan in which each line can be replaced: {line number: text}.
std::string plan(const std::map<int, std::string>& changes) {
  std::vector<std::string> lines{
      "oncall:",                                                                                                 // 4
      "  time_zone: Europe/Berlin",                                                                              // 5
      "  people: [{ name: ada, contacts: [{ call: '+493012345678' }] }]",                                        // 6
      "  schedules: [{ name: week, rotations: [{ people: [ada], start: 2025-01-06 }] }]",                        // 7
      "  outside_parties: [{ name: isp, is: provider, out_of_hours: '+493055500199', confirmed: 2025-12-01 }]",  // 8
      "  escalation: [{ name: all, steps: [{ notify: [week] }, { notify: [isp], after: 5m }] }]",                // 9
      "  digits: { acknowledge: 1 }",                                                                            // 10
      "  channels: { sip: { server: 's:5060', user: u, password: p } }",                                         // 11
      "watch: { checks: [{ name: front, tcp: 'b:1' }] }"};                                                       // 12
  std::string out = shop_head;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto change = changes.find(static_cast<int>(i) + 4);
    out += (change == changes.end() ? lines[i] : change->second) + "\n";
  }
  return out;
}

std::string problems(const std::map<int, std::string>& changes) {
  const testing::Folder folder;
  return all_text(load_text(plan(changes), "f", folder.path(), testing::surroundings()).problems);
}

TEST(OnCall, ReadsAPlan) {
  const testing::Folder folder;
  const auto loaded = load_text(plan({}), "f", folder.path(), testing::surroundings());
  ASSERT_TRUE(loaded.ok()) << all_text(loaded.problems);
  EXPECT_TRUE(loaded.problems.empty()) << all_text(loaded.problems);
  const OnCall& oncall = *loaded.config->live.oncall;
  EXPECT_EQ(oncall.people[0].contacts[0], (oncall::Contact{oncall::ChannelKind::call, "+493012345678", 0s}));
  EXPECT_EQ(oncall.schedules[0].rotations[0].handover, 9h);
  EXPECT_EQ(oncall.schedules[0].rotations[0].length, 7 * 24h);
  EXPECT_EQ(oncall.escalations[0].steps[1].after, 5min);
  EXPECT_EQ(oncall.channels.sip->password.reveal(), "p");
  EXPECT_EQ(oncall.outside_parties[0].language, std::nullopt);
}

TEST(OnCall, AnOutsidePartyMayHaveALanguageOfItsOwn) {
  const testing::Folder folder;
  const auto loaded = load_text(
      plan({{8,
             "  outside_parties: [{ name: isp, is: provider, language: es, out_of_hours: '+493055500199', confirmed: "
             "2025-12-01 }]"}}),
      "f", folder.path(), testing::surroundings());
  ASSERT_TRUE(loaded.ok()) << all_text(loaded.problems);
  EXPECT_EQ(loaded.config->live.oncall->outside_parties[0].language, oncall::Language::es);
}

TEST(OnCall, AuthoritiesAreFilesBesideTheConfiguration) {
  const testing::Folder folder;
  folder.write("tls/ca.pem", "x");
  const auto loaded = load_text(
      plan({{11,
             "  channels: { sip: { server: 's:5061', user: u, password: p, transport: tls, authorities: tls/ca.pem }, "
             "mail: { server: 'm:25', from: a@b.c, authorities: tls/ca.pem } }"},
            {12, "watch: { authorities: tls/ca.pem, checks: [{ name: front, tcp: 'b:1' }] }"}}),
      "f", folder.path(), testing::surroundings());
  ASSERT_TRUE(loaded.ok()) << all_text(loaded.problems);
  const std::string file = folder.path() + "/tls/ca.pem";
  EXPECT_EQ(loaded.config->live.watch.authorities, file);
  EXPECT_EQ(loaded.config->live.oncall->channels.sip->authorities, file);
  EXPECT_EQ(loaded.config->live.oncall->channels.mail->authorities, file);
}

TEST(OnCall, AuthoritiesThatWouldNotBeUsedOrCannotBeReadAreRefused) {
  const testing::Folder folder;
  folder.write("ca.pem", "x");
  const auto said = [&](const std::map<int, std::string>& changes) {
    return all_text(load_text(plan(changes), "f", folder.path(), testing::surroundings()).problems);
  };
  EXPECT_EQ(said({{11, "  channels: { sip: { server: 's:5060', user: u, password: p, authorities: ca.pem } }"}}),
            "f:11:75: oncall.channels.sip: authorities are for transport: tls, and there is no certificate "
            "here\n");
  EXPECT_EQ(said({{11,
                   "  channels: { sip: { server: 's:5060', user: u, password: p }, mail: { server: 'm:25', from: "
                   "a@b.c, tls: off, authorities: ca.pem } }"}}),
            "f:11:124: oncall.channels.mail: authorities are for an encrypted connection, and tls is off\n");
  EXPECT_EQ(said({{12, "watch: { authorities: none.pem, checks: [{ name: front, tcp: 'b:1' }] }"}}),
            "f:12:23: watch.authorities: cannot read " + folder.path() + "/none.pem: No such file or directory\n");
}

struct WrongOncall {
  int line;
  std::string text;
  std::string expected;
};

std::ostream& operator<<(std::ostream& out, const WrongOncall& wrong) { return out << wrong.text; }

class WrongPlan : public ::testing::TestWithParam<WrongOncall> {};

TEST_P(WrongPlan, IsExplainedAtItsPlace) {
  EXPECT_EQ(problems({{GetParam().line, GetParam().text}}), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    OnCall, WrongPlan,
    ::testing::Values(
        WrongOncall{
            5, "  time_zone: Europe/Berlim",
            "f:5:14: oncall.time_zone: there is no time zone \"Europe/Berlim\", expected one such as Europe/Berlin or "
            "America/New_York\n"},
        WrongOncall{5, "  time_zone: ../etc/passwd",
                    "f:5:14: oncall.time_zone: found \"../etc/passwd\", expected a time zone such as Europe/Berlin\n"},
        WrongOncall{6, "  people: [{ name: ada, contacts: [{ call: '+49 30 12345678' }] }]",
                    "f:6:44: oncall.people[0].contacts[0].call: found \"+49 30 12345678\", expected a phone number in "
                    "international form such as \"+493012345678\"; write \"+493012345678\"\n"},
        WrongOncall{6, "  people: [{ name: ada, contacts: [{ call: '+49 (0)151 1234567' }] }]",
                    "f:6:44: oncall.people[0].contacts[0].call: found \"+49 (0)151 1234567\", expected a phone number "
                    "in international form such as \"+493012345678\"; write \"+491511234567\"\n"},
        WrongOncall{6, "  people: [{ name: ada, contacts: [{ call: '+39 (0)6 12345678' }] }]",
                    "f:6:44: oncall.people[0].contacts[0].call: found \"+39 (0)6 12345678\", expected a phone number "
                    "in international form such as \"+493012345678\"; write \"+390612345678\"\n"},
        WrongOncall{6, "  people: [{ name: ada, contacts: [{ call: '+4901511234567' }] }]",
                    "f:6:44: warning: oncall.people[0].contacts[0].call: \"+4901511234567\" has the digits in it that "
                    "are dialled inside the country only, and will reach nobody; write \"+491511234567\"\n"},
        WrongOncall{6, "  people: [{ name: ada, contacts: [{ call: '+784951234567' }] }]",
                    "f:6:44: warning: oncall.people[0].contacts[0].call: \"+784951234567\" has the digits in it that "
                    "are dialled inside the country only, and will reach nobody; write \"+74951234567\"\n"},
        WrongOncall{6, "  people: [{ name: ada, contacts: [{ call: '030 12345678' }] }]",
                    "f:6:44: oncall.people[0].contacts[0].call: found \"030 12345678\", expected a phone number in "
                    "international "
                    "form such as \"+493012345678\"; begin with + and the country's code, without the 0 after it\n"},
        WrongOncall{
            6, "  people: [{ name: ada, contacts: [{ call: '+493012345678', slack: on }] }]",
            "f:6:36: oncall.people[0].contacts[0]: found 2 channels, expected one of call, sms, mail, telegram, ntfy, "
            "slack, teams, webhook and pagerduty\n"},
        WrongOncall{
            7, "  schedules: [{ name: week, rotations: [{ people: [adda], start: 2025-01-06 }] }]",
            "f:7:52: oncall.schedules[0].rotations[0].people[0]: there is no person \"adda\"; did you mean \"ada\"?\n"},
        WrongOncall{7, "  schedules: [{ name: week, rotations: [{ people: [ada], start: 2025-01-06, length: 90m }] }]",
                    "f:7:85: oncall.schedules[0].rotations[0]: length is not in whole hours\n"},
        WrongOncall{
            7, "  schedules: [{ name: week, rotations: [{ people: [ada], start: 2025-02-30 }] }]",
            "f:7:65: oncall.schedules[0].rotations[0].start: found \"2025-02-30\", which no calendar has, expected a "
            "day "
            "such as 2026-12-24\n"},
        WrongOncall{7, "  schedules: [{ name: week, rotations: [{ people: [ada], start: 2026-01-02 }] }]",
                    "f:7:15: warning: oncall.schedules[0]: nobody answers before 2026-01-02\n"},
        WrongOncall{
            7,
            "  schedules: [{ name: week, rotations: [{ people: [ada], start: 2025-01-06, hours: { until: '23:59' } "
            "}] }]",
            "f:7:15: warning: oncall.schedules[0]: nobody answers from Mon 23:59 on; add a rotation without hours "
            "for the "
            "rest of the week\n"},
        WrongOncall{
            7,
            "  schedules: [{ name: week, rotations: [{ people: [ada], start: 2025-01-06 }], overrides: [{ person: ada, "
            "from: 2026-01-02, until: 2026-01-02 }] }]",
            "f:7:132: oncall.schedules[0].overrides[0]: until is not after from\n"},
        WrongOncall{
            8, "  outside_parties: [{ name: isp, is: provider, out_of_hours: '+493055500199', confirmed: 2024-12-30 }]",
            "f:8:90: warning: oncall.outside_parties[0].confirmed: its numbers were last tried on 2024-12-30, more "
            "than a "
            "year ago\n"},
        WrongOncall{
            8, "  outside_parties: [{ name: isp, is: provider, out_of_hours: '+493055500199', confirmed: 2026-01-02 }]",
            "f:8:90: oncall.outside_parties[0].confirmed: 2026-01-02 is yet to come\n"},
        WrongOncall{8, "  outside_parties: [{ name: isp, is: provider, confirmed: 2025-12-01 }]",
                    "f:8:21: oncall.outside_parties[0]: has no number, expected office, out_of_hours or both\n"},
        WrongOncall{9, "  escalation: [{ name: all, steps: [{ notify: [week] }, { notify: [ispp], after: 5m }] }]",
                    "f:9:68: oncall.escalation[0].steps[1].notify[0]: there is no person, schedule or outside party "
                    "\"ispp\"; did "
                    "you mean \"isp\"?\n"},
        WrongOncall{
            9, "  escalation: [{ name: all, steps: [{ notify: [week], after: 5m }, { notify: [isp], after: 5m }] }]",
            "f:9:92: oncall.escalation[0].steps[1].after: 5m is not later than the step before (5m)\n"},
        WrongOncall{9, "  escalation: [{ name: all, steps: [{ notify: [week] }, { notify: [all], after: 5m }] }]",
                    "f:9:68: oncall.escalation[0].steps[1].notify[0]: there is no person, schedule or outside party "
                    "\"all\"; that is an escalation\n"},
        WrongOncall{9, "  escalation: [{ name: all, steps: [{ notify: [somebody-else] }] }]",
                    "f:9:48: oncall.escalation[0].steps[0].notify[0]: there is no person, schedule or outside party "
                    "\"somebody-else\"; there are ada, isp, week\n"},
        WrongOncall{
            7, "  schedules: [{ name: week, rotations: [{ people: [isp], start: 2025-01-06 }] }]",
            "f:7:52: oncall.schedules[0].rotations[0].people[0]: there is no person \"isp\"; that is an outside "
            "party\n"},
        WrongOncall{12, "watch: { checks: [{ name: front, tcp: 'b:1', escalation: ada }] }",
                    "f:12:58: watch.checks[0].escalation: there is no escalation \"ada\"; that is a person\n"},
        WrongOncall{12,
                    "watch: { checks: [{ name: front, tcp: 'b:1' }], maintenance: [{ checks: [all], from: 2026-02-01, "
                    "until: 2026-02-02 }] }",
                    "f:12:74: watch.maintenance[0].checks[0]: there is no check \"all\"; that is an escalation\n"},
        WrongOncall{10, "  digits: { acknowledge: 2 }", "f:10:11: oncall.digits: one digit does two things\n"},
        WrongOncall{11, "  channels: { mail: { server: 'm:25', from: a@b.c } }",
                    "f:6:36: oncall.people[0].contacts[0]: a call needs channels.sip or channels.twilio\n"},
        WrongOncall{12, "watch: { checks: [{ name: front, tcp: 'b:1', escalation: al }] }",
                    "f:12:58: watch.checks[0].escalation: there is no escalation \"al\"; did you mean \"all\"?\n"},
        WrongOncall{12, "watch: { checks: [{ name: front, tcp: 'b:1', dns: b }] }",
                    "f:12:19: watch.checks[0]: found 2 of http, journey, tcp, dns, tls and heartbeat, expected one\n"},
        WrongOncall{12, "watch: { checks: [{ name: front, tcp: 'b:1', timeout: 31s }] }",
                    "f:12:55: watch.checks[0]: timeout (31s) is longer than every (30s)\n"},
        WrongOncall{
            12, "watch: { checks: [{ name: f, http: { url: 'https://b/', expect: { matches: '(' } } }] }",
            "f:12:76: watch.checks[0].http.expect.matches: found \"(\", which does not compile, expected a regular "
            "expression (RE2) of at most 500 bytes\n"},
        WrongOncall{
            12, "watch: { checks: [{ name: f, http: 'https://user:secret@b/' }] }",
            "f:12:36: watch.checks[0].http: found text with a name or password in it, expected a URL that begins "
            "with "
            "http:// or https://\n"},
        WrongOncall{12, "watch: { checks: [{ name: f, tcp: 'b:1' }, { name: f, tcp: 'b:2' }] }",
                    "f:12:52: watch.checks[1].name: \"f\" is taken already (line 12)\n"}));

TEST(Watch, ACheckThatLooksOftenHasAShorterTimeoutUnlessItSaysWhich) {
  const testing::Folder folder;
  const auto loaded =
      load_text(shop_head + "watch: { checks: [{ name: f, tcp: 'b:1', every: 2s }, { name: g, tcp: 'b:1' }] }\n", "f",
                folder.path(), testing::surroundings());
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config->live.watch.checks[0].timeout, 2s);
  EXPECT_EQ(loaded.config->live.watch.checks[1].timeout, 10s);
}

TEST(OnCall, IsMissedByChecksThatWouldRing) {
  const testing::Folder folder;
  const auto loaded = load_text(shop_head + "watch: { checks: [{ name: f, tcp: 'b:1' }] }\n", "f", folder.path(),
                                testing::surroundings());
  EXPECT_EQ(all_text(loaded.problems),
            "f:4:8: warning: watch: there is no \"oncall\", so nobody is told when a check fails\n");
}

TEST(OnCall, TakesZonesOnTrustWhereTheMachineHasNone) {
  const testing::Folder folder;
  auto without = testing::surroundings();
  without.zoneinfo = folder.path() + "/none";
  const auto loaded = load_text(plan({}), "f", folder.path(), without);
  EXPECT_TRUE(loaded.ok());
  EXPECT_THAT(all_text(loaded.problems), ::testing::HasSubstr("install tzdata"));
}

}  // namespace
}  // namespace tenfold::config
