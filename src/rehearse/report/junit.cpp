#include <fmt/format.h>

#include "base/text/markup.hpp"
#include "rehearse/report/numbers.hpp"
#include "rehearse/report/plot.hpp"
#include "rehearse/report/report.hpp"

namespace tenfold::rehearse {

std::string report_junit(const Rehearsal& rehearsal) {
  const Judgement& judgement = rehearsal.judgement;
  std::size_t failed = 0;
  std::string cases;
  const double time = in_seconds(rehearsal.record.lasted);
  for (const Finding& finding : judgement.findings) {
    cases += fmt::format("    <testcase classname=\"tenfold.rehearse\" name=\"{}\" time=\"{:.1f}\">",
                         markup_escaped(finding.objective), time);
    if (!finding.kept) {
      ++failed;
      cases += fmt::format("<failure message=\"{}\">{}</failure>", markup_escaped("measured " + finding.measured),
                           markup_escaped("worst " + finding.worst));
    }
    cases += "</testcase>\n";
  }
  // Why there is no verdict on the shop, or what else made it fail, is a case of its own.
  const bool error = judgement.verdict == Verdict::invalid || judgement.verdict == Verdict::refused;
  const bool other = judgement.verdict == Verdict::fail && failed == 0;
  std::string reasons;
  for (const std::string& reason : judgement.reasons) reasons += reason + "\n";
  cases +=
      fmt::format("    <testcase classname=\"tenfold.rehearse\" name=\"the measurement holds\" time=\"{:.1f}\">", time);
  if (error) cases += fmt::format("<error message=\"{}\">{}</error>", name(judgement.verdict), markup_escaped(reasons));
  if (other) cases += fmt::format("<failure message=\"FAIL\">{}</failure>", markup_escaped(reasons));
  cases += "</testcase>\n";
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"{}\" tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" time=\"{:.1f}\">\n{}  </testsuite>\n</testsuites>\n",
      markup_escaped("rehearsal of " + rehearsal.record.url), judgement.findings.size() + 1, failed + (other ? 1 : 0),
      error ? 1 : 0, time, cases);
}

}  // namespace tenfold::rehearse
