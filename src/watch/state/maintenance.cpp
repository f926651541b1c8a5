#include "watch/state/maintenance.hpp"

#include <absl/time/time.h>

#include <algorithm>

namespace tenfold::watch {

bool in_maintenance(const std::vector<MaintenanceWindow>& windows, std::string_view check, WallTime now) {
  return std::ranges::any_of(windows, [&](const MaintenanceWindow& window) {
    return now >= window.from && now < window.until &&
           (window.checks.empty() || std::ranges::find(window.checks, check) != window.checks.end());
  });
}

Result<WallTime> resolve_local(LocalMinute local, const std::string& zone, Ambiguous which) {
  absl::TimeZone place;
  if (!absl::LoadTimeZone(zone, &place)) return fail(Errc::not_found, "the time zone " + zone);
  const std::chrono::year_month_day date(local.day);
  const absl::CivilMinute civil(static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
                                static_cast<int>(static_cast<unsigned>(date.day())), 0,
                                static_cast<int>(local.time.count()));
  const absl::TimeZone::TimeInfo found = place.At(absl::CivilSecond(civil));
  using Kind = absl::TimeZone::TimeInfo;
  const absl::Time chosen = found.kind == Kind::SKIPPED                                 ? found.trans
                            : found.kind == Kind::REPEATED && which == Ambiguous::later ? found.post
                                                                                        : found.pre;
  return WallTime(Duration(absl::ToUnixNanos(chosen)));
}

Result<MaintenanceWindow> maintenance_window(std::vector<std::string> checks, LocalMinute from, LocalMinute until,
                                             const std::string& zone) {
  const Result<WallTime> begin = resolve_local(from, zone, Ambiguous::earlier);
  if (!begin) return std::unexpected(begin.error());
  const Result<WallTime> end = resolve_local(until, zone, Ambiguous::later);
  if (!end) return std::unexpected(end.error());
  const Duration written = (until.day - from.day) + (until.time - from.time);
  return MaintenanceWindow{std::move(checks), *begin, std::max(*end, *begin + written)};
}

}  // namespace tenfold::watch
