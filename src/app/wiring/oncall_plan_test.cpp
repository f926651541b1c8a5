#include "app/wiring/oncall_plan.hpp"

#include <gtest/gtest.h>

#include "app/wiring/watch_settings.hpp"
#include "config/load.hpp"

namespace tenfold::app {
namespace {

using namespace std::chrono_literals;

config::Config loaded(const std::string& rest) {
  auto found = config::load_text(
      "shop: Corner\nlisten: [{ address: 127.0.0.1:0 }]\norigins: [{ name: a, servers: [127.0.0.1:1] }]\n" + rest,
      "shop.yaml", ".");
  for (const auto& problem : found.problems) {  // what this machine warns of is nothing to these tests
    if (problem.severity != config::Severity::error) continue;
    ADD_FAILURE_AT(problem.file.c_str(), problem.line) << problem.message;
  }
  return *found.config;
}

TEST(OnCallPlan, HoursKeepTheirDaysAndPartiesTheirZone) {
  const auto config = loaded(R"(
oncall:
  time_zone: Europe/Berlin
  people: [{ name: ada, language: de, contacts: [{ call: "+4930123456" }, { sms: "+4930123456", after: 2m }] }]
  outside_parties:
    - { name: uplink, is: internet provider, customer_number: K-1, office: "+493055500100", out_of_hours: "+493055500199",
        hours: { days: [mon, sun], from: "08:00", until: "18:00" }, confirmed: 2026-09-01 }
  escalation: [{ name: main, steps: [{ notify: [ada], after: 0s }, { notify: [uplink], after: 15m }] }]
  channels: { sip: { server: "127.0.0.1:5060", user: "1", password: x }, modem: { spool: /tmp }, mail: { server: "127.0.0.1:25", tls: off, from: a@b.example } }
)");
  const oncall::Plan plan = oncall_plan(config.live);
  EXPECT_EQ(plan.shop, "Corner");
  ASSERT_EQ(plan.people.size(), 1u);
  EXPECT_EQ(plan.people[0].language, oncall::Language::de);
  EXPECT_EQ(plan.people[0].contacts[1], (oncall::Contact{oncall::ChannelKind::sms, "+4930123456", 2min}));
  ASSERT_EQ(plan.outside_parties.size(), 1u);
  EXPECT_EQ(plan.outside_parties[0].time_zone, "Europe/Berlin");
  EXPECT_EQ(plan.outside_parties[0].hours->days, (std::vector{std::chrono::Monday, std::chrono::Sunday}));
  EXPECT_EQ(plan.without_uplink, std::vector{oncall::ChannelKind::sms});
  EXPECT_EQ(plan.escalations[0].steps[1].after, 15min);
}

TEST(OnCallPlan, OnlyEscalationsThatAreThereCanBeNamed) {
  oncall::Plan plan;
  EXPECT_TRUE(has_escalation(plan, ""));
  EXPECT_FALSE(has_escalation(plan, "main"));
  plan.escalations = {{.name = "main", .steps = {}}, {.name = "night", .steps = {}}};
  EXPECT_TRUE(has_escalation(plan, "night"));
  EXPECT_FALSE(has_escalation(plan, "nigth"));
}

TEST(WatchSettings, EveryKindOfCheckArrives) {
  const auto config = loaded(R"(
watch:
  anchors: ["192.0.2.1:443"]
  checks:
    - { name: front, http: { url: "http://127.0.0.1/", expect: { status: 204, text: hi, json: { pointer: /a, equals: "1" } } }, every: 5s, timeout: 2s }
    - { name: port, tcp: "127.0.0.1:25", severity: warning }
    - { name: cert, tls: "shop.example:443" }
    - { name: names, dns: shop.example }
oncall: { people: [{ name: ada, contacts: [{ call: "+493055500100" }] }], escalation: [{ name: main, steps: [{ notify: [ada] }] }],
          channels: { sip: { server: "127.0.0.1:5060", user: "1", password: x } } }
)");
  const watch::Settings settings = watch_settings(config.live.watch);
  ASSERT_EQ(settings.checks.size(), 4u);
  const auto& front = std::get<watch::HttpProbe>(settings.checks[0].probe);
  EXPECT_EQ(front.expect.status_from, 204);
  EXPECT_EQ(front.expect.json_pointer, "/a");
  EXPECT_EQ(settings.checks[0].every, 5s);
  EXPECT_EQ(settings.checks[1].severity, watch::Severity::warning);
  EXPECT_EQ(std::get<watch::TlsProbe>(settings.checks[2].probe).server_name, "shop.example");
  EXPECT_EQ(std::get<watch::DnsProbe>(settings.checks[3].probe).name, "shop.example");
  EXPECT_EQ(settings.anchors[0].host, "192.0.2.1");
  EXPECT_EQ(watch_prober_options(config.live.watch).authorities, "");
  config::Watch own = config.live.watch;
  own.authorities = "/etc/shop/ca.pem";
  EXPECT_EQ(watch_prober_options(own).authorities, "/etc/shop/ca.pem");
}

}  // namespace
}  // namespace tenfold::app
