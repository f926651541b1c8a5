#include "app/learn/summary.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace tenfold::app {
namespace {

using rehearse::Population;
using rehearse::Template;
using rehearse::TrafficModel;

constexpr std::size_t templates_shown = 12;
constexpr std::size_t name_width = 44;

// 12,345
std::string grouped(double value) {
  const std::string digits = fmt::format("{:.0f}", value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }

std::string span(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 2 * 86400) return fmt::format("{:.1f} h", seconds / 3600);
  return fmt::format("{:.1f} days", seconds / 86400);
}

std::string_view words(Population::Kind kind) {
  switch (kind) {
    case Population::Kind::people: return "people";
    case Population::Kind::crawlers: return "crawlers";
    case Population::Kind::scripts: return "scripts";
  }
  return "";
}

// Cut in whole characters (UTF-8), since paths may hold any.
std::string fitted(std::string_view text, std::size_t width) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (++characters > width) return std::string(text.substr(0, i)) + "…";
  }
  return std::string(text) + std::string(width + 1 - characters, ' ');
}

std::vector<const Template*> most_asked(const TrafficModel& model) {
  std::vector<const Template*> sorted;
  for (const Template& each : model.templates) {
    if (each.kind != Template::Kind::elsewhere) sorted.push_back(&each);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Template* a, const Template* b) { return a->requests > b->requests; });
  return sorted;
}

std::string table_of(const TrafficModel& model, const Terminal& terminal) {
  std::string text =
      terminal.ink(Ink::bold, fmt::format("  {}{:>9} {:>7} {:>9} {:>6}\n", fitted("asked for", name_width), "requests",
                                          "share", "different", "304"));
  const auto sorted = most_asked(model);
  for (std::size_t i = 0; i < std::min(templates_shown, sorted.size()); ++i) {
    const Template& each = *sorted[i];
    const std::string kind = each.kind == Template::Kind::asset ? " (asset)" : "";
    text += fmt::format("  {}{:>9} {:>7} {:>9} {:>6}\n", fitted(each.name + kind, name_width), grouped(each.requests),
                        percent(each.requests / std::max(1.0, model.requests)),
                        grouped(static_cast<double>(each.distinct_targets)), percent(each.conditional_share));
  }
  if (sorted.size() > templates_shown) text += fmt::format("  and {} more\n", sorted.size() - templates_shown);
  return text;
}

std::string populations_text(const TrafficModel& model) {
  std::string text;
  for (const Population& each : model.populations) {
    text += fmt::format("  {:<9} {:>9} sessions, {:>9} requests ({})\n", words(each.kind), grouped(each.sessions),
                        grouped(each.requests), percent(each.requests / std::max(1.0, model.requests)));
  }
  return text;
}

}  // namespace

std::string learned_text(const rehearse::LogCounts& counts, const rehearse::Learner::Learned& learned,
                         std::string_view model_file, const Terminal& terminal) {
  const auto& [model, summary] = learned;
  std::string text = fmt::format("{} requests of {} visitors in {} sessions over {}\n\n",
                                 terminal.ink(Ink::bold, grouped(static_cast<double>(summary.requests))),
                                 grouped(static_cast<double>(summary.visitors)),
                                 grouped(static_cast<double>(summary.sessions)), span(summary.seconds));
  text += fmt::format(
      "  at its busiest   {:.2f} sessions/s and {:.1f} requests/s (over a minute; {} in the busiest second)\n",
      summary.peak_sessions_per_s, summary.peak_requests_per_s, grouped(summary.busiest_second_requests));
  text += fmt::format("  assets per page  {:.1f}\n\n", summary.assets_per_page);
  text += populations_text(model) + "\n" + table_of(model, terminal);

  if (counts.bad_lines > 0) {
    text += fmt::format("\n{} of {} lines could not be read; the first:\n",
                        terminal.ink(Ink::yellow, grouped(static_cast<double>(counts.bad_lines))),
                        grouped(static_cast<double>(counts.lines)));
    for (const rehearse::BadLine& bad : counts.examples)
      text += fmt::format("  {}:{}: expected {}\n    {}\n", bad.file, bad.number, bad.expected, bad.text);
  }
  if (counts.late_lines > 0)
    text += fmt::format("\n{} lines were more than a minute out of order, and taken as they came.\n",
                        grouped(static_cast<double>(counts.late_lines)));
  for (const std::string& note : summary.notes)
    text += fmt::format("\n{} {}\n", terminal.ink(Ink::yellow, "note:"), note);
  text +=
      fmt::format("\nwritten to {}. Next, against a shop of your own:\n  tenfold rehearse URL --traffic {} --times 10",
                  model_file, model_file);
  return text;
}

nlohmann::json learned_json(const rehearse::LogCounts& counts, const rehearse::Learner::Learned& learned,
                            std::string_view model_file) {
  const auto& [model, summary] = learned;
  nlohmann::json json{{"lines", counts.lines},
                      {"bad_lines", counts.bad_lines},
                      {"late_lines", counts.late_lines},
                      {"lone_lines", counts.lone_lines},
                      {"other_hosts", counts.other_hosts},
                      {"sorted", counts.sorted},
                      {"client", counts.client},
                      {"peers", counts.peers},
                      {"requests", summary.requests},
                      {"visitors", summary.visitors},
                      {"sessions", summary.sessions},
                      {"seconds", summary.seconds},
                      {"peak_sessions_per_s", summary.peak_sessions_per_s},
                      {"peak_requests_per_s", summary.peak_requests_per_s},
                      {"busiest_second_requests", summary.busiest_second_requests},
                      {"bots_share", summary.bots_share},
                      {"assets_per_page", summary.assets_per_page},
                      {"folded", summary.folded},
                      {"notes", summary.notes},
                      {"model", model_file}};
  json["bad"] = nlohmann::json::array();
  for (const rehearse::BadLine& bad : counts.examples)
    json["bad"].push_back({{"file", bad.file}, {"line", bad.number}, {"expected", bad.expected}, {"text", bad.text}});
  json["populations"] = nlohmann::json::array();
  for (const Population& each : model.populations)
    json["populations"].push_back(
        {{"kind", words(each.kind)}, {"sessions", each.sessions}, {"requests", each.requests}});
  json["templates"] = nlohmann::json::array();
  for (const Template* each : most_asked(model))
    json["templates"].push_back({{"name", each->name},
                                 {"kind", each->kind == Template::Kind::asset ? "asset" : "page"},
                                 {"requests", each->requests},
                                 {"distinct_targets", each->distinct_targets},
                                 {"conditional_share", each->conditional_share}});
  return json;
}

}  // namespace tenfold::app
