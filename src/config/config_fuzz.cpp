#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "config/load.hpp"
#include "config/testing.hpp"

// Whatever the file holds: nothing is thrown, a configuration comes out exactly when no problem is an error, every
// problem stands inside the file, and what programs read of it is JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const Surroundings surroundings = testing::surroundings();

  const auto loaded = load_text(text, "shop.yaml", "/nonexistent", surroundings);
  const bool errors =
      std::ranges::any_of(loaded.problems, [](const Problem& problem) { return problem.severity == Severity::error; });
  TENFOLD_ASSERT(loaded.ok() == !errors);
  TENFOLD_ASSERT(loaded.problems.size() <= 102);
  // A lone carriage return ends a line too.
  const auto lines = std::ranges::count(text, '\n') + std::ranges::count(text, '\r') + 1;
  for (const Problem& problem : loaded.problems) {
    TENFOLD_ASSERT(problem.line >= 1 && problem.line <= lines + 1);
    TENFOLD_ASSERT(problem.column >= 1 && problem.column <= static_cast<int>(size) + 1);
    TENFOLD_ASSERT(!problem.message.empty());
  }
  TENFOLD_ASSERT(problems_json(loaded.problems).dump().size() > 2);
  return 0;
}
