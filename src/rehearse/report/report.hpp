#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "rehearse/model/traffic_model.hpp"
#include "rehearse/record/run_record.hpp"
#include "rehearse/verdict/judge.hpp"
#include "rehearse/verdict/limit.hpp"

namespace tenfold::rehearse {

struct Rehearsal {
  RunRecord record;  // with a knee: of the validation run
  Judgement judgement;
  std::string slo;
  std::optional<LimitResult> limit;
  std::string model_file;  // empty: none
  std::string command;     // as it can be given again
  std::string load;        // what the multiple is of: "20.3 new visitors a second, 10 times the log's busiest minute"
  std::string compared;    // with the last run of the same against the same; empty: there is none
};

// One JSON object, by docs/rehearsal.schema.json; at least the keys of DESIGN.md, section 3.
std::string report_json(const Rehearsal& rehearsal);
// One file that opens without a network: plots as inline SVG.
std::string report_html(const Rehearsal& rehearsal);
// One test case for each objective.
std::string report_junit(const Rehearsal& rehearsal);
// report.html, report.json, junit.xml into the folder, which is made.
Result<void> write_report(const Rehearsal& rehearsal, const std::string& folder);

}  // namespace tenfold::rehearse
