#include "guard/ladder/measure_table.hpp"

#include <cstddef>

namespace tenfold::guard::ladder {

MeasureTable::MeasureTable(std::span<const Measure> measures) {
  measures_.reserve(measures.size());
  for (const Measure& measure : measures) {
    const auto level = static_cast<std::size_t>(measure.subject.level);
    if (level >= levels_.size()) continue;
    levels_[level] = true;
    measures_.emplace(measure.subject, measure);
  }
}

MeasureTable::Found MeasureTable::strictest(const judging::RequestSubjects& of) const {
  Found found;
  if (measures_.empty()) return found;
  for (const judging::Subject& subject : of.all()) {
    if (subject.id == judging::nobody || !levels_[static_cast<std::size_t>(subject.level)]) continue;
    const auto at = measures_.find(subject);
    if (at == measures_.end()) continue;
    const Step step = at->second.step_for(of.client);
    if (found.measure == nullptr || step > found.step) found = {step, &at->second};
  }
  return found;
}

}  // namespace tenfold::guard::ladder
