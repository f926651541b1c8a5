#include "app/load_config.hpp"

#include <fmt/format.h>

#include "config/load.hpp"

namespace tenfold::app {

std::optional<config::Config> load_config(const std::string& file, const Terminal& err) {
  auto loaded = config::load_file(file, config::system_surroundings());
  if (loaded.ok()) return std::move(loaded.config);
  for (const config::Problem& problem : loaded.problems) {
    if (problem.severity != config::Severity::error) continue;
    err.line(config::text(problem));
  }
  err.line(fmt::format("{} {} has errors", err.ink(Ink::red, "tenfold:"), file));
  return std::nullopt;
}

}  // namespace tenfold::app
