#pragma once

#include <optional>
#include <string_view>

#include "watch/service/watch.hpp"

namespace tenfold::app {

// What a job reports to its heartbeat, by the end of the path that it called ("fail", or its exit status: "0" to "255";
// empty: all went well) and the text that it sent along, of which 500 bytes are kept. None: no such end is known.
std::optional<watch::Beat> job_report(std::string_view end, std::string_view text);

}  // namespace tenfold::app
