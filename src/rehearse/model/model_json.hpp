#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

// The model file: JSON by docs/traffic.schema.json, two spaces of indent, templates by name rather than by number, so
// that it can be read and edited. Written whole to a temporary file that then takes the name.
std::string to_json(const TrafficModel& model);
// Errors: invalid, with the place ("shop.traffic.json: populations[0].arrivals.mean_per_s: expected a number, not
// \"two\"") and all of problems_of().
Result<TrafficModel> model_from_json(std::string_view text, std::string_view file);
Result<void> write_model(const TrafficModel& model, const std::string& file);
Result<TrafficModel> read_model(const std::string& file);

}  // namespace tenfold::rehearse
