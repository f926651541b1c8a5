#pragma once

#include <string>

#include "base/clock.hpp"
#include "rehearse/verdict/slo.hpp"

namespace tenfold::rehearse {

std::string time_text(double seconds);    // "12.3 ms", "1.24 s"
std::string share_text(double share);     // "0.32 %"
std::string moment_text(Duration since);  // "1:40"
std::string measured_text(const Objective& objective, double measured);

}  // namespace tenfold::rehearse
