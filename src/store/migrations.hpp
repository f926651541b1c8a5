#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "store/database.hpp"

namespace tenfold::store {

// How a component's tables came to be: steps[0] makes them, each later step changes them. Steps that were released are
// never changed, only added to. A step is SQL of one statement or several, without transactions.
struct Migrations {
  std::string_view component;  // "ready"
  std::span<const std::string_view> steps;
};

// Brings the component's tables up to the last step, in one transaction: all steps that are missing or none. Processes
// that do so at the same moment wait for each other. Errors: those of Database; unsupported: a newer program has been
// here, and its tables are not touched.
Result<void> migrate(Database& database, const Migrations& migrations);

}  // namespace tenfold::store
