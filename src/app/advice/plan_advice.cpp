#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/advice/advice.hpp"
#include "app/alarm_service/api_json.hpp"
#include "app/alarm_service/facts.hpp"
#include "oncall/people/local_time.hpp"
#include "oncall/people/oversights.hpp"
#include "oncall/people/roster.hpp"

namespace tenfold::app {
namespace {

constexpr std::size_t most_stretches = 5;  // of a kind; the next ones are mostly the same, a day later

const config::Node& escalation_node(const oncall::Plan& plan, std::string_view name, const config::Node& oncall) {
  const auto found = std::ranges::find(plan.escalations, name, &oncall::Escalation::name);
  return oncall.item("escalation", static_cast<std::size_t>(found - plan.escalations.begin()));
}

std::string and_more(std::size_t all, std::string_view one, std::string_view many) {
  const std::size_t more = all - most_stretches;
  return fmt::format("and {} more such {} in the next four weeks", more, more == 1 ? one : many);
}

// Steps that will reach nobody, although each part of the plan is good by itself.
void add_holes(const oncall::Plan& plan, const config::Node& oncall, WallTime now, Warnings& warnings) {
  const auto holes = oncall::holes(plan, now, now + weeks_ahead);
  for (std::size_t i = 0; i < std::min(holes.size(), most_stretches); ++i) {
    warnings.add(escalation_node(plan, holes[i].escalation, oncall).item("steps", holes[i].step),
                 hole_text(plan, holes[i]));
  }
  if (holes.size() > most_stretches) warnings.add(oncall, and_more(holes.size(), "hole", "holes"));
}

void add_quiet(const oncall::Plan& plan, const config::Node& oncall, WallTime now, Warnings& warnings) {
  const auto all = oncall::quiet_stretches(plan, now, now + weeks_ahead);
  for (std::size_t i = 0; i < std::min(all.size(), most_stretches); ++i) {
    warnings.add(escalation_node(plan, all[i].escalation, oncall), quiet_text(plan, all[i]));
  }
  if (all.size() > most_stretches)
    warnings.add(oncall, and_more(all.size(), "stretch in which nobody of yours is rung",
                                  "stretches in which nobody of yours is rung"));
}

// Escalations that name none of the shop's own: allowed, and hardly meant.
void add_outside_only(const oncall::Plan& plan, const config::Node& oncall, Warnings& warnings) {
  for (const oncall::Escalation& escalation : plan.escalations) {
    bool names_somebody = false;
    bool names_our_own = false;
    for (const oncall::EscalationStep& step : escalation.steps) {
      for (const std::string& name : step.notify) {
        names_somebody = true;
        names_our_own = names_our_own || oncall::find_outside_party(plan, name) == nullptr;
      }
    }
    if (!names_somebody || names_our_own) continue;
    warnings.add(escalation_node(plan, escalation.name, oncall),
                 fmt::format("escalation {} names outside parties only: nobody of yours is told before one of "
                             "them has pressed a key, or all of it has been repeated",
                             escalation.name));
  }
}

void add_unnamed(const config::Replaceable& live, const config::Node& oncall, Warnings& warnings) {
  const auto& escalations = live.oncall->escalations;
  for (std::size_t i = 1; i < escalations.size(); ++i) {
    const bool is_named = std::ranges::any_of(
        live.watch.checks, [&](const config::Check& check) { return check.escalation == escalations[i].name; });
    if (is_named) continue;
    warnings.add(oncall.item("escalation", i),
                 fmt::format("oncall.escalation[{}]: no check names {}, so no alert goes by it; the first, {}, serves "
                             "whatever names none",
                             i, escalations[i].name, escalations.front().name));
  }
}

void add_never_told(const oncall::Plan& plan, const config::Node& oncall, Warnings& warnings) {
  const auto names = oncall::never_told(plan);
  const auto add = [&](const auto& items, std::string_view key, std::string_view why) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (std::ranges::find(names, items[i].name) == names.end()) continue;
      warnings.add(oncall.item(key, i), fmt::format("oncall.{}[{}]: {} {}", key, i, items[i].name, why));
    }
  };
  add(plan.people, "people", "is told of nothing: no escalation names them, by themselves or by a schedule");
  add(plan.schedules, "schedules", "serves nothing: no escalation names it");
  add(plan.outside_parties, "outside_parties", "is never rung: no escalation names it");
}

void add_shared_numbers(const oncall::Plan& plan, const config::Node& oncall, Warnings& warnings) {
  for (const oncall::SharedNumber& shared : oncall::shared_numbers(plan)) {
    const config::Node* at = &oncall;
    for (std::size_t i = 0; i < plan.people.size(); ++i) {  // the last one who has it
      const auto& contacts = plan.people[i].contacts;
      for (std::size_t j = 0; j < contacts.size(); ++j) {
        if (contacts[j].to == shared.number) at = &oncall.item("people", i).item("contacts", j);
      }
    }
    warnings.add(*at, fmt::format("{} have one number, {}: whoever of them it reaches, the others do not know",
                                  fmt::join(shared.names, " and "), shared.number));
  }
}

void add_overlaps(const oncall::Plan& plan, const config::Node& oncall, Warnings& warnings) {
  for (std::size_t i = 0; i < plan.schedules.size(); ++i) {
    const oncall::Schedule& schedule = plan.schedules[i];
    const auto zone = oncall::zone_of(schedule.time_zone);
    for (const oncall::Overlap& each : oncall::overlaps(schedule)) {
      const config::Node& node = oncall.item("schedules", i);
      warnings.add(
          node.item("overrides", each.loses),
          fmt::format("oncall.schedules[{}].overrides[{}]: from {} to {} it is {} all the same, by overrides[{}] "
                      "(line {}): of two that overlap the first in the list goes before",
                      i, each.loses, oncall::shown_text(zone, oncall::moment_of(zone, each.from)),
                      oncall::shown_text(zone, oncall::moment_of(zone, each.until)),
                      schedule.overrides[each.wins].person, each.wins, node.item("overrides", each.wins).mark.line));
    }
  }
}

}  // namespace

void advise_reach(const oncall::Plan& plan, const config::Node& oncall, WallTime now, Warnings& warnings) {
  add_holes(plan, oncall, now, warnings);
  add_quiet(plan, oncall, now, warnings);
  add_outside_only(plan, oncall, warnings);
}

void advise_plan(const config::Replaceable& live, const oncall::Plan& plan, const config::Node& oncall,
                 Warnings& warnings) {
  if (plan.people.size() == 1) {
    warnings.add(
        oncall.at("people"),
        fmt::format("oncall.people: {} is the only one: who is asleep, ill or on a plane has nobody who is rung "
                    "next",
                    plan.people.front().name));
  }
  add_never_told(plan, oncall, warnings);
  add_shared_numbers(plan, oncall, warnings);
  add_overlaps(plan, oncall, warnings);
  add_unnamed(live, oncall, warnings);
}

}  // namespace tenfold::app
