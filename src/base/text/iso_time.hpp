#pragma once

#include <string>

#include "base/clock.hpp"

namespace tenfold {

// ISO 8601 in UTC, to the second, which is rounded down: "2026-01-01T00:00:00Z".
std::string iso_time(WallTime time);
std::string iso_date(WallTime time);  // "2026-01-01", in UTC

}  // namespace tenfold
