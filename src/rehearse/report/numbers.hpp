#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "rehearse/record/run_record.hpp"
#include "rehearse/report/report.hpp"

// Figures that all three forms of the report show alike.
namespace tenfold::rehearse {

inline double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

// Requests that came to an end, answered or not.
std::uint64_t ended(const Counts& counts);
// Answers a second, of those that are no failures.
double good_per_s(const Window& window);
// What the objectives look at: response times after the ramp, as far as the windows allow it.
struct JudgedTimes {
  std::uint64_t count = 0;
  Duration p50{}, p95{}, p99{}, most{};
  Duration from{};  // of the run: until then nothing is judged
};
JudgedTimes judged_times(const RunRecord& record);
std::string began_text(const RunRecord& record);  // "2026-11-24 08:15 UTC"
// "ten times the visitors of shop.traffic.json for 10:00"
std::string load_text(const Rehearsal& rehearsal);
// What the verdict means, in a sentence.
std::string meaning_of(const Rehearsal& rehearsal);
std::string_view name(Step::Purpose purpose);
std::string_view name(Knee::Found found);

}  // namespace tenfold::rehearse
