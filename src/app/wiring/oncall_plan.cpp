#include "app/wiring/oncall_plan.hpp"

#include <algorithm>

namespace tenfold::app {

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
  if (live.oncall->channels.modem) plan.without_uplink = {oncall::ChannelKind::sms};
  return plan;
}

bool has_escalation(const oncall::Plan& plan, std::string_view name) {
  return name.empty() || std::ranges::find(plan.escalations, name, &oncall::Escalation::name) != plan.escalations.end();
}

}  // namespace tenfold::app
