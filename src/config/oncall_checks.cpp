#include <algorithm>
#include <map>
#include <set>

#include "config/schema/scalars.hpp"
#include "config/sections.hpp"

// What must hold between the parts of the on-call plan: names exist, channels are there, nobody is asked to answer in a
// hole of the week.
namespace tenfold::config {
namespace {

using oncall::ChannelKind;

constexpr auto confirmation_lasts = std::chrono::days(366);  // of an outside party's numbers; then a warning

// What each name of the plan and of the checks is: for whoever writes one where another kind belongs.
using Kinds = std::map<std::string, std::string_view, std::less<>>;

class Names {
 public:
  void note(const std::string& name, const Node& at) { known_.emplace(name, &at); }

  // As note(), and an error if the name is taken.
  void add(const std::string& name, const Node& at, std::string_view way, Reader& reader) {
    if (name.empty()) return;
    const auto [first, added] = known_.emplace(name, &at);
    if (added) return;
    reader.error(at, fmt::format("{}: \"{}\" is taken already (line {})", way, name, first->second->mark.line));
  }

  // An error unless the name is known: with the nearest that is, or what it is instead, or which there are.
  void look_up(const std::string& name, const Node& at, std::string_view way, std::string_view kind, const Kinds& kinds,
               Reader& reader) const {
    if (name.empty() || known_.contains(name)) return;
    reader.error(at, fmt::format("{}: there is no {} \"{}\"{}", way, kind, name, instead_of(name, kinds)));
  }

 private:
  std::string instead_of(const std::string& name, const Kinds& kinds) const {
    if (const auto other = kinds.find(name); other != kinds.end()) return fmt::format("; that is {}", other->second);
    std::vector<std::string_view> names;
    for (const auto& [known, node] : known_) names.push_back(known);
    if (const auto meant = nearest(name, names); !meant.empty()) return fmt::format("; did you mean \"{}\"?", meant);
    constexpr std::size_t most_named = 5;
    if (names.empty() || names.size() > most_named) return "";
    return fmt::format("; there {} {}", names.size() == 1 ? "is" : "are", fmt::join(names, ", "));
  }

  std::map<std::string, const Node*> known_;
};

Kinds kinds_of(const OnCall& oncall) {
  Kinds kinds;
  const auto add = [&](const auto& items, std::string_view kind) {
    for (const auto& item : items) kinds.emplace(item.name, kind);
  };
  add(oncall.people, "a person");
  add(oncall.schedules, "a schedule");
  add(oncall.outside_parties, "an outside party");
  add(oncall.escalations, "an escalation");
  return kinds;
}

bool reaches(const Channels& channels, ChannelKind channel) {
  switch (channel) {
    case ChannelKind::call: return channels.sip || channels.twilio;
    case ChannelKind::sms: return channels.twilio || channels.modem;
    case ChannelKind::mail: return channels.mail.has_value();
    case ChannelKind::telegram: return channels.telegram.has_value();
    case ChannelKind::ntfy: return channels.ntfy.has_value();
    case ChannelKind::slack: return channels.slack.has_value();
    case ChannelKind::teams: return channels.teams.has_value();
    case ChannelKind::webhook: return channels.webhook.has_value();
    case ChannelKind::pagerduty: return channels.pagerduty.has_value();
  }
  return false;
}

std::string_view needed(ChannelKind channel) {
  switch (channel) {
    case ChannelKind::call: return "a call needs channels.sip or channels.twilio";
    case ChannelKind::sms: return "an SMS needs channels.twilio or channels.modem";
    case ChannelKind::mail: return "a mail needs channels.mail";
    case ChannelKind::telegram: return "Telegram needs channels.telegram";
    case ChannelKind::ntfy: return "ntfy needs channels.ntfy";
    case ChannelKind::slack: return "Slack needs channels.slack";
    case ChannelKind::teams: return "Teams needs channels.teams";
    case ChannelKind::webhook: return "a webhook needs channels.webhook";
    case ChannelKind::pagerduty: return "PagerDuty needs channels.pagerduty";
  }
  return "";
}

void check_people(const OnCall& oncall, const Node& node, Reader& reader) {
  for (std::size_t i = 0; i < oncall.people.size(); ++i) {
    const oncall::Person& person = oncall.people[i];
    const Node& at = node.item("people", i);
    bool rung = false;
    for (std::size_t j = 0; j < person.contacts.size(); ++j) {
      rung = rung || person.contacts[j].channel == ChannelKind::call;
      if (!reaches(oncall.channels, person.contacts[j].channel)) {
        reader.error(at.item("contacts", j),
                     fmt::format("oncall.people[{}].contacts[{}]: {}", i, j, needed(person.contacts[j].channel)));
      }
    }
    if (!rung && !person.contacts.empty()) {
      reader.warning(
          at, fmt::format("oncall.people[{}]: {} has no \"call\" among the contacts, and sleeps through the rest", i,
                          person.name));
    }
  }
}

void check_holes(const oncall::Schedule& schedule, const Node& node, std::string_view way, Reader& reader) {
  std::vector<Hours> hours;
  auto first_start = std::chrono::sys_days::max();
  for (const oncall::Rotation& rotation : schedule.rotations) {
    hours.push_back(rotation.hours.value_or(Hours{}));
    first_start = std::min(first_start, rotation.start);
  }
  if (const int hole = first_hole(hours); !schedule.rotations.empty() && hole < minutes_a_week) {
    reader.warning(
        node, fmt::format("{}: nobody answers from {} on; add a rotation without hours for the rest of the week", way,
                          week_minute_text(hole)));
  }
  if (!schedule.rotations.empty() && first_start > reader.surroundings().now) {
    reader.warning(node, fmt::format("{}: nobody answers before {}", way, date_text(first_start)));
  }
}

void check_schedules(const OnCall& oncall, const Node& node, const Names& people, const Kinds& kinds, Reader& reader) {
  for (std::size_t i = 0; i < oncall.schedules.size(); ++i) {
    const oncall::Schedule& schedule = oncall.schedules[i];
    const Node& at = node.item("schedules", i);
    const std::string way = fmt::format("oncall.schedules[{}]", i);
    for (std::size_t j = 0; j < schedule.rotations.size(); ++j) {
      const Node& rotation = at.item("rotations", j);
      for (std::size_t k = 0; k < schedule.rotations[j].people.size(); ++k) {
        people.look_up(schedule.rotations[j].people[k], rotation.item("people", k),
                       fmt::format("{}.rotations[{}].people[{}]", way, j, k), "person", kinds, reader);
      }
    }
    for (std::size_t j = 0; j < schedule.overrides.size(); ++j) {
      people.look_up(schedule.overrides[j].person, at.item("overrides", j).at("person"),
                     fmt::format("{}.overrides[{}].person", way, j), "person", kinds, reader);
    }
    check_holes(schedule, at, way, reader);
  }
}

void check_outside_parties(const OnCall& oncall, const Node& node, Reader& reader) {
  for (std::size_t i = 0; i < oncall.outside_parties.size(); ++i) {
    const oncall::OutsideParty& party = oncall.outside_parties[i];
    const Node& at = node.item("outside_parties", i);
    const std::string way = fmt::format("oncall.outside_parties[{}]", i);
    if (at.find("office") == nullptr && at.find("out_of_hours") == nullptr) {
      reader.error(at, fmt::format("{}: has no number, expected office, out_of_hours or both", way));
    } else if (at.find("out_of_hours") == nullptr && party.hours) {
      reader.warning(at, fmt::format("{}: has no out_of_hours number, and attacks come out of hours", way));
    }
    if (!party.confirmed) {
      reader.warning(
          at, fmt::format("{}: nobody has tried its numbers; when somebody has, say so with \"confirmed\"", way));
    } else if (*party.confirmed > reader.surroundings().now) {
      reader.error(at.at("confirmed"),
                   fmt::format("{}.confirmed: {} is yet to come", way, date_text(*party.confirmed)));
    } else if (*party.confirmed + confirmation_lasts < reader.surroundings().now) {
      reader.warning(at.at("confirmed"),
                     fmt::format("{}.confirmed: its numbers were last tried on {}, more than a year ago", way,
                                 date_text(*party.confirmed)));
    }
  }
}

void check_escalations(const OnCall& oncall, const Node& node, const Names& all, const Kinds& kinds, Reader& reader) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < oncall.escalations.size(); ++i) {
    const oncall::Escalation& escalation = oncall.escalations[i];
    const Node& at = node.item("escalation", i);
    if (!escalation.name.empty() && !names.insert(escalation.name).second) {
      reader.error(at.at("name"), fmt::format("oncall.escalation[{}].name: \"{}\" is the name of another one too", i,
                                              escalation.name));
    }
    for (std::size_t j = 0; j < escalation.steps.size(); ++j) {
      const oncall::EscalationStep& step = escalation.steps[j];
      const Node& step_at = at.item("steps", j);
      if (j > 0 && step.after <= escalation.steps[j - 1].after) {
        reader.error(step_at.at("after"),
                     fmt::format("oncall.escalation[{}].steps[{}].after: {} is not later than the step before ({})", i,
                                 j, duration_text(step.after), duration_text(escalation.steps[j - 1].after)));
      }
      for (std::size_t k = 0; k < step.notify.size(); ++k) {
        all.look_up(step.notify[k], step_at.item("notify", k),
                    fmt::format("oncall.escalation[{}].steps[{}].notify[{}]", i, j, k),
                    "person, schedule or outside party", kinds, reader);
      }
    }
  }
}

}  // namespace

void check_oncall(const OnCall& oncall, const Node& node, Reader& reader) {
  Names people;
  Names all;
  const auto add = [&](const auto& items, std::string_view key) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      all.add(items[i].name, node.item(key, i).at("name"), fmt::format("oncall.{}[{}].name", key, i), reader);
    }
  };
  for (const oncall::Person& person : oncall.people) people.note(person.name, node);
  add(oncall.people, "people");
  add(oncall.schedules, "schedules");
  add(oncall.outside_parties, "outside_parties");
  const Kinds kinds = kinds_of(oncall);
  check_people(oncall, node, reader);
  check_schedules(oncall, node, people, kinds, reader);
  check_outside_parties(oncall, node, reader);
  check_escalations(oncall, node, all, kinds, reader);
}

void check_watch(const Replaceable& live, const Node& file, Reader& reader) {
  const Node& node = file.at("watch");
  Names checks;
  Names escalations;
  Kinds kinds = live.oncall ? kinds_of(*live.oncall) : Kinds();
  for (const Check& check : live.watch.checks) kinds.emplace(check.name, "a check");
  for (std::size_t i = 0; live.oncall && i < live.oncall->escalations.size(); ++i) {
    escalations.note(live.oncall->escalations[i].name, file);
  }
  bool rings = false;
  for (std::size_t i = 0; i < live.watch.checks.size(); ++i) {
    const Check& check = live.watch.checks[i];
    const Node& at = node.item("checks", i);
    checks.add(check.name, at.at("name"), fmt::format("watch.checks[{}].name", i), reader);
    escalations.look_up(check.escalation, at.at("escalation"), fmt::format("watch.checks[{}].escalation", i),
                        "escalation", kinds, reader);
    rings = rings || check.severity != watch::Severity::info;
  }
  for (std::size_t i = 0; i < live.watch.maintenance.size(); ++i) {
    const auto& names = live.watch.maintenance[i].checks;
    for (std::size_t j = 0; j < names.size(); ++j) {
      checks.look_up(names[j], node.item("maintenance", i).item("checks", j),
                     fmt::format("watch.maintenance[{}].checks[{}]", i, j), "check", kinds, reader);
    }
  }
  if (rings && !live.oncall)
    reader.warning(node, "watch: there is no \"oncall\", so nobody is told when a check fails");
}

}  // namespace tenfold::config
