#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "console/model.hpp"
#include "console/recorder.hpp"

// The read models as the API gives them (JSON, times in ISO 8601 UTC). Names are part of the API: they stay.
namespace tenfold::console {

using Json = nlohmann::ordered_json;

Json to_json(const Status& status, const Rates& rates);
Json to_json(const OriginPool& pool);
Json to_json(const CacheState& cache);
Json to_json(const Recorder& recorder);  // the last minutes, column by column, oldest first
Json error_json(std::string_view message, std::string_view expected);

// To three decimals: what is beyond is noise and makes the answer hard to read.
double rounded(double value);
Json time_or_null(const std::optional<WallTime>& time);

// Never throws: bytes that are not UTF-8 become U+FFFD.
std::string to_text(const Json& json);

// {"url": "..."} or {"prefix": "..."}. Both are absolute: "https://shop.example/...".
// Errors: invalid, with what was expected.
Result<Purge> parse_purge(std::string_view body);

}  // namespace tenfold::console
