#pragma once

#include <string>

#include "app/rehearse/options.hpp"
#include "app/terminal.hpp"
#include "rehearse/report/report.hpp"

namespace tenfold::app {

// Puts the run into the store; a store that cannot be used is a warning, since the run is done.
void record_as_evidence(const RehearsePlan& plan, const rehearse::Rehearsal& rehearsal, const Terminal& err);

// The run beside the last one in the store of the same load against the same target that said something of the shop:
// "better than the last time (2026-11-24 08:15 UTC, PASS): p99 52.1 ms -> 41.0 ms, ...". Empty: there is none.
std::string compared_with_last(const RehearsePlan& plan, const rehearse::Rehearsal& rehearsal);

}  // namespace tenfold::app
