#include "app/wiring/oncall_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/text.hpp"

namespace tenfold::app {
namespace {

// Those that checks name, none of which rings. One that no check names may be meant for whoever drills.
std::vector<std::string> quiet_escalations(const config::Replaceable& live) {
  std::vector<std::string> out;
  for (const oncall::Escalation& escalation : live.oncall->escalations) {
    std::size_t named = 0;
    std::size_t rings = 0;
    for (const config::Check& check : live.watch.checks) {
      if (check.escalation != escalation.name) continue;
      ++named;
      rings += check.severity == watch::Severity::critical ? 1 : 0;
    }
    if (named > 0 && rings == 0) out.push_back(escalation.name);
  }
  return out;
}

// All of the names, and the nearest.
std::string instead_of(std::string_view name, const std::vector<std::string_view>& names) {
  if (names.empty()) return "";
  constexpr std::size_t most = 20;
  const std::string_view meant = config::nearest(name, names);
  const std::vector<std::string_view> first(names.begin(),
                                            names.begin() + static_cast<std::ptrdiff_t>(std::min(most, names.size())));
  return fmt::format(" (there {}: {}{}){}", names.size() == 1 ? "is" : "are", fmt::join(first, ", "),
                     names.size() > most ? fmt::format(" and {} more", names.size() - most) : "",
                     meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant));
}

}  // namespace

oncall::Plan oncall_plan(const config::Replaceable& live) {
  if (!live.oncall) return {.shop = live.shop};
  oncall::Plan plan = *live.oncall;
  plan.shop = live.shop;
  for (auto& schedule : plan.schedules) {
    if (schedule.time_zone.empty()) schedule.time_zone = plan.time_zone;
  }
  for (auto& party : plan.outside_parties) {
    if (party.time_zone.empty()) party.time_zone = plan.time_zone;
  }
  plan.quiet_escalations = quiet_escalations(live);
  if (live.oncall->channels.modem) plan.without_uplink = {oncall::ChannelKind::sms};
  return plan;
}

bool has_escalation(const oncall::Plan& plan, std::string_view name) {
  return name.empty() || std::ranges::find(plan.escalations, name, &oncall::Escalation::name) != plan.escalations.end();
}

std::string no_escalation(const oncall::Plan& plan, std::string_view name, std::string_view where) {
  std::vector<std::string_view> names;
  for (const oncall::Escalation& escalation : plan.escalations) names.emplace_back(escalation.name);
  return fmt::format("there is no escalation \"{}\" in {}{}", name, where, instead_of(name, names));
}

bool has_somebody(const oncall::Plan& plan, std::string_view name) {
  return plan.people.empty() || oncall::find_person(plan, name) != nullptr ||
         oncall::find_outside_party(plan, name) != nullptr;
}

std::string nobody_called(const oncall::Plan& plan, std::string_view name) {
  std::vector<std::string_view> names;
  for (const oncall::Person& person : plan.people) names.emplace_back(person.name);
  return fmt::format("nobody of the plan is called \"{}\"{}", config::shortened(name), instead_of(name, names));
}

}  // namespace tenfold::app
