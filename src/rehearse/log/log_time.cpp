#include "rehearse/log/log_time.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <system_error>

namespace tenfold::rehearse {
namespace {

// Two to nine digits at a place; -1 if they are not all digits.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    const char c = text[i];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

int month_of(std::string_view name) {
  constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int i = 0; i < 12; ++i) {
    if (names.substr(static_cast<std::size_t>(i) * 3, 3) == name) return i + 1;
  }
  return -1;
}

struct Civil {
  int year, month, day, hour, minute, second;
};

std::optional<std::int64_t> unix_ms(const Civil& civil, int millisecond, int zone_minutes) {
  using namespace std::chrono;
  const year_month_day date{year(civil.year), month(static_cast<unsigned>(civil.month)),
                            day(static_cast<unsigned>(civil.day))};
  if (civil.year < 1970 || civil.year > 9999 || !date.ok()) return {};
  if (civil.hour < 0 || civil.hour > 23 || civil.minute < 0 || civil.minute > 59) return {};
  if (civil.second < 0 || civil.second > 60 || millisecond < 0) return {};
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + civil.hour) * 60 + civil.minute - zone_minutes) * 60 + civil.second;
  return seconds * 1000 + millisecond;
}

// ".655" at a place: milliseconds, and how many characters it took. -1: no digit behind the point.
int fraction(std::string_view text, std::size_t at, std::size_t& taken) {
  taken = 0;
  if (at >= text.size() || (text[at] != '.' && text[at] != ',')) return 0;
  int value = 0;
  int scale = 100;
  for (taken = 1; at + taken < text.size() && text[at + taken] >= '0' && text[at + taken] <= '9'; ++taken) {
    value += scale * (text[at + taken] - '0');
    scale /= 10;
  }
  return taken == 1 ? -1 : value;
}

// "+0330", "-05:00", "Z" or nothing (UTC), to the end of the text.
std::optional<int> zone_minutes(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  const bool colon = text.size() == 6 && text[3] == ':';
  const bool hours_only = text.size() == 3;
  if ((text[0] != '+' && text[0] != '-') || (text.size() != 5 && !colon && !hours_only)) return {};
  const int hours = digits(text, 1, 2);
  const int minutes = hours_only ? 0 : digits(text, colon ? 4 : 3, 2);
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return {};
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

std::optional<std::int64_t> parse_common(std::string_view text, bool& zoned) {
  // 26/Jan/2019:19:45:25
  if (text.size() < 20 || text[2] != '/' || text[6] != '/' || text[11] != ':' || text[14] != ':' || text[17] != ':')
    return {};
  const Civil civil{digits(text, 7, 4),  month_of(text.substr(3, 3)), digits(text, 0, 2),
                    digits(text, 12, 2), digits(text, 15, 2),         digits(text, 18, 2)};
  if (civil.month < 0 || civil.day < 0) return {};
  std::size_t taken = 0;
  const int millisecond = fraction(text, 20, taken);
  std::string_view zone = text.substr(20 + taken);
  if (!zone.empty() && zone[0] == ' ') zone.remove_prefix(1);
  zoned = !zone.empty();
  const auto minutes = zone_minutes(zone);
  if (!minutes) return {};
  return unix_ms(civil, millisecond, *minutes);
}

}  // namespace

std::optional<std::int64_t> LogTime::common(std::string_view text) {
  if (text.size() == last_size_ && last_size_ != 0 && std::memcmp(text.data(), last_text_.data(), last_size_) == 0) {
    zoned_ = last_zoned_;
    return last_ms_;
  }
  const auto parsed = parse_common(text, zoned_);
  if (parsed && text.size() <= last_text_.size()) {
    std::memcpy(last_text_.data(), text.data(), text.size());
    last_size_ = text.size();
    last_ms_ = *parsed;
    last_zoned_ = zoned_;
  }
  return parsed;
}

std::optional<std::int64_t> LogTime::rfc3339(std::string_view text) {
  // 2026-11-24T08:15:30
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ' && text[10] != 't') ||
      text[13] != ':' || text[16] != ':')
    return {};
  const Civil civil{digits(text, 0, 4),  digits(text, 5, 2),  digits(text, 8, 2),
                    digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)};
  if (civil.month < 1 || civil.day < 1) return {};
  std::size_t taken = 0;
  const int millisecond = fraction(text, 19, taken);
  std::string_view zone = text.substr(19 + taken);
  if (!zone.empty() && zone[0] == ' ') zone.remove_prefix(1);
  zoned_ = !zone.empty();
  const auto minutes = zone == "UTC" ? std::optional(0) : zone_minutes(zone);
  if (!minutes) return {};
  return unix_ms(civil, millisecond, *minutes);
}

std::optional<std::int64_t> LogTime::any(std::string_view text) {
  if (const auto at = rfc3339(text)) return at;
  zoned_ = true;
  if (const auto at = unix_time(text)) return at;
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return common(text);
}

std::optional<std::int64_t> LogTime::unix_time(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0)) return {};
  // Seconds until the year 5138; beyond it the number counts something smaller.
  constexpr double most_seconds = 1e11;
  double seconds = value;
  while (seconds >= most_seconds) seconds /= 1000;
  return static_cast<std::int64_t>(std::llround(seconds * 1000));
}

}  // namespace tenfold::rehearse
