#include "oncall/people/duty.hpp"

#include <algorithm>

#include "oncall/people/local_time.hpp"
#include "oncall/people/roster.hpp"

namespace tenfold::oncall {
namespace {

using std::chrono::days;

bool in_whole_days(const Rotation& rotation) { return rotation.length % std::chrono::hours(24) == Duration::zero(); }

WallTime turn_begins(const absl::TimeZone& zone, const Rotation& rotation, std::int64_t turn) {
  if (in_whole_days(rotation)) {
    const auto length = std::chrono::duration_cast<days>(rotation.length);
    return moment_of(zone, {rotation.start + length * turn, rotation.handover});
  }
  return moment_of(zone, {rotation.start, rotation.handover}) + rotation.length * turn;
}

// The number of the turn in which `at` falls; negative before the first.
std::int64_t turn_at(const absl::TimeZone& zone, const Rotation& rotation, WallTime at) {
  // Within a turn or two by the calendar; the clock on the wall decides.
  const auto since = at - turn_begins(zone, rotation, 0);
  std::int64_t turn = since / Duration(rotation.length);
  while (turn_begins(zone, rotation, turn) > at) --turn;
  while (turn_begins(zone, rotation, turn + 1) <= at) ++turn;
  return turn;
}

std::string whose_turn(const absl::TimeZone& zone, const Rotation& rotation, WallTime at) {
  if (rotation.people.empty() || rotation.length <= Duration::zero()) return {};
  const std::int64_t turn = turn_at(zone, rotation, at);
  if (turn < 0 || (rotation.hours && !within(zone, *rotation.hours, at))) return {};
  return rotation.people[static_cast<std::size_t>(turn) % rotation.people.size()];
}

// Keeps the moments in (from, until), sorted, each once.
std::vector<WallTime> tidied(std::vector<WallTime> moments, WallTime from, WallTime until) {
  std::erase_if(moments, [&](WallTime moment) { return moment <= from || moment >= until; });
  std::ranges::sort(moments);
  const auto rest = std::ranges::unique(moments);
  moments.erase(rest.begin(), rest.end());
  return moments;
}

void add_hours(const absl::TimeZone& zone, const Hours& hours, WallTime from, WallTime until,
               std::vector<WallTime>& moments) {
  const auto last = shown_at(zone, until).day + days(1);
  for (auto day = shown_at(zone, from).day - days(2); day <= last; day += days(1)) {
    const auto stretch = stretch_of(zone, hours, day);
    if (!stretch) continue;
    moments.push_back(stretch->first);
    moments.push_back(stretch->second);
  }
}

void add_turns(const absl::TimeZone& zone, const Rotation& rotation, WallTime from, WallTime until,
               std::vector<WallTime>& moments) {
  if (rotation.length <= Duration::zero()) return;
  for (std::int64_t turn = std::max<std::int64_t>(0, turn_at(zone, rotation, from));; ++turn) {
    const WallTime moment = turn_begins(zone, rotation, turn);
    if (moment >= until) return;
    moments.push_back(moment);
  }
}

}  // namespace

WallTime begins(const Schedule& schedule, const Rotation& rotation) {
  return turn_begins(zone_of(schedule.time_zone), rotation, 0);
}

std::string on_duty(const Schedule& schedule, WallTime at) {
  const auto zone = zone_of(schedule.time_zone);
  for (const Override& over : schedule.overrides) {
    if (moment_of(zone, over.from) <= at && at < moment_of(zone, over.until)) return over.person;
  }
  for (const Rotation& rotation : schedule.rotations) {
    if (auto person = whose_turn(zone, rotation, at); !person.empty()) return person;
  }
  return {};
}

std::vector<WallTime> changes(const Schedule& schedule, WallTime from, WallTime until, Turns turns) {
  const auto zone = zone_of(schedule.time_zone);
  std::vector<WallTime> moments;
  for (const Override& over : schedule.overrides) {
    moments.push_back(moment_of(zone, over.from));
    moments.push_back(moment_of(zone, over.until));
  }
  for (const Rotation& rotation : schedule.rotations) {
    moments.push_back(begins(schedule, rotation));
    if (rotation.hours) add_hours(zone, *rotation.hours, from, until, moments);
    if (turns == Turns::included) add_turns(zone, rotation, from, until, moments);
  }
  return tidied(std::move(moments), from, until);
}

std::vector<WallTime> changes(const OutsideParty& party, WallTime from, WallTime until) {
  std::vector<WallTime> moments;
  if (party.hours) add_hours(zone_of(party.time_zone), *party.hours, from, until, moments);
  return tidied(std::move(moments), from, until);
}

}  // namespace tenfold::oncall
