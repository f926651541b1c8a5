#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <span>

#include "guard/judge/subject_id.hpp"
#include "guard/ladder/measure.hpp"

namespace tenfold::guard::ladder {

// Measures as workers look them up: made by the brain for each plan that differs, and immutable. Any thread.
class MeasureTable {
 public:
  MeasureTable() = default;
  explicit MeasureTable(std::span<const Measure> measures);

  // The measure that is hardest on this client, and its step for it. Null: none, serve.
  struct Found {
    Step step = Step::serve;
    const Measure* measure = nullptr;
  };
  Found strictest(const judging::RequestSubjects& of) const;
  bool empty() const { return measures_.empty(); }

 private:
  absl::flat_hash_map<judging::Subject, Measure> measures_;
  std::array<bool, 5> levels_{};  // that have any
};

}  // namespace tenfold::guard::ladder
