#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "oncall/people/roster.hpp"
#include "oncall/service/oncall.hpp"
#include "ready/readiness.hpp"
#include "watch/service/watch.hpp"

// What watch and on-call show, as the API gives it. Names are part of the API: they stay.
namespace tenfold::app {

using Json = nlohmann::ordered_json;

std::string_view severity_name(watch::Severity severity);  // "critical"
Json checks_json(const watch::View& view);
Json history_json(const watch::Series& series);
Json alerts_json(const oncall::View& view);
// Who would be told in an alert that begins at `at`, in the order they would be: `tenfold who`.
Json who_json(const oncall::Plan& plan, const std::string& escalation, WallTime at);
Json ready_json(const std::vector<ready::Item>& items);
// A stretch in which a step reaches nobody, in the plan's own time.
std::string hole_text(const oncall::Plan& plan, const oncall::Hole& hole);
// One in which nobody of the shop's own is rung, likewise.
std::string quiet_text(const oncall::Plan& plan, const oncall::Quiet& quiet);
std::string quiet_text(std::string_view escalation, std::string_view instead);

}  // namespace tenfold::app
