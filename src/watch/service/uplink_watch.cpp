#include "watch/service/uplink_watch.hpp"

#include <algorithm>
#include <utility>

namespace tenfold::watch {

std::optional<UplinkVerdict> UplinkWatch::replace(std::size_t anchors, TimePoint now, WallTime wall) {
  anchors_ = anchors;
  under_way_ = wanted_ = confirming_ = false;
  ++sweep_;  // what is still asked for the old ones says nothing
  due_at_ = now;
  if (anchors != 0 || !verdict_.down) return std::nullopt;
  verdict_ = {.down = false, .since = wall, .why = "there are no anchors any more"};
  return verdict_;
}

void UplinkWatch::hasten(TimePoint now) {
  if (under_way_) {
    wanted_ = true;
  } else {
    due_at_ = std::min(due_at_, now);
  }
}

std::vector<UplinkWatch::Ask> UplinkWatch::due(TimePoint now) {
  if (under_way_ && now - begun_ > give_up_after) end_sweep(now);
  if (anchors_ == 0 || under_way_ || now < due_at_) return {};
  under_way_ = true;
  begun_ = now;
  failures_.clear();
  ++sweep_;
  std::vector<Ask> asks;
  for (std::size_t anchor = 0; anchor < anchors_; ++anchor) asks.push_back({sweep_, anchor});
  return asks;
}

std::optional<TimePoint> UplinkWatch::next() const {
  if (anchors_ == 0) return std::nullopt;
  return under_way_ ? begun_ + give_up_after + Duration(1) : due_at_;
}

std::optional<UplinkVerdict> UplinkWatch::take(Ask ask, const CheckResult& result, TimePoint now, WallTime wall) {
  if (!under_way_ || ask.sweep != sweep_) return std::nullopt;
  if (result.outcome == CheckResult::Outcome::good) {
    judged_ = begun_;
    confirming_ = false;
    auto verdict = judge({result}, wall);
    end_sweep(now);
    return verdict;
  }
  failures_.push_back(result);
  if (failures_.size() < anchors_) return std::nullopt;
  if (!verdict_.down && !std::exchange(confirming_, true)) {
    end_sweep(now);
    due_at_ = now;
    return std::nullopt;
  }
  judged_ = begun_;
  confirming_ = false;
  auto verdict = judge(failures_, wall);
  end_sweep(now);
  return verdict;
}

void UplinkWatch::end_sweep(TimePoint now) {
  under_way_ = false;
  due_at_ = std::exchange(wanted_, false) ? now : now + (verdict_.down ? every_while_down : every);
}

std::optional<UplinkVerdict> UplinkWatch::judge(const std::vector<CheckResult>& results, WallTime wall) {
  UplinkVerdict verdict = judge_uplink(results, verdict_, wall);
  if (verdict == verdict_) return std::nullopt;
  verdict_ = std::move(verdict);
  return verdict_;
}

}  // namespace tenfold::watch
