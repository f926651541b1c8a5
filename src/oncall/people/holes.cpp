#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "oncall/people/duty.hpp"
#include "oncall/people/local_time.hpp"
#include "oncall/people/roster.hpp"

// Holes and quiet stretches in the weeks ahead, found exactly: who answers can only change at a schedule's own moments,
// so it is enough to look at one moment between any two of them.
namespace tenfold::oncall {
namespace {

constexpr std::size_t most_holes = 100;

using Stretches = std::vector<Stretch>;  // sorted, apart from each other

// What counts: that it reaches somebody at all, or that it rings somebody of the shop's own.
enum class Reach : std::uint8_t { told, rung };

bool is_reached(const Plan& plan, const std::string& name, Reach reach) {
  const Person* person = find_person(plan, name);
  if (person == nullptr) return false;
  return reach == Reach::told ? !person->contacts.empty() : can_be_rung(*person);
}

bool all_are_reached(const Plan& plan, const Schedule& schedule, Reach reach) {
  return std::ranges::all_of(schedule.rotations, [&](const Rotation& rotation) {
    return std::ranges::all_of(rotation.people, [&](const std::string& name) { return is_reached(plan, name, reach); });
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

Stretches silent(const Plan& plan, const std::string& name, WallTime from, WallTime until, Reach reach) {
  if (const Schedule* schedule = find_schedule(plan, name)) {
    const Turns turns = all_are_reached(plan, *schedule, reach) ? Turns::left_out : Turns::included;
    return silent(from, until, changes(*schedule, from, until, turns),
                  [&](WallTime at) { return is_reached(plan, on_duty(*schedule, at), reach); });
  }
  const OutsideParty* party = find_outside_party(plan, name);
  if (party != nullptr && reach == Reach::told) {
    Escalation only{.name = {}, .steps = {{.notify = {name}}}};
    return silent(from, until, changes(*party, from, until),
                  [&](WallTime at) { return recipients_of(plan, only, 0, at).gap.empty(); });
  }
  return is_reached(plan, name, reach) ? Stretches() : Stretches{{from, until}};
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

// Within (from, until) all that is not in `stretches`.
Stretches others(const Stretches& stretches, WallTime from, WallTime until) {
  Stretches out;
  for (const Stretch& stretch : stretches) {
    if (from < stretch.first) out.emplace_back(from, stretch.first);
    from = std::max(from, stretch.second);
  }
  if (from < until) out.emplace_back(from, until);
  return out;
}

// Of each name, asked for once.
class Silences {
 public:
  Silences(const Plan& plan, WallTime from, WallTime until) : plan_(plan), from_(from), until_(until) {}

  // In which none of the names reaches.
  Stretches of_all(const std::vector<std::string>& names, Reach reach) {
    Stretches out{{from_, until_}};
    for (const std::string& name : names) {
      const auto [found, fresh] = by_name_.try_emplace({name, reach});
      if (fresh) found->second = silent(plan_, name, from_, until_, reach);
      out = common(out, found->second);
    }
    return out;
  }

 private:
  const Plan& plan_;
  WallTime from_;
  WallTime until_;
  std::map<std::pair<std::string, Reach>, Stretches> by_name_;
};

// In which the step rings nobody of the shop's own. Where it reaches nobody at all, everybody is told.
Stretches quiet_of(const Plan& plan, const EscalationStep& step, Silences& silences, WallTime from, WallTime until) {
  Stretches quiet = silences.of_all(step.notify, Reach::rung);
  if (std::ranges::none_of(plan.people, can_be_rung)) return quiet;
  return common(quiet, others(silences.of_all(step.notify, Reach::told), from, until));
}

// As far as an alert's beginning is concerned: the step comes so much later.
Stretches begun(Stretches stretches, Duration after) {
  for (Stretch& stretch : stretches) stretch = {stretch.first - after, stretch.second - after};
  return stretches;
}

Duration longest_after(const std::vector<Escalation>& escalations) {
  Duration longest{};
  for (const Escalation& escalation : escalations) {
    for (const EscalationStep& step : escalation.steps) longest = std::max(longest, step.after);
  }
  return longest;
}

// The first always: it serves whatever names none.
bool is_to_ring(const Plan& plan, const Escalation& escalation) {
  return escalation.name == escalation_of(plan, "").name ||
         std::ranges::find(plan.quiet_escalations, escalation.name) == plan.quiet_escalations.end();
}

std::vector<Escalation> ringing_escalations(const Plan& plan) {
  if (plan.escalations.empty()) return {escalation_of(plan, "")};
  std::vector<Escalation> out;
  std::ranges::copy_if(plan.escalations, std::back_inserter(out),
                       [&](const Escalation& each) { return is_to_ring(plan, each); });
  return out;
}

std::string told_instead(const Plan& plan, const Escalation& escalation, WallTime at) {
  std::vector<std::string> parts;
  for (const Recipient& each : ring_order(plan, escalation, at)) {
    std::string part = each.kind == Recipient::Kind::outside_party
                           ? fmt::format("{} (outside)", each.who)
                           : fmt::format("{} by {}", each.who, name(each.contact.channel));
    if (std::ranges::find(parts, part) == parts.end()) parts.push_back(std::move(part));
  }
  return parts.empty() ? "nobody is told" : fmt::format("only {}", fmt::join(parts, ", "));
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
  Silences silences(plan, from, until);
  for (const Escalation& escalation : plan.escalations) {
    for (std::size_t i = 0; i < escalation.steps.size(); ++i) {
      const auto& names = escalation.steps[i].notify;
      for (const Stretch& stretch : silences.of_all(names, Reach::told)) {
        out.push_back({stretch.first, stretch.second, what(plan, names), escalation.name, i});
      }
    }
  }
  std::ranges::stable_sort(out, {}, &Hole::from);
  if (out.size() > most_holes) out.resize(most_holes);
  return out;
}

bool can_be_rung(const Person& person) {
  return std::ranges::any_of(person.contacts, [](const Contact& contact) { return is_loud(contact.channel); });
}

std::string nobody_rung(const Plan& plan, const Escalation& escalation, WallTime at) {
  const bool rings =
      !is_to_ring(plan, escalation) || std::ranges::any_of(ring_order(plan, escalation, at), [](const Recipient& each) {
        return each.kind == Recipient::Kind::person && is_loud(each.contact.channel);
      });
  return rings ? std::string() : told_instead(plan, escalation, at);
}

std::vector<Quiet> quiet_stretches(const Plan& plan, WallTime from, WallTime until) {
  std::vector<Quiet> out;
  if (from >= until) return out;
  const auto escalations = ringing_escalations(plan);
  const WallTime last = until + longest_after(escalations);
  Silences silences(plan, from, last);
  for (const Escalation& escalation : escalations) {
    Stretches quiet{{from, until}};
    for (const EscalationStep& step : escalation.steps) {
      quiet = common(quiet, begun(quiet_of(plan, step, silences, from, last), step.after));
    }
    for (const Stretch& stretch : quiet) {
      out.push_back({stretch.first, stretch.second, told_instead(plan, escalation, stretch.first), escalation.name});
    }
  }
  std::ranges::stable_sort(out, {}, &Quiet::from);
  if (out.size() > most_holes) out.resize(most_holes);
  return out;
}

}  // namespace tenfold::oncall
