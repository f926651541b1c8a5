#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace tenfold::rehearse {

// When each request of a constant rate is due, after the run's beginning: computed anew from its number, so that no
// error adds up and no wait moves the rest. In the ramp the rate grows linearly from nothing.
class ConstantSchedule {
 public:
  // per_s > 0; the ramp is at most the length, and part of it.
  ConstantSchedule(double per_s, Duration length, Duration ramp);

  Duration moment(std::uint64_t number) const;
  std::uint64_t count() const { return count_; }
  // How many fall due in a stretch, as a real number: before the first request it is a fraction of one.
  double expected(Duration from, Duration to) const { return due_by(to) - due_by(from); }

 private:
  double due_by(Duration moment) const;

  double per_s_;
  double length_s_;
  double ramp_s_;
  std::uint64_t count_;
};

}  // namespace tenfold::rehearse
