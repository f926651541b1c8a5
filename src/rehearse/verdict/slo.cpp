#include "rehearse/verdict/slo.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <system_error>

#include "base/text/letters.hpp"

namespace tenfold::rehearse {
namespace {

// "800ms" into 800 and "ms".
std::optional<std::pair<double, std::string_view>> number_and_unit(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !(value >= 0)) return {};
  return std::pair{value, trimmed(text.substr(static_cast<std::size_t>(end - text.data())))};
}

std::optional<Duration> time_of(std::string_view text) {
  const auto found = number_and_unit(text);
  if (!found || found->first <= 0) return {};
  double scale = 0;
  if (found->second == "us") scale = 1e3;
  if (found->second == "ms") scale = 1e6;
  if (found->second == "s") scale = 1e9;
  if (found->second == "m") scale = 60e9;
  if (scale == 0 || found->first * scale > 3600e9) return {};
  return Duration(static_cast<std::int64_t>(std::llround(found->first * scale)));
}

// "p99.9" to 0.999.
std::optional<double> quantile_of(std::string_view text) {
  if (text.size() < 2 || text.front() != 'p') return {};
  const auto found = number_and_unit(text.substr(1));
  if (!found || !found->second.empty() || found->first <= 0 || found->first >= 100) return {};
  return found->first / 100;
}

std::unexpected<Error> mismatch(std::string_view part, std::string_view what) {
  return fail(Errc::invalid, fmt::format("\"{}\": {}", part, what));
}

Result<Objective> objective_of(std::string_view part) {
  Objective objective;
  objective.text = part;
  const std::size_t less = part.find('<');
  if (less == std::string_view::npos) return mismatch(part, "expected an objective such as p99<800ms or errors<0.5%");
  std::string_view measure = trimmed(part.substr(0, less));
  std::string_view limit = part.substr(less + 1);
  if (limit.starts_with('=')) limit.remove_prefix(1);
  limit = trimmed(limit);
  if (const std::size_t colon = measure.rfind(':'); colon != std::string_view::npos) {
    objective.scope = trimmed(measure.substr(0, colon));
    measure = trimmed(measure.substr(colon + 1));
    if (objective.scope.empty()) return mismatch(part, "expected a part of a page's name before the colon");
  }
  if (measure == "errors") {
    objective.measure = Objective::Measure::errors;
    const auto found = number_and_unit(limit);
    if (!found || found->second != "%" || found->first > 100)
      return mismatch(part, fmt::format("expected a share such as 0.5%, not \"{}\"", limit));
    objective.error_limit = found->first / 100;
    return objective;
  }
  if (const auto share = quantile_of(measure)) {
    objective.share = *share;
  } else if (measure == "mean") {
    objective.measure = Objective::Measure::mean;
  } else if (measure == "max") {
    objective.measure = Objective::Measure::most;
  } else {
    return mismatch(part, fmt::format("expected p50, p99.9, mean, max or errors before \"<\", not \"{}\"", measure));
  }
  const auto time = time_of(limit);
  if (!time) return mismatch(part, fmt::format("expected a time such as 800ms or 1.5s, not \"{}\"", limit));
  objective.limit = *time;
  return objective;
}

}  // namespace

Result<Slo> parse_slo(std::string_view text) {
  Slo slo;
  while (true) {
    const std::size_t comma = text.find(',');
    auto objective = objective_of(trimmed(text.substr(0, comma)));
    if (!objective) return std::unexpected(std::move(objective.error()));
    slo.push_back(std::move(*objective));
    if (comma == std::string_view::npos) return slo;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace tenfold::rehearse
