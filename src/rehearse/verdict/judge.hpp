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
  std::vector<std::string> parts;    // the templates that failed, with what came instead; at most five
  std::vector<std::string> trust;    // how much the answer can be trusted: driver's health, length, model
  std::string next;                  // what to do about it; empty: as the verdict has it
  enum class InvalidFor : std::uint8_t {
    nothing,
    driver,       // it or its machine was the limit
    few,          // requests were too few
    not_seen,     // the log's shop was not seen there
    interrupted,  // by a person
  } invalid_for = InvalidFor::nothing;
};

// Decides, pure. Windows in the ramp are not judged. An objective is kept if it holds over the whole and in every
// minute with enough requests to say so (see stretch.hpp); besides, each template must answer as the log's visitors
// were answered (see against_log.hpp). INVALID, with the cause and what to do: nobody was reached (nothing listens
// there, its certificate is not trusted), or it is not the log's shop; or the driver or its machine was the limit (more
// than 1 % of the plan unsent or more than 10 ms late, by more than chance) where that may have changed the verdict:
// what was not sent cannot make a shop fail, and what left late cannot make it pass. What the shop refuses a connection
// for once it has answered counts against the shop.
Judgement judge(const RunRecord& record, const Slo& slo);

// What disturbed this machine during a run, in words: "2.1 % of the requests left late, its cores were busy for 98 %".
// Empty: nothing to speak of.
std::string noise_of(const RunRecord& record);

// For stopping early: the shop is clearly down (over the last 5 s with at least 50 requests, at least 90 % failed), in
// words. Empty: go on.
std::string clearly_down(const RunRecord& record);

// Whether the load was sustained, for seeking the knee: SLO kept, and requests in flight did not go on growing through
// the window.
bool sustained(const RunRecord& record, const Slo& slo);

}  // namespace tenfold::rehearse
