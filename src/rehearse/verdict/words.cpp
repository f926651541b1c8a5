#include "rehearse/verdict/words.hpp"

#include <fmt/format.h>

namespace tenfold::rehearse {

std::string time_text(double seconds) {
  if (seconds < 0.001) return fmt::format("{:.0f} µs", seconds * 1e6);
  if (seconds < 0.1) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
  return fmt::format("{:.2f} s", seconds);
}

std::string share_text(double share) {
  return share > 0 && share < 0.0001 ? "under 0.01 %" : fmt::format("{:.2f} %", share * 100);
}

std::string moment_text(Duration since) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string measured_text(const Objective& objective, double measured) {
  return objective.measure == Objective::Measure::errors ? share_text(measured) : time_text(measured);
}

}  // namespace tenfold::rehearse
