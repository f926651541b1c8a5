#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "watch/probe/check.hpp"

namespace tenfold::watch {

// Whether failures of many are one failure of ours. Pure.
struct UplinkVerdict {
  bool down = false;
  WallTime since{};
  std::string why;

  bool operator==(const UplinkVerdict&) const = default;
};

// Down when no anchor answers, each by its newest result; up as soon as one does. Without anchors nothing can be said,
// and it counts as up.
UplinkVerdict judge_uplink(const std::vector<CheckResult>& anchors, const UplinkVerdict& before, WallTime now);

// Whether a failure says nothing while the uplink is down: what was asked lies outside, or its name could not be found.
// Loopback and private networks (RFC 1918, 4193, 6598, 3927, 4291) are reached without an uplink.
bool needs_uplink(const CheckResult& failure);

}  // namespace tenfold::watch
