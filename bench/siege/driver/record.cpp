#include "record.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace tenfold::siege {
namespace {

using nlohmann::json;

double rounded(double value) { return std::round(value * 1000) / 1000; }

json json_of(const PageRecord& page) {
  return json::array({page.step, rounded(page.clicked_s), rounded(page.felt_ms), rounded(page.answer_ms),
                      rounded(page.solving_ms), rounded(page.waiting_ms)});
}

json json_of(const VisitRecord& visit) {
  json pages = json::array();
  for (const PageRecord& page : visit.pages) pages.push_back(json_of(page));
  return {{"outcome", name(visit.outcome)},
          {"step", visit.step},
          {"ended_s", rounded(visit.ended_s)},
          {"first_trouble_s", rounded(visit.first_trouble_s)},
          {"challenged", visit.challenged},
          {"solved", visit.solved},
          {"queued", visit.queued},
          {"refused", visit.refused},
          {"shop_refused", visit.shop_refused},
          {"gateway_errors", visit.gateway_errors},
          {"timed_out", visit.timed_out},
          {"reloads", visit.reloads},
          {"assets", visit.assets},
          {"assets_failed", visit.assets_failed},
          {"earlier_failed", visit.earlier_failed},
          {"last_trouble", visit.last_trouble},
          {"pages", std::move(pages)}};
}

json json_of(const WaveRecord& wave) {
  json by_fate = json::object();
  for (std::size_t i = 0; i < fates; ++i) by_fate[std::string(name(static_cast<Fate>(i)))] = wave.fate[i];
  json statuses = json::object();
  for (const auto& [status, count] : wave.statuses) statuses[std::to_string(status)] = count;
  return {{"planned", wave.planned},        {"solutions", wave.solutions},
          {"farmed", wave.farmed},          {"fate", std::move(by_fate)},
          {"seconds", wave.seconds},        {"first_stopped_s", rounded(wave.first_stopped_s)},
          {"statuses", std::move(statuses)}};
}

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

}  // namespace

std::string_view name(VisitRecord::Outcome outcome) {
  constexpr std::string_view names[] = {"under_way", "ordered", "fed_up", "kept_out", "went_wrong"};
  return names[static_cast<std::size_t>(outcome)];
}

std::string_view name(Fate fate) {
  constexpr std::string_view names[fates] = {"passed",  "shop_error", "challenged",  "queued", "refused", "turned",
                                             "cleared", "timed_out",  "unconnected", "unsent", "held"};
  return names[static_cast<std::size_t>(fate)];
}

Fate fate_of(const Answer& answer) {
  switch (answer.failure) {
    case Answer::Failure::none: break;
    case Answer::Failure::timed_out: return Fate::timed_out;
    case Answer::Failure::connect: return Fate::unconnected;
    case Answer::Failure::no_room: return Fate::unsent;
    case Answer::Failure::closed:
    case Answer::Failure::invalid: return Fate::refused;
  }
  if (!answer.challenge.empty()) return Fate::challenged;
  if (!answer.queue.empty()) return Fate::queued;
  if (answer.from_shop) return answer.status >= 500 ? Fate::shop_error : Fate::passed;
  return answer.status >= 500 ? Fate::turned : Fate::refused;
}

void WaveRecord::count(const Answer& answer, Fate became, double now_s) {
  ++fate[static_cast<std::size_t>(became)];
  if (answer.status != 0) ++statuses[answer.status];
  const bool through = became == Fate::passed || became == Fate::shop_error || became == Fate::held;
  const bool stopped =
      became == Fate::challenged || became == Fate::queued || became == Fate::refused || became == Fate::turned;
  if (stopped && first_stopped_s < 0) first_stopped_s = now_s;
  const auto second = static_cast<std::size_t>(std::max(now_s, 0.0));
  if (second >= seconds.size()) seconds.resize(second + 1);
  ++seconds[second][through ? 0 : stopped ? 1 : 2];
}

void Record::begun(Duration after_its_moment) {
  const Duration by = std::max(after_its_moment, Duration(0));
  late.record(by);
  latest = std::max(latest, by);
}

std::string to_json(const Record& record) {
  json visits = json::array();
  json waves = json::array();
  for (const VisitRecord& visit : record.visits) visits.push_back(json_of(visit));
  for (const WaveRecord& wave : record.waves) waves.push_back(json_of(wave));
  LatencyHistogram::Counts late{};
  record.late.add_to(late);
  const json whole{{"visits", std::move(visits)},
                   {"waves", std::move(waves)},
                   {"late_p50_ms", milliseconds(quantile(late, 0.5))},
                   {"late_p99_ms", milliseconds(quantile(late, 0.99))},
                   {"late_max_ms", milliseconds(record.latest)},
                   {"cpu_s", milliseconds(record.cpu) / 1000},
                   {"most_connections", record.most_connections}};
  return whole.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace tenfold::siege
