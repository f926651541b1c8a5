#pragma once

#include <string>
#include <vector>

#include "rehearse/record/run_record.hpp"

namespace tenfold::rehearse {

// What came, held against what the log says of each template.
struct AgainstLog {
  // The shop that was driven is not the log's, not at that address, or not to be seen without a login: nothing can be
  // said of it, and what to do about that. Empty: it is.
  std::string stranger;
  std::string remedy;
  std::vector<std::string> failures;  // templates that answer otherwise than the log's visitors were answered, in words
  std::vector<std::string> notes;     // parts that were not rehearsed, for want of a login or a basket
};
AgainstLog against_log(const RunRecord& record);

// The templates with most failures, each with what came instead: "/product/{id}: 213 of 500 failed (503 × 200, no
// answer × 13)". At most `most`.
std::vector<std::string> failing_templates(const RunRecord& record, std::size_t most);

}  // namespace tenfold::rehearse
