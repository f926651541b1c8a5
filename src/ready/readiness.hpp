#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "ready/evidence.hpp"

// Whether the shop is ready for the next rush or attack: a pure judgement of what is proven and what is planned.
namespace tenfold::ready {

// How a channel (a phone line, a mail server) has fared lately.
struct ChannelHealth {
  std::string name;
  std::optional<WallTime> worked_at = std::nullopt;  // something last got through
  std::optional<WallTime> failed_at = std::nullopt;  // it last failed itself: not because a line was busy
  std::string why = {};                              // of the failure
};

// What is known; app/ gathers it.
struct Facts {
  std::optional<Evidence> rehearsal;  // the newest of each kind that says something; of rehearsals: that lasted long
  std::optional<Evidence> short_rehearsal;  // a newer one that did not, or the newest if none did
  std::optional<Evidence> limit;            // a search for the knee
  std::optional<Evidence> drill_phone;
  std::size_t checks = 0;
  std::vector<std::string> down;         // checks that fail now; only while Tenfold runs
  std::string nobody_looks;              // why, where that is known: "no Tenfold runs"; empty: somebody does
  std::size_t people = 0;                // who can be told
  bool can_ring = false;                 // by a call or an SMS
  std::vector<std::string> holes;        // stretches in the weeks ahead in which a step reaches nobody, in words
  std::vector<std::string> unconfirmed;  // outside parties whose numbers nobody has tried for long
  std::size_t outside_parties = 0;
  std::vector<std::string> quiet = {};       // stretches in the weeks ahead in which nobody of the shop's own is rung
  std::vector<std::string> unworkable = {};  // settings that cannot work as they are
  std::vector<std::string> oversights = {};  // hardly meant; said, and no reason not to be ready
  std::vector<std::string> resting = {};     // checks in a maintenance that is too long to be one, in words
  std::vector<ChannelHealth> channels = {};  // those by which something was tried
  std::string store_error = {};              // why it rings from memory; empty: it does not
};

struct Item {
  std::string name;  // "rehearsal", "phone", ...: part of the API
  enum class State : std::uint8_t {
    good,
    stale,    // proven, but too long ago
    missing,  // never proven, or not there
    bad,      // proven wrong
  } state = State::missing;
  std::string words;                  // for people: what is, and what to do
  std::optional<WallTime> proven_at;  // where it rests on something that was tried
};
std::string_view name(Item::State state);

inline constexpr Duration rehearsal_lasts = std::chrono::hours(90 * 24);
// Caches, leaks and disks show later than at once.
inline constexpr Duration least_rehearsal = std::chrono::minutes(5);
inline constexpr Duration drill_lasts = std::chrono::hours(31 * 24);
// After which a channel's failure says nothing any more.
inline constexpr Duration failure_lasts = std::chrono::hours(31 * 24);

// One item for each thing that must be right, in the order of the page; of the channels only once one has been used, of
// the store only while it cannot be written. Ready: all are good.
std::vector<Item> judge(const Facts& facts, WallTime now);
bool is_ready(const std::vector<Item>& items);

}  // namespace tenfold::ready
