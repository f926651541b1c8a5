#include "rehearse/verdict/stretch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>

#include "base/text/letters.hpp"

namespace tenfold::rehearse {
namespace {

constexpr Duration minute = std::chrono::seconds(60);

// Adds up windows, or a run, for one objective.
class Sum {
 public:
  enum class Of : std::uint8_t { whole, minute };
  Sum(const Objective& objective, Of of)
      : objective_(objective), of_(of), times_(std::make_unique<CoarseHistogram>()) {}

  void add(const JudgedWindow& window) {
    late_ += window.counts.late;
    if (objective_.scope.empty()) {
      times_->add(window.response);
      failed_ += window.counts.failed_all();
      ended_ += window.counts.answered + window.counts.failed_unanswered();
      return;
    }
    for (const TemplateRecord& each : window.templates) add(each);
  }
  void add(const TemplateRecord& each) {
    if (!in_scope(each.name, objective_.scope)) return;
    times_->add(each.response);
    failed_ += each.failed;
    ended_ += std::max(each.sent, each.response.count());
  }
  Stretch result(Duration from, Duration to) const {
    Stretch stretch{.from = from, .to = to, .requests = ended_, .failed = failed_, .late = late_};
    if (objective_.measure == Objective::Measure::errors) {
      stretch.measured = ended_ == 0 ? 0 : static_cast<double>(failed_) / static_cast<double>(ended_);
      const double allowed = objective_.error_limit * static_cast<double>(ended_);
      stretch.beyond = static_cast<double>(failed_) - allowed;
      stretch.kept = stretch.measured <= objective_.error_limit || by_chance(stretch.beyond, allowed);
      stretch.enough = ended_ >= 50;
      return stretch;
    }
    const Duration time = measure();
    stretch.measured = in_seconds(time);
    stretch.answered = ended_ == 0 || times_->count() > 0;
    // A bucket's middle may lie on the limit's other side by the histogram's resolution: what counts is how many are
    // over.
    const double allowed = (1 - objective_.share) * static_cast<double>(times_->count());
    const bool quantile = objective_.measure == Objective::Measure::quantile;
    stretch.beyond = quantile ? static_cast<double>(times_->over(objective_.limit)) - allowed : 0;
    stretch.kept = quantile ? stretch.beyond <= 1e-9 || by_chance(stretch.beyond, allowed) : time <= objective_.limit;
    stretch.kept = stretch.kept && stretch.answered;
    stretch.enough = static_cast<double>(times_->count()) * (1 - objective_.share) >= 1 ||
                     (objective_.measure != Objective::Measure::quantile && times_->count() >= 20);
    return stretch;
  }

 private:
  Duration measure() const {
    switch (objective_.measure) {
      case Objective::Measure::mean: return times_->mean();
      case Objective::Measure::most: return times_->most();
      default: return times_->quantile(objective_.share);
    }
  }
  // One minute of many may have a few more than the whole by chance alone.
  bool by_chance(double beyond, double allowed) const {
    return of_ == Of::minute && beyond <= 2.33 * std::sqrt(allowed);
  }
  const Objective& objective_;
  const Of of_;
  std::uint64_t late_ = 0;
  std::unique_ptr<CoarseHistogram> times_;
  std::uint64_t failed_ = 0;
  std::uint64_t ended_ = 0;
};

std::vector<const JudgedWindow*> after_ramp(const RunRecord& record) {
  std::vector<const JudgedWindow*> windows;
  for (const JudgedWindow& window : record.judged) {
    if (window.from >= record.ramp) windows.push_back(&window);
  }
  return windows;
}

}  // namespace

bool in_scope(std::string_view template_name, std::string_view scope) {
  const auto same = [](char a, char b) { return to_lower(a) == to_lower(b); };
  return std::search(template_name.begin(), template_name.end(), scope.begin(), scope.end(), same) !=
         template_name.end();
}

Stretch whole(const RunRecord& record, const Objective& objective) {
  Sum sum(objective, Sum::Of::whole);
  const auto windows = after_ramp(record);
  if (windows.empty()) {  // so short a run that all of it is one window
    for (const JudgedWindow& window : record.judged) sum.add(window);
    return sum.result(Duration::zero(), record.lasted);
  }
  for (const JudgedWindow* window : windows) sum.add(*window);
  return sum.result(windows.front()->from, windows.back()->to);
}

std::vector<Stretch> minutes(const RunRecord& record, const Objective& objective) {
  const auto windows = after_ramp(record);
  std::vector<Stretch> found;
  for (std::size_t first = 0; first < windows.size(); ++first) {
    const bool all = windows.back()->to - windows.front()->from <= minute;
    Sum sum(objective, all ? Sum::Of::whole : Sum::Of::minute);
    std::size_t last = first;
    sum.add(*windows[first]);
    while (last + 1 < windows.size() && windows[last]->to - windows[first]->from < minute) sum.add(*windows[++last]);
    const Duration from = windows[first]->from;
    const Duration to = windows[last]->to;
    if (to - from < minute && first > 0) break;  // the end is part of the minutes before
    const Stretch stretch = sum.result(from, to);
    if (stretch.enough) found.push_back(stretch);
  }
  return found;
}

bool Growth::steady() const {
  // 1.5 % more than can be answered, in two of three pairs of windows: at 95 % of the capacity chance alone does not do
  // that for 15 s. The longer it is looked at, the less does chance.
  constexpr double short_run_s = 15;
  return of_rate > 0.015 * short_run_s / std::max(short_run_s, seconds) && agreement > 0.6;
}

Growth growth_of(const RunRecord& record) {
  std::vector<const Window*> windows;
  for (const Window& window : record.windows) {
    if (window.from >= record.ramp && window.to <= record.length + std::chrono::milliseconds(1))
      windows.push_back(&window);
  }
  Growth growth;
  if (windows.size() < 4 || record.mode == RunRecord::Mode::closed_loop) return growth;
  // All pairs of an hour's windows would be millions: neighbours are passed over evenly.
  const std::size_t stride = windows.size() / 200 + 1;
  std::vector<double> slopes;
  double agreeing = 0;
  for (std::size_t i = 0; i < windows.size(); i += stride) {
    for (std::size_t j = i + stride; j < windows.size(); j += stride) {
      const double by = static_cast<double>(windows[j]->in_flight) - static_cast<double>(windows[i]->in_flight);
      slopes.push_back(by / in_seconds(windows[j]->to - windows[i]->to));
      agreeing += by > 0 ? 1 : by < 0 ? -1 : 0;
    }
  }
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  growth.per_s = *middle;
  growth.agreement = agreeing / static_cast<double>(slopes.size());
  double planned = 0;
  for (const Window* window : windows) planned += static_cast<double>(window->counts.planned);
  growth.seconds = in_seconds(windows.back()->to - windows.front()->from);
  const double rate = planned / in_seconds(windows.back()->to - windows.front()->from);
  growth.of_rate = rate > 0 ? growth.per_s / rate : 0;
  return growth;
}

}  // namespace tenfold::rehearse
