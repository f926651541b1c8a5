#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "oncall/people/plan.hpp"

// What is hardly meant in a plan whose parts are good each by itself: for `check` and `ready`. Pure; any thread.
namespace tenfold::oncall {

// People, schedules and outside parties of whom no step ever tells: by their names, in the plan's order. A person may
// be told by a schedule that a step names.
std::vector<std::string> never_told(const Plan& plan);

// A number that rings two parties, of which at least one is a person.
struct SharedNumber {
  std::string number;
  std::vector<std::string> names;  // in the plan's order, at least two
};
std::vector<SharedNumber> shared_numbers(const Plan& plan);

// Two overrides of a schedule that hold at one time for different people: the one that comes first in the plan wins.
struct Overlap {
  std::size_t wins = 0;  // which of the schedule's overrides
  std::size_t loses = 0;
  LocalTime from;
  LocalTime until;
};
// The first with each that loses.
std::vector<Overlap> overlaps(const Schedule& schedule);

// One of those that documentation and films use, or that stand in Tenfold's own examples.
bool is_example_number(std::string_view number);
// "shop.example", "example.com": names of documentation (RFC 2606), where nobody answers for a shop.
bool is_example_host(std::string_view host);
// "replace-me": stands where something else belongs.
bool is_placeholder(std::string_view text);

// For a person, a line each.
std::vector<std::string> oversights(const Plan& plan);

}  // namespace tenfold::oncall
