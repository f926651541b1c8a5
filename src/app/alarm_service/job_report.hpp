#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "watch/service/watch.hpp"

namespace tenfold::app {

// What a job reports to its heartbeat, by the end of the path that it called ("start", "fail", or its exit status: "0"
// to "255"; empty: all went well) and the text that it sent along, of which 500 bytes are kept. None: no such end is
// known.
std::optional<watch::Beat> job_report(std::string_view end, std::string_view text);

// Which of a job's runs reports: the query's `rid`, a UUID or any other 1 to 64 letters, digits, "-", "_" and ".".
// Empty: it does not say. None: it is none such.
std::optional<std::string> run_of(std::string_view query);

}  // namespace tenfold::app
