#include "app/wiring/oncall_plan.hpp"

#include <algorithm>

namespace tenfold::app {
namespace {

oncall::ChannelKind kind(config::Channel from) {
  switch (from) {
    case config::Channel::call: return oncall::ChannelKind::call;
    case config::Channel::sms: return oncall::ChannelKind::sms;
    case config::Channel::mail: return oncall::ChannelKind::mail;
    case config::Channel::telegram: return oncall::ChannelKind::telegram;
    case config::Channel::ntfy: return oncall::ChannelKind::ntfy;
    case config::Channel::slack: return oncall::ChannelKind::slack;
    case config::Channel::teams: return oncall::ChannelKind::teams;
    case config::Channel::webhook: return oncall::ChannelKind::webhook;
    case config::Channel::pagerduty: return oncall::ChannelKind::pagerduty;
  }
  return oncall::ChannelKind::call;
}

oncall::Language language(config::Language from) {
  switch (from) {
    case config::Language::en: return oncall::Language::en;
    case config::Language::de: return oncall::Language::de;
    case config::Language::fr: return oncall::Language::fr;
    case config::Language::es: return oncall::Language::es;
  }
  return oncall::Language::en;
}

oncall::Hours hours(const config::Hours& from) {
  oncall::Hours to{.days = {}, .from = from.from, .until = from.until};
  for (const config::Weekday day : from.days) {
    to.days.emplace_back(static_cast<unsigned>(day) + 1);  // the standard's week begins on Sunday, 0
  }
  return to;
}

std::optional<oncall::Hours> hours(const std::optional<config::Hours>& from) {
  return from ? std::optional(hours(*from)) : std::nullopt;
}

oncall::LocalTime local(const config::LocalTime& from) { return {from.day, from.time}; }

oncall::Person person(const config::Person& from) {
  oncall::Person to{.name = from.name, .language = language(from.language), .contacts = {}};
  for (const config::Contact& contact : from.contacts) {
    to.contacts.push_back({kind(contact.channel), contact.to, contact.after});
  }
  return to;
}

oncall::Schedule schedule(const config::Schedule& from, const std::string& zone) {
  oncall::Schedule to{.name = from.name, .time_zone = from.time_zone.empty() ? zone : from.time_zone};
  for (const config::Rotation& rotation : from.rotations) {
    to.rotations.push_back({.people = rotation.people,
                            .start = rotation.start,
                            .handover = rotation.handover,
                            .length = std::chrono::duration_cast<std::chrono::hours>(rotation.length),
                            .hours = hours(rotation.hours)});
  }
  for (const config::Override& over : from.overrides) {
    to.overrides.push_back({over.person, local(over.from), local(over.until)});
  }
  return to;
}

oncall::OutsideParty party(const config::OutsideParty& from, const std::string& zone) {
  return {.name = from.name,
          .is = from.is,
          .language = oncall::Language::en,
          .customer_number = from.customer_number,
          .office = from.office,
          .hours = hours(from.hours),
          .time_zone = from.time_zone.empty() ? zone : from.time_zone,
          .out_of_hours = from.out_of_hours,
          .confirmed = from.confirmed};
}

oncall::Escalation escalation(const config::Escalation& from) {
  oncall::Escalation to{.name = from.name, .steps = {}, .repeat = from.repeat, .repeat_after = from.repeat_after};
  for (const config::EscalationStep& step : from.steps) to.steps.push_back({step.notify, step.after});
  return to;
}

}  // namespace

oncall::Plan oncall_plan(const config::Replaceable& live) {
  oncall::Plan plan{.shop = live.shop};
  if (!live.oncall) return plan;
  const config::OnCall& from = *live.oncall;
  plan.time_zone = from.time_zone;
  for (const auto& each : from.people) plan.people.push_back(person(each));
  for (const auto& each : from.schedules) plan.schedules.push_back(schedule(each, from.time_zone));
  for (const auto& each : from.outside_parties) plan.outside_parties.push_back(party(each, from.time_zone));
  for (const auto& each : from.escalation) plan.escalations.push_back(escalation(each));
  plan.acknowledged_for = from.acknowledged_for;
  plan.remind_every = from.remind_every;
  plan.over_after = from.over_after;
  plan.digits = {from.digits.acknowledge, from.digits.escalate, from.digits.say_again};
  if (from.channels.modem) plan.without_uplink = {oncall::ChannelKind::sms};
  return plan;
}

bool has_escalation(const oncall::Plan& plan, std::string_view name) {
  return name.empty() || std::ranges::find(plan.escalations, name, &oncall::Escalation::name) != plan.escalations.end();
}

}  // namespace tenfold::app
