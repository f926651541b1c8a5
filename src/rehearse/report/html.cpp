#include <fmt/format.h>

#include <algorithm>

#include "base/text/markup.hpp"
#include "rehearse/report/html_plots.hpp"
#include "rehearse/report/numbers.hpp"
#include "rehearse/report/plot.hpp"
#include "rehearse/report/report.hpp"
#include "rehearse/report/style.hpp"
#include "rehearse/verdict/words.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::size_t most_templates = 40;
constexpr std::size_t most_rows = 400;

std::string tile(std::string_view value, std::string_view what) {
  return fmt::format("<div><b>{}</b><span>{}</span></div>", markup_escaped(value), markup_escaped(what));
}

std::string head_of(const Rehearsal& rehearsal) {
  const std::string_view verdict = name(rehearsal.judgement.verdict);
  std::string out =
      fmt::format("<header><h1>Rehearsal of {}, {}</h1><p class=\"verdict {}\">{}</p><p class=\"lead\">{}</p>",
                  markup_escaped(rehearsal.record.url), began_text(rehearsal.record), verdict, verdict,
                  markup_escaped(meaning_of(rehearsal)));
  if (!rehearsal.judgement.reasons.empty()) {
    out += "<ul>";
    for (const std::string& reason : rehearsal.judgement.reasons) out += "<li>" + markup_escaped(reason) + "</li>";
    out += "</ul>";
  }
  if (!rehearsal.judgement.parts.empty()) {
    out += "<p>What failed most:</p><ul>";
    for (const std::string& part : rehearsal.judgement.parts) out += "<li>" + markup_escaped(part) + "</li>";
    out += "</ul>";
  }
  if (!rehearsal.compared.empty()) out += "<p>" + markup_escaped(rehearsal.compared) + "</p>";
  if (!rehearsal.judgement.next.empty()) out += "<p>Next: " + markup_escaped(rehearsal.judgement.next) + "</p>";
  return out + "</header>\n";
}

std::string tiles_of(const Rehearsal& rehearsal) {
  const RunRecord& record = rehearsal.record;
  std::string out = "<section class=\"tiles\">";
  if (rehearsal.limit && rehearsal.limit->knee.load > 0) {
    const Knee& knee = rehearsal.limit->knee;
    if (record.mode == RunRecord::Mode::visitors)
      out += tile(fmt::format("{:.2f}/s", knee.visitors_per_s), "visitors at the knee");
    out += tile(fmt::format("{:.0f}/s", knee.requests_per_s), "requests at the knee");
  }
  out += tile(fmt::format("{:.1f}/s", record.achieved_per_s()), "requests answered");
  out += tile(fmt::format("{}", record.total.sent), "requests sent");
  out += tile(share_text(ended(record.total) == 0 ? 0
                                                  : static_cast<double>(record.total.failed_all()) /
                                                        static_cast<double>(ended(record.total))),
              "failed");
  const JudgedTimes times = judged_times(record);
  const std::string after =
      times.from > Duration::zero() ? fmt::format(" (after {} of ramp)", moment_text(times.from)) : "";
  if (times.count > 0) {
    out += tile(time_text(in_seconds(times.p50)), "half took at most" + after);
    out += tile(time_text(in_seconds(times.p99)), "99 of 100 took at most" + after);
  }
  if (record.total.sessions > 0) out += tile(fmt::format("{}", record.total.sessions), "visits");
  if (record.mode == RunRecord::Mode::visitors) {
    std::uint64_t most = 0;
    for (const Window& window : record.windows) most = std::max(most, window.visitors);
    out += tile(fmt::format("{}", most), "visitors at once, at the most");
  }
  return out + "</section>\n";
}

std::string findings_of(const Rehearsal& rehearsal) {
  std::string out =
      "<h2>What was promised</h2><div class=\"scroll\"><table class=\"words\"><tr><th>objective</th><th>over the "
      "whole</th>"
      "<th>worst minute</th><th></th></tr>";
  for (const Finding& finding : rehearsal.judgement.findings)
    out += fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>",
                       markup_escaped(finding.objective), markup_escaped(finding.measured),
                       markup_escaped(finding.worst), finding.kept ? "ok" : "no", finding.kept ? "kept" : "not kept");
  return out + "</table></div>\n";
}

Slo slo_of(const Rehearsal& rehearsal) { return parse_slo(rehearsal.slo).value_or(Slo()); }

std::string_view outcome(const Step& step) {
  if (step.sustained) return "sustained";
  return step.judgement.verdict == Verdict::invalid ? "says nothing" : "not sustained";
}

std::string knee_of(const Rehearsal& rehearsal) {
  if (!rehearsal.limit) return "";
  const LimitResult& limit = *rehearsal.limit;
  std::string out = "<h2>The knee</h2>";
  if (!limit.knee.gave_way.empty())
    out += fmt::format("<p>What gave way first, just above it: {}.</p>", markup_escaped(limit.knee.gave_way));
  if (limit.knee.found == Knee::Found::driver_was_the_limit)
    out += "<p>Above it this machine, which drove the load, was the limit: the shop may bear more.</p>";
  out += "<div class=\"plots\">" + knee_plot(limit, rehearsal.record.mode, slo_of(rehearsal)) + "</div>";
  out +=
      "<div "
      "class=\"scroll\"><table><tr><th>load</th><th>purpose</th><th>answered/s</th><th>p99</th><th>failed</th><th></"
      "th></tr>";
  for (const Step& step : limit.steps)
    out += fmt::format(
        "<tr><td>{:.4g}</td><td>{}</td><td>{:.1f}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>", step.load,
        name(step.purpose), step.record.achieved_per_s(), time_text(in_seconds(judged_times(step.record).p99)),
        step.record.total.failed_all(), step.sustained ? "ok" : "no", outcome(step));
  return out + "</table></div>\n";
}

std::string statuses_text(const TemplateRecord& each) {
  std::string text;
  for (const auto& entry : each.statuses.entries()) {
    if (entry.times > 0)
      text += fmt::format("{}{} × {}", text.empty() ? "" : ", ",
                          entry.status == 0 ? "other" : fmt::format("{}", entry.status), entry.times);
  }
  return text;
}

std::string templates_of(const RunRecord& record) {
  std::vector<const TemplateRecord*> sorted;
  for (const TemplateRecord& each : record.templates) {
    if (each.sent > 0) sorted.push_back(&each);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const TemplateRecord* a, const TemplateRecord* b) { return a->sent > b->sent; });
  std::string out =
      "<h2>By what was asked for</h2><div class=\"scroll\"><table><tr><th>template</th><th>requests</th>"
      "<th>failed</th><th>answers</th><th>p50</th><th>p95</th><th>p99</th></tr>";
  for (std::size_t i = 0; i < std::min(sorted.size(), most_templates); ++i) {
    const TemplateRecord& each = *sorted[i];
    out += fmt::format(
        "<tr><td><code>{}</code></td><td>{}</td><td "
        "class=\"{}\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        markup_escaped(each.name), each.sent, each.failed > 0 ? "no" : "", each.failed, statuses_text(each),
        time_text(in_seconds(each.response.quantile(0.5))), time_text(in_seconds(each.response.quantile(0.95))),
        time_text(in_seconds(each.response.quantile(0.99))));
  }
  out += "</table></div>\n";
  if (sorted.size() > most_templates)
    out += fmt::format("<p>And {} more, in report.json.</p>", sorted.size() - most_templates);
  return out;
}

std::string trust_of(const Rehearsal& rehearsal) {
  const Counts& total = rehearsal.record.total;
  std::string out = "<h2>How far this can be trusted</h2><ul>";
  for (const std::string& note : rehearsal.judgement.trust) out += "<li>" + markup_escaped(note) + "</li>";
  if (total.withheld > 0)
    out += fmt::format("<li>{} requests that write (POST and the like) were left out; --allow-orders sends them</li>",
                       total.withheld);
  if (total.not_followed > 0)
    out += fmt::format("<li>{} redirects led to other hosts and were not followed</li>", total.not_followed);
  if (total.tls_handshakes > 0)
    out += fmt::format("<li>{} TLS handshakes, {} of them resumed</li>", total.tls_handshakes, total.tls_resumed);
  return out + "</ul>\n<div class=\"plots\">" + driver_plot(rehearsal.record) + "</div>";
}

// The plots as a table, for those who would rather read or cannot see them.
std::string data_of(const RunRecord& record) {
  std::string out =
      "<details><summary>The plots as a table</summary><div class=\"scroll\"><table><tr><th>until</th><th>planned</th>"
      "<th>answered</th><th>failed</th><th>in flight</th><th>p50</th><th>p95</th><th>p99</th></tr>";
  const std::size_t stride = record.windows.size() / most_rows + 1;
  for (std::size_t i = 0; i < record.windows.size(); i += stride) {
    const Window& window = record.windows[i];
    out +=
        fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                    moment_text(window.to), window.counts.planned, window.counts.answered, window.counts.failed_all(),
                    window.in_flight, time_text(in_seconds(window.p50)), time_text(in_seconds(window.p95)),
                    time_text(in_seconds(window.p99)));
  }
  return out + "</table></div></details>\n";
}

}  // namespace

std::string report_html(const Rehearsal& rehearsal) {
  const RunRecord& record = rehearsal.record;
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>{}: rehearsal of "
      "{}</title><style>{}</style></head><body>\n",
      name(rehearsal.judgement.verdict), markup_escaped(record.url), report_style);
  out += head_of(rehearsal) + tiles_of(rehearsal) + findings_of(rehearsal) + knee_of(rehearsal);
  const Slo slo = slo_of(rehearsal);
  out += "<h2>How it went</h2>\n<div class=\"plots\">";
  out += rate_plot(record) + latency_plot(record, slo) + error_plot(record) + percentile_plot(record, slo) + "</div>";
  out += templates_of(record) + trust_of(rehearsal) + data_of(record);
  out += fmt::format("<h2>Once more</h2><pre>{}</pre>\n</body></html>\n", markup_escaped(rehearsal.command));
  return out;
}

}  // namespace tenfold::rehearse
