#include "app/moments.hpp"

#include <chrono>

#include "config/calendar.hpp"
#include "config/units.hpp"
#include "oncall/people/local_time.hpp"

namespace tenfold::app {
namespace {

// The offset from UTC that ends a time in ISO 8601 ("Z", "+01:00"), which is taken off; none: it has none.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (text.ends_with('Z')) {
    text.remove_suffix(1);
    return std::chrono::minutes(0);
  }
  constexpr std::size_t length = 6;
  if (text.size() < 16 + length) return std::nullopt;
  const std::string_view offset = text.substr(text.size() - length);
  const auto size = config::parse_time_of_day(offset.substr(1));
  if (!size || (offset[0] != '+' && offset[0] != '-')) return std::nullopt;
  text.remove_suffix(length);
  return offset[0] == '-' ? -*size : *size;
}

// ":07" at the end, which is taken off; nothing: it is not one.
std::optional<std::chrono::seconds> take_seconds(std::string_view& text) {
  constexpr std::size_t without = 16;
  if (text.size() != without + 3) return std::chrono::seconds(0);
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 100; };
  const int seconds = digit(17) * 10 + digit(18);
  if (text[without] != ':' || seconds > 60) return std::nullopt;
  text = text.substr(0, without);
  return std::chrono::seconds(seconds);
}

}  // namespace

std::optional<WallTime> moment_of_iso(std::string_view text, const std::string& zone) {
  const auto offset = take_offset(text);
  const auto seconds = take_seconds(text);
  if (!seconds) return std::nullopt;
  const auto local = config::parse_local_time(text);
  if (!local) return std::nullopt;
  if (offset) return WallTime(local->day + local->time - *offset) + *seconds;
  return oncall::moment_of(oncall::zone_of(zone), {local->day, local->time}) + *seconds;
}

std::string shown_moment(const oncall::Plan& plan, const std::string& text) {
  const auto at = moment_of_iso(text);
  return at ? oncall::shown_text(oncall::zone_of(plan.time_zone), *at) : text;
}

}  // namespace tenfold::app
