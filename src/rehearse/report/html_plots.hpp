#pragma once

#include <string>

#include "rehearse/report/report.hpp"

namespace tenfold::rehearse {

std::string rate_plot(const RunRecord& record);
std::string latency_plot(const RunRecord& record);
std::string error_plot(const RunRecord& record);  // empty when nothing failed
std::string percentile_plot(const RunRecord& record);
std::string knee_plot(const LimitResult& limit, RunRecord::Mode mode);
std::string driver_plot(const RunRecord& record);

}  // namespace tenfold::rehearse
