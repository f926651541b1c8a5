#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tenfold::rehearse {

// One promise: "p99<800ms", "errors<0.5%", "checkout:p95<1s".
struct Objective {
  std::string scope;  // templates whose name has this; empty: all requests
  enum class Measure : std::uint8_t { quantile, mean, most, errors } measure = Measure::quantile;
  double share = 0.99;     // of a quantile
  Duration limit{};        // of times
  double error_limit = 0;  // of errors, 0..1
  std::string text;        // as written
};

using Slo = std::vector<Objective>;
inline constexpr std::string_view default_slo = "p99<800ms,errors<0.5%";

// "p99<800ms, errors<0.5%, checkout:p95<1s"; also p50 p90 p99.9, mean, max; < and <=. Errors: invalid, with the part
// and what was expected.
Result<Slo> parse_slo(std::string_view text);

}  // namespace tenfold::rehearse
