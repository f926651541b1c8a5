#include "rehearse/drive/players/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace tenfold::rehearse {

namespace {

double to_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

ConstantSchedule::ConstantSchedule(double per_s, Duration length, Duration ramp)
    : per_s_(per_s), length_s_(to_seconds(length)), ramp_s_(std::clamp(to_seconds(ramp), 0.0, length_s_)) {
  // The request with number n is due when n have been due before it: those at less than `length` take part. The small
  // share is for products like 0.1 * 30 that come out just above the whole number they mean.
  count_ = static_cast<std::uint64_t>(std::max(0.0, std::ceil(due_by(length) * (1 - 1e-12))));
}

Duration ConstantSchedule::moment(std::uint64_t number) const {
  const auto before = static_cast<double>(number);
  const double in_ramp = per_s_ * ramp_s_ / 2;
  const double at = before < in_ramp ? std::sqrt(2 * before * ramp_s_ / per_s_) : ramp_s_ / 2 + before / per_s_;
  return Duration(static_cast<std::int64_t>(at * 1e9));
}

double ConstantSchedule::due_by(Duration moment) const {
  const double at = std::clamp(to_seconds(moment), 0.0, length_s_);
  if (at < ramp_s_) return per_s_ * at * at / (2 * ramp_s_);
  return per_s_ * (at - ramp_s_ / 2);
}

}  // namespace tenfold::rehearse
