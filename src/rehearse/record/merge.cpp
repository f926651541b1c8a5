#include "rehearse/record/merge.hpp"

#include <algorithm>
#include <utility>

namespace tenfold::rehearse {

namespace {

TemplateRecord& find_or_add(std::vector<TemplateRecord>& templates, const std::string& name) {
  const auto found = std::ranges::find(templates, name, &TemplateRecord::name);
  if (found != templates.end()) return *found;
  templates.emplace_back().name = name;
  return templates.back();
}

// Puts merge(windows[2i], windows[2i + 1]) at i.
template <class T, class Merge>
void halve_with(std::vector<T>& windows, Merge merge) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < windows.size(); i += 2, ++kept) {
    if (kept != i) windows[kept] = std::move(windows[i]);
    if (i + 1 < windows.size()) merge(windows[kept], windows[i + 1]);
  }
  windows.resize(kept);
}

}  // namespace

Window merged(const Window& earlier, const Window& later) {
  Window both = later;
  both.from = earlier.from;
  both.counts = earlier.counts;
  both.counts.add(later.counts);
  const double first = in_seconds(earlier.to - earlier.from);
  const double second = in_seconds(later.to - later.from);
  if (first + second > 0) {
    both.planned_per_s = (earlier.planned_per_s * first + later.planned_per_s * second) / (first + second);
  }
  both.p50 = std::max(earlier.p50, later.p50);
  both.p95 = std::max(earlier.p95, later.p95);
  both.p99 = std::max(earlier.p99, later.p99);
  both.most = std::max(earlier.most, later.most);
  both.arrival_error_p99 = std::max(earlier.arrival_error_p99, later.arrival_error_p99);
  both.driver_cpu = std::max(earlier.driver_cpu, later.driver_cpu);
  return both;
}

void add(JudgedWindow& to, const JudgedWindow& later) {
  to.to = later.to;
  to.counts.add(later.counts);
  to.response.add(later.response);
  for (const TemplateRecord& each : later.templates) {
    TemplateRecord& sum = find_or_add(to.templates, each.name);
    sum.planned += each.planned;
    sum.sent += each.sent;
    sum.failed += each.failed;
    sum.response.add(each.response);
    sum.statuses.add(each.statuses);
    sum.held.add(each.held);
  }
}

void halve(std::vector<Window>& windows) {
  halve_with(windows, [](Window& to, const Window& later) { to = merged(to, later); });
}

void halve(std::vector<JudgedWindow>& windows) {
  halve_with(windows, [](JudgedWindow& to, const JudgedWindow& later) { add(to, later); });
}

}  // namespace tenfold::rehearse
