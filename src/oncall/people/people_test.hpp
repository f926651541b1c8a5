#pragma once

#include <chrono>

#include "base/clock.hpp"
#include "oncall/people/plan.hpp"

// Moments and days as tests write them.
namespace tenfold::oncall {

inline std::chrono::sys_days on(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
}

inline WallTime utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return WallTime(on(year, month, day)) + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

inline WallMinutes at(int hour, int minute = 0) { return WallMinutes(hour * 60 + minute); }

}  // namespace tenfold::oncall
