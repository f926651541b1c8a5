#include "oncall/people/oversights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "oncall/people/roster.hpp"

namespace tenfold::oncall {
namespace {

void add_schedule(const Schedule& schedule, std::set<std::string, std::less<>>& told) {
  for (const Rotation& rotation : schedule.rotations) told.insert(rotation.people.begin(), rotation.people.end());
  for (const Override& over : schedule.overrides) told.insert(over.person);
}

std::set<std::string, std::less<>> all_told(const Plan& plan) {
  std::set<std::string, std::less<>> told;
  for (const Escalation& escalation : plan.escalations) {
    for (const EscalationStep& step : escalation.steps) {
      told.insert(step.notify.begin(), step.notify.end());
      for (const std::string& name : step.notify) {
        if (const Schedule* schedule = find_schedule(plan, name)) add_schedule(*schedule, told);
      }
    }
  }
  return told;
}

// The prefixes of numbers that regulators keep free for films and documentation (Bundesnetzagentur, Ofcom, Arcep), and
// those of Tenfold's own examples.
constexpr std::array<std::string_view, 22> example_numbers{
    "+49301234",  "+4930555001", "+4915112345678", "+4915187654321", "+493023125",  "+496990009",
    "+494066969", "+492214710",  "+498999998",     "+491713920",     "+4917604069", "+441632960",
    "+442079460", "+447700900",  "+441134960",     "+441214960",     "+3319900",    "+3326191",
    "+3335301",   "+3346571",    "+3353649",       "+3363998"};

// +1 NPA 555 01XX.
bool is_north_american_example(std::string_view number) {
  return number.size() == 12 && number.starts_with("+1") && number.substr(5, 5) == "55501";
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

void note_examples(const Plan& plan, std::vector<std::string>& out) {
  const auto note = [&](const std::string& who, const std::string& number) {
    if (is_example_number(number)) out.push_back(fmt::format("{} of {} is a number of examples", number, who));
  };
  for (const Person& person : plan.people) {
    std::set<std::string> seen;
    for (const Contact& contact : person.contacts) {
      if (is_loud(contact.channel) && seen.insert(contact.to).second) note(person.name, contact.to);
    }
  }
  for (const OutsideParty& party : plan.outside_parties) {
    note(party.name, party.office);
    if (party.out_of_hours != party.office) note(party.name, party.out_of_hours);
  }
}

}  // namespace

std::vector<std::string> never_told(const Plan& plan) {
  std::vector<std::string> out;
  if (plan.escalations.empty()) return out;  // then everybody is told
  const auto told = all_told(plan);
  const auto add = [&](const auto& items) {
    for (const auto& item : items) {
      if (!told.contains(item.name)) out.push_back(item.name);
    }
  };
  add(plan.people);
  add(plan.schedules);
  add(plan.outside_parties);
  return out;
}

std::vector<SharedNumber> shared_numbers(const Plan& plan) {
  std::vector<SharedNumber> all;
  std::map<std::string, std::size_t> places;
  std::set<std::string> of_people;
  const auto note = [&](const std::string& number, const std::string& who) {
    if (number.empty()) return;
    const auto [place, fresh] = places.try_emplace(number, all.size());
    if (fresh) all.push_back({number, {}});
    auto& names = all[place->second].names;
    if (std::ranges::find(names, who) == names.end()) names.push_back(who);
  };
  for (const Person& person : plan.people) {
    for (const Contact& contact : person.contacts) {
      if (!is_loud(contact.channel)) continue;
      note(contact.to, person.name);
      of_people.insert(contact.to);
    }
  }
  for (const OutsideParty& party : plan.outside_parties) {
    note(party.office, party.name);
    note(party.out_of_hours, party.name);
  }
  std::erase_if(all,
                [&](const SharedNumber& each) { return each.names.size() < 2 || !of_people.contains(each.number); });
  return all;
}

std::vector<Overlap> overlaps(const Schedule& schedule) {
  std::vector<Overlap> out;
  for (std::size_t i = 0; i < schedule.overrides.size(); ++i) {
    const Override& late = schedule.overrides[i];
    for (std::size_t j = 0; j < i; ++j) {
      const Override& early = schedule.overrides[j];
      const LocalTime from = std::max(early.from, late.from);
      const LocalTime until = std::min(early.until, late.until);
      if (early.person == late.person || !(from < until)) continue;
      out.push_back({j, i, from, until});
      break;
    }
  }
  return out;
}

bool is_example_number(std::string_view number) {
  return is_north_american_example(number) || number.contains("1234567") || number.contains("7654321") ||
         std::ranges::any_of(example_numbers, [&](std::string_view known) { return number.starts_with(known); });
}

bool is_example_host(std::string_view host) {
  const std::string name = lower(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
  return std::ranges::any_of(
      std::array<std::string_view, 5>{"example", "invalid", "example.com", "example.net", "example.org"},
      [&](std::string_view known) {
        const auto bare = name.size() - std::min(name.size(), known.size());
        return name.ends_with(known) && bare > 0 ? name[bare - 1] == '.' : name == known && known.contains('.');
      });
}

bool is_placeholder(std::string_view text) {
  constexpr std::array<std::string_view, 9> known{"replaceme", "changeme", "todo",       "fixme",       "tbd",
                                                  "yourtoken", "yourkey",  "yoursecret", "yourpassword"};
  std::string bare = lower(text);
  std::erase_if(bare, [](char c) { return c == '-' || c == '_' || c == ' '; });
  const bool in_brackets = text.size() > 2 && text.front() == '<' && text.back() == '>';
  const bool only_zeros =
      bare.size() == 34 && bare.starts_with("ac") && bare.find_first_not_of('0', 2) == std::string::npos;
  return in_brackets || only_zeros || std::ranges::find(known, bare) != known.end();
}

std::vector<std::string> oversights(const Plan& plan) {
  std::vector<std::string> out;
  if (plan.people.size() == 1) {
    out.push_back(fmt::format("{} is the only person: nobody else is rung", plan.people.front().name));
  }
  for (const SharedNumber& each : shared_numbers(plan)) {
    out.push_back(fmt::format("{} share the number {}", fmt::join(each.names, " and "), each.number));
  }
  for (const std::string& name : never_told(plan)) {
    if (find_person(plan, name) != nullptr) out.push_back(fmt::format("no escalation ever tells {}", name));
  }
  note_examples(plan, out);
  return out;
}

}  // namespace tenfold::oncall
