#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rehearse/record/run_record.hpp"
#include "rehearse/verdict/slo.hpp"

namespace tenfold::rehearse {

enum class Verdict : std::uint8_t { pass, fail, invalid, refused };
std::string_view name(Verdict verdict);  // "PASS"

// How one objective fared.
struct Finding {
  std::string objective;  // as written
  std::string measured;   // "1.24 s"
  bool kept = false;
  std::string worst;  // the window and template that were worst, in words: "from 0:40 to 0:50: 2.1 s"
};

struct Judgement {
  Verdict verdict = Verdict::invalid;
  std::vector<Finding> findings;
  std::vector<std::string> reasons;  // in words, most important first; never empty unless PASS
  std::vector<std::string> trust;    // how much the answer can be trusted: driver's health, length, model
};

// Decides, pure. Windows in the ramp are not judged. INVALID when the driver or its machine was the limit: more than 1
// % of the plan unsent, or 1 % of arrivals more than 10 ms late, or too few requests to say; INVALID outranks FAIL.
// What the shop refused a connection for counts against the shop. An objective is kept if it holds over the whole and
// in every minute with enough requests to say so (see stretch.hpp).
Judgement judge(const RunRecord& record, const Slo& slo);

// For stopping early: the shop is clearly down (over the last 5 s with at least 50 requests, at least 90 % failed), in
// words. Empty: go on.
std::string clearly_down(const RunRecord& record);

// Whether the load was sustained, for seeking the knee: SLO kept, and requests in flight did not go on growing through
// the window.
bool sustained(const RunRecord& record, const Slo& slo);

}  // namespace tenfold::rehearse
