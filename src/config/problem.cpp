#include "config/problem.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

#include "config/text.hpp"

namespace tenfold::config {

std::string text(const Problem& problem) {
  return fmt::format("{}:{}:{}: {}{}", problem.file, problem.line, problem.column,
                     problem.severity == Severity::warning ? "warning: " : "", problem.message);
}

nlohmann::json problems_json(const std::vector<Problem>& problems) {
  auto errors = nlohmann::json::array();
  auto warnings = nlohmann::json::array();
  for (const Problem& problem : problems) {
    auto& list = problem.severity == Severity::error ? errors : warnings;
    list.push_back({{"file", valid_utf8(problem.file)},
                    {"line", problem.line},
                    {"column", problem.column},
                    {"message", valid_utf8(problem.message)}});
  }
  return {{"ok", errors.empty()}, {"errors", std::move(errors)}, {"warnings", std::move(warnings)}};
}

}  // namespace tenfold::config
