#include "app/advice/advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "app/alarm_service/facts.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "oncall/people/local_time.hpp"
#include "watch/state/maintenance.hpp"

namespace tenfold::app {
namespace {

std::string checks_of(const std::vector<std::string>& names) {
  return names.empty() ? "every check" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

void Warnings::add(const config::Node& at, std::string message) {
  if (all_.size() >= most) return;
  all_.push_back({config::Severity::warning, file_, at.mark.line, at.mark.column, std::move(message)});
}

void advise_maintenance(const config::Watch& watch, const config::Node& node, WallTime now, Warnings& warnings) {
  const auto zone = oncall::zone_of(watch.time_zone);
  for (std::size_t i = 0; i < watch.maintenance.size(); ++i) {
    const config::Maintenance& each = watch.maintenance[i];
    const auto window = watch::maintenance_window(each.checks, {each.from.day, each.from.time},
                                                  {each.until.day, each.until.time}, watch.time_zone);
    if (!window) continue;
    const auto days = std::chrono::floor<std::chrono::days>(window->until - window->from).count();
    if (window->until <= now) {
      warnings.add(node.item("maintenance", i),
                   fmt::format("watch.maintenance[{}]: it was over at {}: take it out, or give it its next time", i,
                               oncall::shown_text(zone, window->until)));
    } else if (window->until - window->from > longest_maintenance) {
      warnings.add(
          node.item("maintenance", i),
          fmt::format("watch.maintenance[{}]: it lasts {} days, until {}: so long nobody is told when {} fails; "
                      "where that is meant, take the check out or give it severity: info",
                      i, days, oncall::shown_text(zone, window->until), checks_of(each.checks)));
    }
  }
}

std::vector<config::Problem> advice(const config::Loaded& loaded, const std::string& file, WallTime now) {
  Warnings warnings(file);
  const config::Replaceable& live = loaded.config->live;
  const config::Node& root = *loaded.document->root;
  if (live.oncall) {
    const oncall::Plan plan = oncall_plan(live);
    advise_reach(plan, root.at("oncall"), now, warnings);
    advise_plan(live, plan, root.at("oncall"), warnings);
  }
  advise_maintenance(live.watch, root.at("watch"), now, warnings);
  advise_leftovers(root, loaded.problems, warnings);
  return warnings.take();
}

}  // namespace tenfold::app
