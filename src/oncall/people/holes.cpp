#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "oncall/people/duty.hpp"
#include "oncall/people/local_time.hpp"
#include "oncall/people/roster.hpp"

// Holes in the weeks ahead, found exactly: who answers can only change at a schedule's own moments, so it is enough to
// look at one moment between any two of them.
namespace tenfold::oncall {
namespace {

constexpr std::size_t most_holes = 100;

using Stretches = std::vector<Stretch>;  // sorted, apart from each other

bool can_be_told(const Plan& plan, const std::string& name) {
  const Person* person = find_person(plan, name);
  return person != nullptr && !person->contacts.empty();
}

bool all_can_be_told(const Plan& plan, const Schedule& schedule) {
  return std::ranges::all_of(schedule.rotations, [&](const Rotation& rotation) {
    return std::ranges::all_of(rotation.people, [&](const std::string& name) { return can_be_told(plan, name); });
  });
}

// Where `answers` says no at the beginning of a stretch, it does so to its end.
template <class Answers>
Stretches silent(WallTime from, WallTime until, std::vector<WallTime> moments, Answers answers) {
  Stretches out;
  moments.insert(moments.begin(), from);
  moments.push_back(until);
  for (std::size_t i = 0; i + 1 < moments.size(); ++i) {
    if (answers(moments[i])) continue;
    if (!out.empty() && out.back().second == moments[i]) {
      out.back().second = moments[i + 1];
    } else {
      out.emplace_back(moments[i], moments[i + 1]);
    }
  }
  return out;
}

Stretches silent(const Plan& plan, const std::string& name, WallTime from, WallTime until) {
  if (const Schedule* schedule = find_schedule(plan, name)) {
    const Turns turns = all_can_be_told(plan, *schedule) ? Turns::left_out : Turns::included;
    return silent(from, until, changes(*schedule, from, until, turns),
                  [&](WallTime at) { return can_be_told(plan, on_duty(*schedule, at)); });
  }
  if (const OutsideParty* party = find_outside_party(plan, name)) {
    Escalation only{.name = {}, .steps = {{.notify = {name}}}};
    return silent(from, until, changes(*party, from, until),
                  [&](WallTime at) { return recipients_of(plan, only, 0, at).gap.empty(); });
  }
  return can_be_told(plan, name) ? Stretches() : Stretches{{from, until}};
}

Stretches common(const Stretches& a, const Stretches& b) {
  Stretches out;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    const Stretch both(std::max(i->first, j->first), std::min(i->second, j->second));
    if (both.first < both.second) out.push_back(both);
    i->second < j->second ? static_cast<void>(++i) : static_cast<void>(++j);
  }
  return out;
}

std::string what(const Plan& plan, const std::vector<std::string>& names) {
  if (names.empty()) return "it names nobody";
  std::vector<std::string> parts;
  for (const std::string& name : names) {
    parts.push_back(find_schedule(plan, name) != nullptr        ? fmt::format("schedule {} has nobody", name)
                    : find_outside_party(plan, name) != nullptr ? fmt::format("{} has no number then", name)
                                                                : fmt::format("{} has no contact", name));
  }
  return fmt::format("{}", fmt::join(parts, ", and "));
}

}  // namespace

std::vector<Hole> holes(const Plan& plan, WallTime from, WallTime until) {
  std::vector<Hole> out;
  if (from >= until) return out;
  std::map<std::string, Stretches> by_name;
  for (const Escalation& escalation : plan.escalations) {
    for (std::size_t i = 0; i < escalation.steps.size(); ++i) {
      const auto& names = escalation.steps[i].notify;
      Stretches step{{from, until}};
      for (const std::string& name : names) {
        const auto [found, fresh] = by_name.try_emplace(name);
        if (fresh) found->second = silent(plan, name, from, until);
        step = common(step, found->second);
      }
      for (const Stretch& stretch : step) {
        out.push_back({stretch.first, stretch.second, what(plan, names), escalation.name, i});
      }
    }
  }
  std::ranges::stable_sort(out, {}, &Hole::from);
  if (out.size() > most_holes) out.resize(most_holes);
  return out;
}

}  // namespace tenfold::oncall
