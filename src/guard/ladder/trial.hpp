#pragma once

#include <cstdint>
#include <string_view>

#include "guard/judge/subject_id.hpp"
#include "guard/ladder/known_visits.hpp"

// Whether a measure would hit known customers.
namespace tenfold::guard::ladder {

// Under so many visits nothing is proven: 600 of which none is hit are just enough for the share below.
inline constexpr std::uint64_t least_visits = 600;
// Of known customers' visits so large a share must not be hit, with 95 % confidence.
inline constexpr double most_hit_share = 0.005;

// The upper 95 % bound (one-sided, Clopper and Pearson 1934) of a share of which `hits` in `tries` were seen: were it
// larger, so few hits would be seen once in twenty times at the most. 1 without tries.
double upper_bound(std::uint64_t hits, std::uint64_t tries);

struct Trial {
  enum class Outcome : std::uint8_t {
    passed,
    too_few_visits,
    hits_customers,
  } outcome = Outcome::too_few_visits;
  std::uint64_t visits = 0;
  std::uint64_t hit = 0;  // of these
};
Trial try_on(const KnownVisits& visits, const judging::Subject& subject);

}  // namespace tenfold::guard::ladder
