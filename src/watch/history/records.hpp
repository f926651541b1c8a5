#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "watch/history/summary.hpp"
#include "watch/probe/check.hpp"
#include "watch/state/check_state.hpp"

// What the watch hands to its history, and gets back from it at the next start.
namespace tenfold::watch {

// Whether on-call has been told that a check is down. Numbers are stored.
enum class Told : std::uint8_t {
  no = 0,
  yes = 1,
  unsure = 2,  // nothing could be read at the start: perhaps it was before
};

struct ResultRecord {
  std::string check;
  CheckResult result;
  Counts counts = Counts::none;
};

// A whole hour (UTC) of one check, when it is over.
struct HourRecord {
  std::string check;
  WallTime start{};
  Summary summary;
};

struct StateRecord {
  std::string check;
  SavedState state;
  Told told = Told::no;
  bool needs_uplink = false;  // its last failure says nothing while the uplink is down
};

struct Batch {
  std::vector<ResultRecord> results;
  std::vector<HourRecord> hours;
  std::vector<StateRecord> states;
  std::vector<Change> changes;
  std::vector<std::string> forgotten;      // checks that are no longer configured: their states go, their history stays
  std::optional<WallTime> hours_until;     // all hours before that are in `hours`, here or earlier
  std::optional<WallTime> alive_at;        // the watch was running then
  std::optional<WallTime> uplink_down;     // since when; the epoch: it is up
  std::optional<Duration> keep_results{};  // the setting, when it has changed

  std::size_t size() const { return results.size() + hours.size() + states.size() + changes.size() + forgotten.size(); }
};

struct Restored {
  std::vector<StateRecord> states;
  std::vector<HourRecord> hours;     // that under way and the 24 before it
  std::optional<WallTime> alive_at;  // none: the first start
  std::optional<WallTime> uplink_down;
};

}  // namespace tenfold::watch
