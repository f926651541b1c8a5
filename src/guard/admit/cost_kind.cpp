#include "guard/admit/cost_kind.hpp"

#include <algorithm>
#include <functional>
#include <span>

namespace tenfold::guard {

CostKinds::CostKinds(std::uint64_t seed) : seed_(seed), counts_(counted) {}

std::uint64_t CostKinds::kind_of(const http::RequestHead& request, std::string_view path) const {
  const CostShape shape = cost_shape(seed_, request, path);
  if (is_learned(shape.form)) return shape.form;
  return is_learned(shape.family) ? shape.family : shape.shared;
}

void CostKinds::learn(const http::RequestHead& request, std::string_view path) {
  const CostShape shape = cost_shape(seed_, request, path);
  count(shape.family, shape.family);
  if (shape.form != shape.family) count(shape.form, shape.family);
  if (--until_next_ > 0) return;
  choose_frequent();
  period_ = std::min(period_ * 2, last_period);
  until_next_ = period_;
}

bool CostKinds::is_learned(std::uint64_t id) const {
  for (std::size_t i = id % table_.size();; i = (i + 1) % table_.size()) {
    if (table_[i] == id) return true;
    if (table_[i] == 0) return false;
  }
}

void CostKinds::insert(std::uint64_t id) {
  std::size_t i = id % table_.size();
  while (table_[i] != 0) i = (i + 1) % table_.size();
  table_[i] = id;
  ++learned_;
}

void CostKinds::count(std::uint64_t id, std::uint64_t family) {
  const std::span set(&counts_[id % (counted / ways) * ways], ways);
  const auto found = std::ranges::find(set, id, &Count::id);
  if (found != set.end()) {
    ++found->count;
    return;
  }
  Count& least = *std::ranges::min_element(set, {}, &Count::count);
  if (least.count > 0) {
    --least.count;
  } else {
    least = {id, family, 1};
  }
}

std::uint32_t CostKinds::count_of(std::uint64_t id) const {
  const std::span set(&counts_[id % (counted / ways) * ways], ways);
  const auto found = std::ranges::find(set, id, &Count::id);
  return found == set.end() ? 0 : found->count;
}

// Who has a kind of its own keeps it with half of what a newcomer needs, so that kinds do not come and go.
void CostKinds::choose_frequent() {
  struct Candidate {
    std::uint64_t id;
    std::uint32_t weight;
  };
  std::vector<Candidate> candidates;
  for (const Count& entry : counts_) {
    const std::uint32_t weight = is_learned(entry.id) ? entry.count * 2 : entry.count;
    const bool stands_out = entry.id == entry.family || weight >= count_of(entry.family) / share_of_family;
    if (entry.id != 0 && weight >= frequent && stands_out) candidates.push_back({entry.id, weight});
  }
  if (candidates.size() > most_learned) {
    std::ranges::nth_element(candidates, candidates.begin() + most_learned, std::greater<>(), &Candidate::weight);
    candidates.resize(most_learned);
  }
  table_.fill(0);
  learned_ = 0;
  for (const Candidate& candidate : candidates) insert(candidate.id);
  for (Count& entry : counts_) entry.count /= 2;
}

}  // namespace tenfold::guard
