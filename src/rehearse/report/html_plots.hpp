#pragma once

#include <string>

#include "rehearse/report/report.hpp"

namespace tenfold::rehearse {

std::string rate_plot(const RunRecord& record);
// Those of times have the objective as a line.
std::string latency_plot(const RunRecord& record, const Slo& slo);
std::string error_plot(const RunRecord& record);  // empty when nothing failed
std::string percentile_plot(const RunRecord& record, const Slo& slo);
std::string knee_plot(const LimitResult& limit, RunRecord::Mode mode, const Slo& slo);
std::string driver_plot(const RunRecord& record);

}  // namespace tenfold::rehearse
