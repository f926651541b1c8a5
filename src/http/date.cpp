#include "http/date.hpp"

#include <cstdint>
#include <cstring>

namespace tenfold::http {

namespace {

using namespace std::chrono;

constexpr std::string_view weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view long_weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};
constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes pieces off the front of a text; once one was not there, failed() stays true.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) {
    if (rest_.starts_with(expected)) {
      rest_.remove_prefix(expected.size());
    } else {
      failed_ = true;
    }
  }

  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) failed_ = true;
    for (std::size_t i = 0; !failed_ && i < count; ++i) {
      const char c = rest_[i];
      if (c < '0' || c > '9') failed_ = true;
      value = value * 10 + (c - '0');
    }
    if (!failed_) rest_.remove_prefix(count);
    return value;
  }

  // asctime pads a day below ten with a space.
  int padded_day() {
    if (!rest_.starts_with(' ')) return digits(2);
    rest_.remove_prefix(1);
    return digits(1);
  }

  // The index of the name that the text goes on with.
  template <std::size_t N>
  int one_of(const std::string_view (&names)[N]) {
    for (std::size_t i = 0; i < N; ++i) {
      if (rest_.starts_with(names[i])) {
        rest_.remove_prefix(names[i].size());
        return static_cast<int>(i);
      }
    }
    failed_ = true;
    return 0;
  }

  bool failed() const { return failed_; }
  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

struct Parts {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

void read_time(Cursor& at, Parts& parts) {
  parts.hour = at.digits(2);
  at.literal(":");
  parts.minute = at.digits(2);
  at.literal(":");
  parts.second = at.digits(2);
}

std::optional<HttpDate> moment_of(const Parts& parts) {
  const year_month_day day{year(parts.year), month(static_cast<unsigned>(parts.month)),
                           std::chrono::day(static_cast<unsigned>(parts.day))};
  if (!day.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return {};
  return HttpDate(sys_days(day)) + hours(parts.hour) + minutes(parts.minute) +
         seconds(parts.second == 60 ? 59 : parts.second);
}

std::optional<HttpDate> parse_imf(std::string_view text) {
  Cursor at(text);
  Parts parts;
  at.one_of(weekdays);
  at.literal(", ");
  parts.day = at.digits(2);
  at.literal(" ");
  parts.month = at.one_of(months) + 1;
  at.literal(" ");
  parts.year = at.digits(4);
  at.literal(" ");
  read_time(at, parts);
  at.literal(" GMT");
  if (!at.finished()) return {};
  return moment_of(parts);
}

std::optional<HttpDate> parse_rfc850(std::string_view text, HttpDate now) {
  Cursor at(text);
  Parts parts;
  at.one_of(long_weekdays);
  at.literal(", ");
  parts.day = at.digits(2);
  at.literal("-");
  parts.month = at.one_of(months) + 1;
  at.literal("-");
  const int two_digits = at.digits(2);
  at.literal(" ");
  read_time(at, parts);
  at.literal(" GMT");
  if (!at.finished()) return {};
  const int this_year = static_cast<int>(year_month_day(floor<days>(now)).year());
  parts.year = this_year - this_year % 100 + two_digits;
  if (parts.year > this_year + 50) parts.year -= 100;
  if (parts.year <= this_year - 50) parts.year += 100;
  return moment_of(parts);
}

std::optional<HttpDate> parse_asctime(std::string_view text) {
  Cursor at(text);
  Parts parts;
  at.one_of(weekdays);
  at.literal(" ");
  parts.month = at.one_of(months) + 1;
  at.literal(" ");
  parts.day = at.padded_day();
  at.literal(" ");
  read_time(at, parts);
  at.literal(" ");
  parts.year = at.digits(4);
  if (!at.finished()) return {};
  return moment_of(parts);
}

void put_digits(char* out, int value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::optional<HttpDate> parse_date(std::string_view text, HttpDate now) {
  if (text.size() < 24 || text.size() > 33) return {};
  if (text[3] == ',') return parse_imf(text);
  if (text[3] == ' ') return parse_asctime(text);
  return parse_rfc850(text, now);
}

std::array<char, date_length> format_date(HttpDate moment) {
  const auto day_start = floor<days>(moment);
  const year_month_day day(day_start);
  const hh_mm_ss time(moment - day_start);
  std::array<char, date_length> out;
  std::memcpy(out.data(), "Sun, 06 Nov 1994 08:49:37 GMT", date_length);
  std::memcpy(out.data(), weekdays[weekday(day_start).c_encoding()].data(), 3);
  put_digits(out.data() + 5, static_cast<int>(static_cast<unsigned>(day.day())), 2);
  std::memcpy(out.data() + 8, months[static_cast<unsigned>(day.month()) - 1].data(), 3);
  put_digits(out.data() + 12, static_cast<int>(day.year()), 4);
  put_digits(out.data() + 17, static_cast<int>(time.hours().count()), 2);
  put_digits(out.data() + 20, static_cast<int>(time.minutes().count()), 2);
  put_digits(out.data() + 23, static_cast<int>(time.seconds().count()), 2);
  return out;
}

}  // namespace tenfold::http
