#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/siphash.hpp"
#include "guard/ladder/measure.hpp"

// The ladder's measures over a restart, so that an attack gains nothing by it: as text for the store, sealed under a
// key that is derived from the guard's secret.
namespace tenfold::edge {

struct KeptMeasures {
  std::vector<guard::ladder::Measure> measures;
  // Since when there was trouble as they were kept: who was first seen in it is no customer from before it after a
  // restart either.
  std::optional<WallTime> trouble_began;
};

SipKey measures_key(std::string_view secret);

// Those above the queue, which lasts for seconds only; past most_kept the ones that end last.
std::string save_measures(const SipKey& key, std::span<const guard::ladder::Measure> measures,
                          std::optional<WallTime> trouble_began, TimePoint now, WallTime wall_now);
inline constexpr std::size_t most_kept = 4096;

// Those whose time is not over. No time is taken to be longer than it can have been, should the clock have been set.
// Errors: invalid (damaged, of another version, or of another secret).
Result<KeptMeasures> load_measures(const SipKey& key, std::string_view saved, TimePoint now, WallTime wall_now);

}  // namespace tenfold::edge
