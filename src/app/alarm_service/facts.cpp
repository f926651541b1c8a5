#include "app/alarm_service/facts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/alarm_service/api_json.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "app/wiring/watch_settings.hpp"
#include "oncall/people/local_time.hpp"
#include "oncall/people/oversights.hpp"
#include "oncall/people/roster.hpp"

namespace tenfold::app {
namespace {

// Seconds that a rehearsal was planned for; what does not say is taken to have been long.
double seconds_of(const ready::Evidence& rehearsal) {
  constexpr double not_said = 1e9;
  const auto summary = nlohmann::json::parse(rehearsal.summary, nullptr, false);
  if (!summary.is_object()) return not_said;
  const auto run = summary.find("run");
  if (run == summary.end() || !run->is_object()) return not_said;
  const auto length = run->find("length_s");
  return length == run->end() || !length->is_number() ? not_said : length->get<double>();
}

// The newest that say something of the shop: not INVALID, and good only if they were long enough.
void add_rehearsals(ready::EvidenceBook& book, ready::Facts& facts) {
  const auto all = book.list(ready::longest_list);
  if (!all) return;
  for (const ready::Evidence& each : *all) {
    const bool says = each.verdict == "PASS" || each.verdict == "FAIL";
    if (each.kind == "rehearsal-limit" && says && !facts.limit) facts.limit = each;
    if (each.kind != "rehearsal" || !says || facts.rehearsal) continue;
    const bool short_one =
        each.verdict == "PASS" && seconds_of(each) < std::chrono::duration<double>(ready::least_rehearsal).count();
    if (!short_one) {
      facts.rehearsal = each;
    } else if (!facts.short_rehearsal) {
      facts.short_rehearsal = each;
    }
  }
}

void add_proofs(const std::string& store_file, ready::Facts& facts) {
  std::error_code error;
  // Looking must not make a store.
  if (store_file.empty() || !std::filesystem::exists(store_file, error)) return;
  auto database = store::Database::open(store_file);
  if (!database) return;
  auto book = ready::EvidenceBook::open(**database);
  if (!book) return;
  add_rehearsals(*book, facts);
  facts.drill_phone = book->latest("drill-phone").value_or(std::nullopt);
}

void add_plan(const oncall::Plan& plan, WallTime now, ready::Facts& facts) {
  facts.people = plan.people.size();
  for (const oncall::Person& person : plan.people) {
    for (const oncall::Contact& contact : person.contacts) facts.can_ring |= oncall::is_loud(contact.channel);
  }
  for (const oncall::Hole& hole : oncall::holes(plan, now, now + weeks_ahead)) {
    facts.holes.push_back(hole_text(plan, hole));
  }
  for (const oncall::Quiet& quiet : oncall::quiet_stretches(plan, now, now + weeks_ahead)) {
    facts.quiet.push_back(quiet_text(plan, quiet));
  }
  facts.oversights = oncall::oversights(plan);
  facts.outside_parties = plan.outside_parties.size();
  facts.unconfirmed = oncall::unconfirmed(plan, now);
}

void add_resting(const Planned& planned, WallTime now, ready::Facts& facts) {
  for (const watch::MaintenanceWindow& window : planned.maintenance) {
    if (now < window.from || now >= window.until || window.until - window.from <= longest_maintenance) continue;
    facts.resting.push_back(fmt::format("{} in maintenance until {}: nobody is told of a failure for so long",
                                        window.checks.empty() ? "every check is"
                                        : window.checks.size() == 1
                                            ? window.checks.front() + " is"
                                            : fmt::format("{} are", fmt::join(window.checks, ", ")),
                                        oncall::shown_text(oncall::zone_of(planned.watch_time_zone), window.until)));
  }
}

// A setting under oncall.channels, by its key.
struct Setting {
  std::string_view key;
  std::string value;
};

std::vector<Setting> settings_of(const config::Channels& channels) {
  std::vector<Setting> all;
  const auto add = [&](std::string_view key, std::string value) { all.push_back({key, std::move(value)}); };
  if (channels.sip) {
    add("sip.server", channels.sip->server.host);
    add("sip.user", channels.sip->user);
    add("sip.password", channels.sip->password.reveal());
  }
  if (channels.twilio) {
    add("twilio.account", channels.twilio->account);
    add("twilio.token", channels.twilio->token.reveal());
  }
  if (channels.mail) {
    add("mail.server", channels.mail->server.host);
    add("mail.password", channels.mail->password.reveal());
  }
  if (channels.telegram) add("telegram.token", channels.telegram->token.reveal());
  if (channels.ntfy) add("ntfy.token", channels.ntfy->token.reveal());
  if (channels.slack) add("slack.url", channels.slack->url.reveal());
  if (channels.teams) add("teams.url", channels.teams->url.reveal());
  if (channels.pagerduty) add("pagerduty.key", channels.pagerduty->key.reveal());
  return all;
}

// Words that stand for a secret, and servers whose names no resolver knows. Not those whose names documentation uses
// and that exist all the same.
std::vector<std::string> unworkable(const config::Channels& channels) {
  std::vector<std::string> out;
  for (const Setting& setting : settings_of(channels)) {
    const bool is_server = setting.key.ends_with(".server");
    if (oncall::is_placeholder(setting.value)) {
      out.push_back(fmt::format("oncall.channels.{} still says what an example says: write your own", setting.key));
    } else if (is_server && oncall::is_example_host(setting.value)) {
      out.push_back(
          fmt::format("oncall.channels.{} is {}, a name of examples: write your own", setting.key, setting.value));
    }
  }
  return out;
}

}  // namespace

Planned planned(const config::Replaceable& live) {
  return {.plan = oncall_plan(live),
          .maintenance = watch_settings(live.watch).maintenance,
          .watch_time_zone = live.watch.time_zone,
          .unworkable = live.oncall ? unworkable(live.oncall->channels) : std::vector<std::string>()};
}

ready::Facts readiness_facts(const Planned& planned, const watch::View* checks, const std::string& store_file,
                             WallTime now) {
  ready::Facts facts;
  add_proofs(store_file, facts);
  add_plan(planned.plan, now, facts);
  add_resting(planned, now, facts);
  facts.unworkable = planned.unworkable;
  if (checks == nullptr) return facts;
  facts.checks = checks->checks.size();
  for (const watch::CheckView& check : checks->checks) {
    if (check.state == watch::State::down) facts.down.push_back(check.name);
  }
  return facts;
}

}  // namespace tenfold::app
