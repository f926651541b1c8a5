#include "rehearse/report/html_plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rehearse/report/numbers.hpp"
#include "rehearse/report/plot.hpp"
#include "rehearse/verdict/words.hpp"

namespace tenfold::rehearse {
namespace {

template <class F>
PlotSeries over_time(const RunRecord& record, std::string name, std::string colour, F&& value,
                     PlotSeries::Form form = PlotSeries::Form::line) {
  PlotSeries series{.name = std::move(name), .colour = std::move(colour), .form = form};
  for (const Window& window : record.windows) series.points.push_back({in_seconds(window.to), value(window)});
  return series;
}

double per_s(std::uint64_t count, const Window& window) {
  return static_cast<double>(count) / std::max(1e-9, in_seconds(window.to - window.from));
}

// The first promise of a time that all requests are held to, as a line across.
void draw_objective(const Slo& slo, Plot& plot) {
  for (const Objective& objective : slo) {
    if (objective.measure == Objective::Measure::errors || !objective.scope.empty()) continue;
    plot.limit = milliseconds(objective.limit);
    plot.limit_name = "promised: " + objective.text;
    return;
  }
}

}  // namespace

std::string rate_plot(const RunRecord& record) {
  Plot plot{.title = "Requests a second: planned and answered",
            .description = "Where the lines part, requests wait or fail.",
            .x_unit = "seconds",
            .y_unit = "requests/s"};
  plot.series.push_back(over_time(record, "planned", "b", [](const Window& w) { return per_s(w.counts.planned, w); }));
  plot.series.push_back(over_time(record, "answered well", "a", good_per_s, PlotSeries::Form::area));
  plot.series.push_back(
      over_time(record, "in flight", "d", [](const Window& w) { return static_cast<double>(w.in_flight); }));
  return svg_of(plot);
}

std::string latency_plot(const RunRecord& record, const Slo& slo) {
  Plot plot{.title = "Response time, from the planned moment",
            .description = "Half, 95 and 99 of 100 requests took at most so long.",
            .x_unit = "seconds",
            .y_unit = "",
            .y_scale = Plot::Scale::logarithmic,
            .y_values = Plot::Values::milliseconds};
  draw_objective(slo, plot);
  const auto quiet = [](Duration time) { return std::max(milliseconds(time), 0.0); };
  plot.series.push_back(over_time(record, "p99", "c", [&](const Window& w) { return quiet(w.p99); }));
  plot.series.push_back(over_time(record, "p95", "b", [&](const Window& w) { return quiet(w.p95); }));
  plot.series.push_back(over_time(record, "p50", "a", [&](const Window& w) { return quiet(w.p50); }));
  return svg_of(plot);
}

std::string error_plot(const RunRecord& record) {
  if (record.total.failed_all() == 0) return "";
  Plot plot{.title = "Failed requests a second",
            .description = "Without an answer, and with one that says error.",
            .x_unit = "seconds",
            .y_unit = "failed/s"};
  plot.series.push_back(over_time(
      record, "failed", "bad", [](const Window& w) { return per_s(w.counts.failed_all(), w); },
      PlotSeries::Form::area));
  plot.series.push_back(
      over_time(record, "of them answered", "b", [](const Window& w) { return per_s(w.counts.failed_answered(), w); }));
  return svg_of(plot);
}

std::string percentile_plot(const RunRecord& record, const Slo& slo) {
  // The axis gives each nine the same room, so that the slow tail is seen.
  const auto place = [](double share) { return -std::log10(1 - share); };
  Plot plot{.title = "How long how many waited",
            .description = "Response time counts from the planned moment, service time from the sending.",
            .x_unit = "of requests",
            .y_unit = "",
            .y_scale = Plot::Scale::logarithmic,
            .y_values = Plot::Values::milliseconds};
  draw_objective(slo, plot);
  PlotSeries response{.name = "response", .colour = "c"};
  PlotSeries service{.name = "service", .colour = "a"};
  const double most = std::max(10.0, static_cast<double>(record.response.count()));
  for (double at = 0; at <= std::min(4.0, std::log10(most)); at += 0.05) {
    const double share = 1 - std::pow(10, -at);
    const auto note = [&](Duration time) {
      return fmt::format("{:.2f} %: {}", share * 100, time_text(in_seconds(time)));
    };
    const Duration waited = record.response.quantile(share);
    const Duration served = record.service.quantile(share);
    response.points.push_back({at, milliseconds(waited), note(waited)});
    service.points.push_back({at, milliseconds(served), note(served)});
  }
  plot.series = {response, service};
  for (const double share : {0.0, 0.5, 0.9, 0.99, 0.999, 0.9999}) {
    if (place(share) <= std::log10(most)) plot.x_ticks.push_back({place(share), fmt::format("{:.4g} %", share * 100)});
  }
  return svg_of(plot);
}

std::string knee_plot(const LimitResult& limit, RunRecord::Mode mode, const Slo& slo) {
  Plot plot{.title = "The knee: what was tried",
            .description = "Each point is a run; red ones were not sustained.",
            .x_unit = mode == RunRecord::Mode::visitors ? "times the visitors" : "requests/s planned",
            .y_unit = "p99",
            .y_scale = Plot::Scale::logarithmic,
            .y_values = Plot::Values::milliseconds};
  draw_objective(slo, plot);
  PlotSeries good{.name = "sustained", .colour = "good", .points = {}, .form = PlotSeries::Form::dots};
  PlotSeries bad{.name = "not sustained", .colour = "bad", .points = {}, .form = PlotSeries::Form::dots};
  for (const Step& step : limit.steps) {
    const Duration p99 = step.record.response.quantile(0.99);
    (step.sustained ? good : bad)
        .points.push_back({step.load, std::max(0.001, milliseconds(p99)),
                           fmt::format("{:.4g}: {:.0f} requests/s, p99 {}", step.load, step.record.achieved_per_s(),
                                       time_text(in_seconds(p99)))});
  }
  plot.series = {good, bad};
  return svg_of(plot);
}

std::string driver_plot(const RunRecord& record) {
  Plot plot{.title = "The driver's own health: how late requests left (p99)",
            .description = "Above 10 ms the driver would distort what it measures.",
            .x_unit = "seconds",
            .y_unit = "",
            .y_scale = Plot::Scale::logarithmic,
            .y_values = Plot::Values::milliseconds,
            .limit = 10,
            .limit_name = "10 ms"};
  plot.series.push_back(over_time(record, "late by", "d",
                                  [](const Window& w) { return std::max(0.001, milliseconds(w.arrival_error_p99)); }));
  return svg_of(plot);
}

}  // namespace tenfold::rehearse
