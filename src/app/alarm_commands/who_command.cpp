#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

#include "app/alarm_service/api_json.hpp"
#include "app/command.hpp"
#include "app/load_config.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "base/clock.hpp"
#include "config/calendar.hpp"
#include "console/json.hpp"
#include "oncall/people/local_time.hpp"

namespace tenfold::app {
namespace {

struct WhoOptions {
  std::string file = "shop.yaml";
  std::string at;  // empty: now
  std::string escalation;
  bool json = false;
};

std::string minutes_text(Duration after) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(after).count();
  if (seconds == 0) return "at once";
  return seconds % 60 == 0 ? fmt::format("after {} min", seconds / 60) : fmt::format("after {} s", seconds);
}

std::string minutes_of(Duration duration) {
  return fmt::format("{} min", std::chrono::duration_cast<std::chrono::minutes>(duration).count());
}

void show(const oncall::Plan& plan, const WhoOptions& options, WallTime at, const Terminal& out) {
  const auto zone = oncall::zone_of(plan.time_zone);
  const auto escalation = oncall::escalation_of(plan, options.escalation);
  out.line(fmt::format("Whoever would be rung in an alert at {}{}:", oncall::shown_text(zone, at),
                       escalation.name.empty() ? "" : fmt::format(" ({})", escalation.name)));
  for (const std::string& gap : oncall::gaps(plan, escalation, at)) {
    out.line(out.ink(Ink::red, fmt::format("  GAP: {}; everybody is rung instead", gap)));
  }
  for (const oncall::Recipient& each : oncall::ring_order(plan, escalation, at)) {
    const std::string quote =
        each.customer_number.empty() ? "" : fmt::format("; quote customer number {}", each.customer_number);
    out.line(fmt::format("  {:<14} {:<9} {:<26} {}  ({}{})", minutes_text(each.after),
                         oncall::name(each.contact.channel), each.contact.to, out.ink(Ink::bold, each.who),
                         each.because, quote));
  }
  if (escalation.repeat > 0) {
    out.line(fmt::format("  if nobody takes it: the whole list again {} after its last step, up to {} time{}",
                         minutes_of(escalation.repeat_after), escalation.repeat, escalation.repeat == 1 ? "" : "s"));
  }
  out.line(fmt::format("  then a reminder to each of them every {}, until somebody takes it or it is over",
                       minutes_of(plan.remind_every)));
}

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

// As a person writes it, in the plan's time zone, or as `at` of --json has it.
std::optional<WallTime> moment(const oncall::Plan& plan, std::string_view text) {
  if (text.empty()) return SystemClock().wall_now();
  const auto offset = take_offset(text);
  // Seconds decide nothing: schedules know minutes.
  if (text.size() == 19 && text[16] == ':') text = text.substr(0, 16);
  const auto local = config::parse_local_time(text);
  if (!local) return std::nullopt;
  if (offset) return WallTime(local->day + local->time - *offset);
  return oncall::moment_of(oncall::zone_of(plan.time_zone), {local->day, local->time});
}

Exit who(const WhoOptions& options, const Terminal& out, const Terminal& err) {
  const auto config = load_config(options.file, err);
  if (!config) return Exit::usage;
  const oncall::Plan plan = oncall_plan(config->live);
  const auto at = moment(plan, options.at);
  if (!at) {
    err.line(fmt::format("{} --at {}: expected a time such as \"2026-12-24 18:00\", in {}",
                         err.ink(Ink::red, "tenfold who:"), options.at, plan.time_zone));
    return Exit::usage;
  }
  if (!has_escalation(plan, options.escalation)) {
    err.line(fmt::format("{} there is no escalation \"{}\" in {}", err.ink(Ink::red, "tenfold who:"),
                         options.escalation, options.file));
    return Exit::usage;
  }
  const Json json = who_json(plan, options.escalation, *at);
  if (options.json) {
    out.line(console::to_text(json));
  } else if (json["ring"].empty()) {
    out.line("Nobody would be rung: name people under oncall.people, with their numbers.");
  } else {
    show(plan, options, *at, out);
  }
  return json["ring"].empty() ? Exit::falls_short : Exit::good;
}

}  // namespace

void add_who_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<WhoOptions>();
  auto* command = program.add_subcommand("who", "Says who would be rung now, and on which number");
  command->add_option("-c,--config,file", options->file, "The configuration")->capture_default_str();
  command->add_option("--at", options->at,
                      "Another time than now: \"2026-12-24 18:00\", in oncall.time_zone, or 2026-12-24T17:00:00Z");
  command->add_option("--escalation", options->escalation, "Another escalation than the first");
  command->add_flag("--json", options->json, "One JSON object: at, ring, gaps");
  command->callback([=, &exit] { exit = who(*options, Terminal(1), Terminal(2)); });
}

}  // namespace tenfold::app
