#include "oncall/words/when.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "oncall/people/local_time.hpp"
#include "oncall/words/phrases.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

struct Date {
  int year;
  unsigned month;
  unsigned day;
};

Date date_of(const Shown& shown) {
  const std::chrono::year_month_day date(shown.day);
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())};
}

std::string zone_name(const absl::TimeZone& zone, WallTime at) {
  const std::string text = shown_text(zone, at);
  return text.substr(text.rfind(' ') + 1);
}

int of_twelve(int hour) { return hour % 12 == 0 ? 12 : hour % 12; }

std::string english_time(int hour, int minute) {
  const std::string_view part = hour == 0   ? "at night"
                                : hour < 12 ? "in the morning"
                                : hour < 18 ? "in the afternoon"
                                : hour < 22 ? "in the evening"
                                            : "at night";
  if (minute == 0) return fmt::format("at {} o'clock {}", of_twelve(hour), part);
  return fmt::format("at {} {}{} {}", of_twelve(hour), minute < 10 ? "oh " : "", minute, part);
}

std::string german_time(int hour, int minute) {
  const std::string hours = hour == 1 ? "ein" : fmt::to_string(hour);
  return minute == 0 ? fmt::format("um {} Uhr", hours) : fmt::format("um {} Uhr {}", hours, minute);
}

std::string french_time(int hour, int minute) {
  const std::string hours = hour == 0    ? "minuit"
                            : hour == 12 ? "midi"
                            : hour == 1  ? "une heure"
                                         : fmt::format("{} heures", hour);
  return minute == 0 ? fmt::format("à {}", hours) : fmt::format("à {} {}", hours, minute);
}

std::string spanish_time(int hour, int minute) {
  const std::string_view part = hour == 0   ? "de la noche"
                                : hour < 6  ? "de la madrugada"
                                : hour < 12 ? "de la mañana"
                                : hour < 20 ? "de la tarde"
                                            : "de la noche";
  const std::string hours = of_twelve(hour) == 1 ? "a la una" : fmt::format("a las {}", of_twelve(hour));
  return minute == 0 ? fmt::format("{} en punto {}", hours, part) : fmt::format("{} y {} {}", hours, minute, part);
}

std::string spoken_time(Language language, const Shown& shown) {
  switch (language) {
    case Language::de: return german_time(shown.hour, shown.minute);
    case Language::fr: return french_time(shown.hour, shown.minute);
    case Language::es: return spanish_time(shown.hour, shown.minute);
    case Language::en: break;
  }
  return english_time(shown.hour, shown.minute);
}

std::string_view yesterday(Language language) {
  switch (language) {
    case Language::de: return "gestern";
    case Language::fr: return "hier";
    case Language::es: return "ayer";
    case Language::en: break;
  }
  return "yesterday";
}

std::string_view english_ending(unsigned day) {
  if (day / 10 == 1) return "th";
  return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

std::string spoken_day(Language language, const Date& date) {
  const std::string_view month = phrases(language).months[date.month - 1];
  switch (language) {
    case Language::de: return fmt::format("am {}. {}", date.day, month);
    case Language::fr: return fmt::format("le {}{} {}", date.day, date.day == 1 ? "er" : "", month);
    case Language::es: return fmt::format("el {} de {}", date.day, month);
    case Language::en: break;
  }
  return fmt::format("on the {}{} of {}", date.day, english_ending(date.day), month);
}

std::string counted(const Phrases::Unit& unit, std::int64_t count) {
  return count == 1 ? std::string(unit.one) : fmt::format(fmt::runtime(unit.many), count);
}

}  // namespace

std::string written_when(Language language, const absl::TimeZone& zone, WallTime at) {
  const Shown shown = shown_at(zone, at);
  const Date date = date_of(shown);
  const std::string_view month = phrases(language).months[date.month - 1];
  const std::string time = fmt::format("{:02}:{:02}", shown.hour, shown.minute);
  const std::string named = zone_name(zone, at);
  switch (language) {
    case Language::de: return fmt::format("{}. {} {}, {} Uhr ({})", date.day, month, date.year, time, named);
    case Language::fr:
      return fmt::format("{}{} {} {} à {} ({})", date.day, date.day == 1 ? "er" : "", month, date.year, time, named);
    case Language::es: return fmt::format("{} de {} de {}, {} ({})", date.day, month, date.year, time, named);
    case Language::en: break;
  }
  return fmt::format("{} {} {}, {} ({})", date.day, month, date.year, time, named);
}

std::string short_when(const absl::TimeZone& zone, WallTime at, WallTime now) {
  const Shown shown = shown_at(zone, at);
  const Date date = date_of(shown);
  const std::string time = fmt::format("{:02}:{:02}", shown.hour, shown.minute);
  if (shown.day == shown_at(zone, now).day) return time;
  return fmt::format("{}.{}. {}", date.day, date.month, time);
}

std::string spoken_when(Language language, const absl::TimeZone& zone, WallTime at, WallTime now) {
  const Shown shown = shown_at(zone, at);
  const auto today = shown_at(zone, now).day;
  const std::string time = spoken_time(language, shown);
  if (shown.day == today) return time;
  if (shown.day == today - std::chrono::days(1)) return fmt::format("{} {}", yesterday(language), time);
  return fmt::format("{} {}", spoken_day(language, date_of(shown)), time);
}

std::string duration_words(Language language, Duration duration) {
  const Phrases& words = phrases(language);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(duration).count();
  if (minutes < 1) return std::string(words.less_than_a_minute);
  const auto days = minutes / (24 * 60);
  const auto hours = minutes / 60 % 24;
  const auto rest = minutes % 60;
  const auto both = [&](const std::string& large, std::int64_t count, const Phrases::Unit& unit) {
    return count == 0 ? large : fmt::format("{} {} {}", large, words.and_, counted(unit, count));
  };
  if (days > 0) return both(counted(words.day, days), hours, words.hour);
  if (hours > 0) return both(counted(words.hour, hours), rest, words.minute);
  return counted(words.minute, rest);
}

}  // namespace tenfold::oncall
