#include "rehearse/log/time_survey.hpp"

#include <algorithm>
#include <utility>

namespace tenfold::rehearse {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t half_a_year_ms = 180 * day_ms;

std::int64_t floor_of(std::int64_t value, std::int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

}  // namespace

void TimeSurvey::see(std::int64_t at_ms) {
  const std::int64_t number = floor_of(at_ms, bin_ms_);
  if (number != last_bin_ || last_ == nullptr) {
    if (bins_.size() >= most_bins) {
      widen();
      last_ = nullptr;
      return see(at_ms);
    }
    last_bin_ = number;
    last_ = &bins_[number];
    if (last_->lines == 0) last_->first_ms = last_->last_ms = at_ms;
  }
  ++last_->lines;
  last_->first_ms = std::min(last_->first_ms, at_ms);
  last_->last_ms = std::max(last_->last_ms, at_ms);
}

void TimeSurvey::widen() {
  bin_ms_ *= 4;
  absl::flat_hash_map<std::int64_t, Bin> wider;
  for (const auto& [number, bin] : bins_) {
    Bin& into = wider[floor_of(bin.first_ms, bin_ms_)];
    into.first_ms = into.lines == 0 ? bin.first_ms : std::min(into.first_ms, bin.first_ms);
    into.last_ms = into.lines == 0 ? bin.last_ms : std::max(into.last_ms, bin.last_ms);
    into.lines += bin.lines;
  }
  bins_ = std::move(wider);
}

TimeSurvey::Kept TimeSurvey::kept() const {
  Kept result;
  std::vector<Bin> bins;
  std::uint64_t lines = 0;
  for (const auto& [number, bin] : bins_) {
    bins.push_back(bin);
    lines += bin.lines;
  }
  if (bins.empty()) return result;
  std::ranges::sort(bins, {}, &Bin::first_ms);
  const std::uint64_t few = 1 + lines / 1000;
  std::size_t begin = 0, end = bins.size();
  const auto far = [&](std::size_t before, std::size_t behind, std::int64_t span_ms) {
    const std::int64_t gap_ms = bins[behind].first_ms - bins[before].last_ms;
    return gap_ms > std::min(std::max(day_ms, 3 * span_ms), half_a_year_ms);
  };
  // What stands apart may do so on both sides, and hide by that how far it is.
  for (bool more = true; more && lines >= 4;) {
    more = false;
    std::uint64_t cut = 0;
    for (std::size_t i = begin; i + 1 < end && (cut += bins[i].lines) <= few && cut * 4 <= lines; ++i) {
      if (!far(i, i + 1, bins[end - 1].last_ms - bins[i + 1].first_ms)) continue;
      result.lone += cut;
      result.lone_at_ms = bins[begin].first_ms;
      begin = i + 1;
      more = true;
      break;
    }
    cut = 0;
    for (std::size_t i = end; i > begin + 1 && (cut += bins[i - 1].lines) <= few && cut * 4 <= lines; --i) {
      if (!far(i - 2, i - 1, bins[i - 2].last_ms - bins[begin].first_ms)) continue;
      result.lone += cut;
      result.lone_at_ms = bins[end - 1].last_ms;
      end = i - 1;
      more = true;
      break;
    }
  }
  result.first_ms = bins[begin].first_ms;
  result.last_ms = bins[end - 1].last_ms;
  if (result.lone > 0) {
    result.from_ms = result.first_ms;
    result.to_ms = result.last_ms;
  }
  for (std::size_t i = begin + 1; i < end; ++i) {
    if (bins[i].first_ms - bins[i - 1].last_ms <= result.pause_to_ms - result.pause_from_ms) continue;
    result.pause_from_ms = bins[i - 1].last_ms;
    result.pause_to_ms = bins[i].first_ms;
  }
  return result;
}

}  // namespace tenfold::rehearse
