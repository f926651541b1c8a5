#include "base/text/iso_time.hpp"

#include <fmt/format.h>

namespace tenfold {

std::string iso_date(WallTime time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string iso_time(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::chrono::hh_mm_ss clock(seconds - std::chrono::floor<std::chrono::days>(seconds));
  return fmt::format("{}T{:02}:{:02}:{:02}Z", iso_date(time), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace tenfold
