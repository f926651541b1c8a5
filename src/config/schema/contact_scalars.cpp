#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "config/dialling.hpp"
#include "config/schema/scalar.hpp"
#include "config/schema/scalars.hpp"

// The types of values that the watch and the on-call plan need.
namespace tenfold::config {
namespace {

constexpr std::size_t max_expression_bytes = 500;

// Up to fifteen digits, the country code first, which never begins with 0.
bool is_e164(std::string_view text) {
  return text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Parsed<std::string> parse_phone_number(std::string_view found) {
  std::string bare;
  for (const char c : found) {
    if (c != ' ' && c != '-' && c != '(' && c != ')' && c != '/' && c != '.') bare += c;
  }
  if (bare.starts_with("00")) bare = "+" + bare.substr(2);
  if (is_e164(bare) && bare == found) return bare;
  const std::string right = without_trunk_prefix(bare);
  if (is_e164(right)) return mismatch("", fmt::format("write \"{}\"", right));
  if (!bare.starts_with('+')) return mismatch("", "begin with + and the country's code, without the 0 after it");
  return mismatch();
}

// Such a number passes for one, and reaches nobody.
void warn_of_trunk_prefix(const Node& node, Reader& reader, std::string& number) {
  const std::string right = without_trunk_prefix(number);
  if (right == number) return;
  reader.warning(node, fmt::format("\"{}\" has the digits in it that are dialled inside the country only, and will "
                                   "reach nobody; write \"{}\"",
                                   number, right));
}

Parsed<std::string> parse_mail_address(std::string_view found) {
  const std::size_t at = found.rfind('@');
  const bool good =
      at != std::string_view::npos && at > 0 && found.size() <= 254 &&
      std::ranges::none_of(found, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '<'; }) &&
      parse_host(found.substr(at + 1)).has_value();
  if (!good) return mismatch();
  return std::string(found);
}

bool zone_name(std::string_view found) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
           c == '-' || c == '+';
  };
  return !found.empty() && found.size() <= 64 && found.front() != '/' && std::ranges::all_of(found, good);
}

enum class Zone : unsigned char { known, unknown, no_database };

Zone look_up_zone(const std::string& folder, const std::string& name) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder, failure)) return Zone::no_database;
  std::ifstream in(std::filesystem::path(folder) / name, std::ios::binary);
  std::array<char, 4> magic{};
  in.read(magic.data(), magic.size());
  return in && std::string_view(magic.data(), magic.size()) == "TZif" ? Zone::known : Zone::unknown;
}

void settle_zone(const Node& node, Reader& reader, std::string& name) {
  switch (look_up_zone(reader.surroundings().zoneinfo, name)) {
    case Zone::known: return;
    case Zone::no_database:
      reader.warning(node, fmt::format("cannot be checked: this machine has no time zones in {}; install tzdata",
                                       reader.surroundings().zoneinfo));
      return;
    case Zone::unknown:
      reader.error(node,
                   fmt::format("there is no time zone \"{}\", expected one such as Europe/Berlin or America/New_York",
                               shortened(name)));
  }
}

}  // namespace

TypeOf<std::string> phone_number() {
  // Without quotes, editors take a number for a number.
  return scalar<std::string>({
      .expected = "a phone number in international form such as \"+493012345678\"",
      .parse = parse_phone_number,
      .written = written_text,
      .schema = {{"type", Json::array({"string", "integer"})}, {"pattern", "^\\+[1-9][0-9]{6,14}$"}},
      .settle = warn_of_trunk_prefix,
  });
}

TypeOf<std::string> mail_address() {
  return checked_text("a mail address such as ops@shop.example", parse_mail_address,
                      string_schema("^[^\\s<]+@[^\\s@]+$"));
}

TypeOf<std::string> time_zone() {
  return scalar<std::string>({
      .expected = "a time zone such as Europe/Berlin",
      .parse = [](std::string_view found) -> Parsed<std::string> {
        if (!zone_name(found)) return mismatch();
        return std::string(found);
      },
      .written = written_text,
      .schema = string_schema("^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"),
      .settle = settle_zone,
  });
}

TypeOf<std::string> regular_expression() {
  return checked_text(fmt::format("a regular expression (RE2) of at most {} bytes", max_expression_bytes),
                      [](std::string_view found) -> Parsed<std::string> {
                        if (found.empty() || found.size() > max_expression_bytes) return mismatch();
                        re2::RE2::Options quiet;
                        quiet.set_log_errors(false);
                        const re2::RE2 expression(re2::StringPiece(found.data(), found.size()), quiet);
                        if (!expression.ok()) return mismatch("which does not compile");
                        return std::string(found);
                      },
                      {{"type", "string"}, {"minLength", 1}, {"maxLength", max_expression_bytes}});
}

TypeOf<std::string> json_pointer() {
  return checked_text(
      "a JSON pointer such as /status/database",
      [](std::string_view found) -> Parsed<std::string> {
        if (!found.starts_with('/')) return mismatch("", "it begins with /");
        for (std::size_t i = 0; i < found.size(); ++i) {
          const bool escape = i + 1 < found.size() && (found[i + 1] == '0' || found[i + 1] == '1');
          if (found[i] == '~' && !escape) return mismatch("", "write ~0 for ~ and ~1 for /");
        }
        return std::string(found);
      },
      string_schema("^/([^~]|~[01])*$"));
}

TypeOf<std::string> http_method() {
  return checked_text(
      "a method such as GET or POST",
      [](std::string_view found) -> Parsed<std::string> {
        const bool capitals = std::ranges::all_of(found, [](char c) { return c >= 'A' && c <= 'Z'; });
        if (found.empty() || found.size() > 20 || !capitals) return mismatch();
        return std::string(found);
      },
      string_schema("^[A-Z]{1,20}$"));
}

TypeOf<HeaderLine> header_line() {
  return scalar<HeaderLine>({
      .expected = "a header line such as \"Accept: text/html\"",
      .parse = [](std::string_view found) -> Parsed<HeaderLine> {
        const std::size_t colon = found.find(':');
        if (colon == 0 || colon == std::string_view::npos) return mismatch("without a colon");
        const std::string_view name = found.substr(0, colon);
        constexpr std::string_view marks = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2
        const bool token = std::ranges::all_of(name, [&](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 marks.find(c) != std::string_view::npos;
        });
        std::string_view value = found.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        if (!token || value.find_first_of("\r\n") != std::string_view::npos) return mismatch();
        return HeaderLine{std::string(name), std::string(value)};
      },
      .written = [](const HeaderLine& line) { return Json(line.name + ": " + line.value); },
      .schema = string_schema("^[A-Za-z0-9!#$%&'*+.^_`|~-]+:.*$"),
  });
}

TypeOf<std::chrono::sys_days> date() {
  return scalar<std::chrono::sys_days>({
      .expected = "a day such as 2026-12-24",
      .parse = parse_date,
      .written = [](const std::chrono::sys_days& day) { return Json(date_text(day)); },
      .schema = string_schema("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
  });
}

TypeOf<std::chrono::minutes> time_of_day() {
  return scalar<std::chrono::minutes>({
      .expected = "a time of day from 00:00 to 24:00",
      .parse = parse_time_of_day,
      .written = [](const std::chrono::minutes& time) { return Json(time_of_day_text(time)); },
      .schema = string_schema("^[0-2][0-9]:[0-5][0-9]$"),
  });
}

TypeOf<LocalTime> local_time() {
  return scalar<LocalTime>({
      .expected = "a day and time such as 2026-12-24 18:00",
      .parse = parse_local_time,
      .written = [](const LocalTime& at) { return Json(date_text(at.day) + " " + time_of_day_text(at.time)); },
      .schema = string_schema("^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-2][0-9]:[0-5][0-9])?$"),
  });
}

}  // namespace tenfold::config
