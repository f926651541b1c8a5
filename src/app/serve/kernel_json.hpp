#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "edge/brain/brain.hpp"

// What the kernel drops, in the API and the metrics.
namespace tenfold::app {

nlohmann::ordered_json kernel_json(const edge::KernelView& view);

// Blocks about which nothing is in the plan: an earlier process left them, and they go on until their time is over.
void add_left_blocks(nlohmann::ordered_json& blocks, const edge::GuardView& view, TimePoint now);

void write_kernel_metrics(MetricsText& text, const edge::KernelView& view);

}  // namespace tenfold::app
