#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "config/load.hpp"
#include "oncall/people/plan.hpp"

// What is hardly meant in a configuration that is good: warnings of `tenfold check`, each at its place. Pure.
namespace tenfold::app {

class Warnings {
 public:
  static constexpr std::size_t most = 100;  // past it the rest is left unsaid

  explicit Warnings(std::string file) : file_(std::move(file)) {}
  void add(const config::Node& at, std::string message);
  std::vector<config::Problem> take() { return std::move(all_); }

 private:
  std::string file_;
  std::vector<config::Problem> all_;
};

// All of it. `loaded` is good.
std::vector<config::Problem> advice(const config::Loaded& loaded, const std::string& file, WallTime now);

// Whether somebody will be there in the weeks ahead, and is rung.
void advise_reach(const oncall::Plan& plan, const config::Node& oncall, WallTime now, Warnings& warnings);
// People, numbers, overrides and escalations that are in each other's way, or in nobody's.
void advise_plan(const config::Replaceable& live, const oncall::Plan& plan, const config::Node& oncall,
                 Warnings& warnings);
// Windows that are over, or are no windows any more.
void advise_maintenance(const config::Watch& watch, const config::Node& node, WallTime now, Warnings& warnings);
// What is still there from an example: names, numbers, words that stand for a secret. Nothing about a place of which
// `said` has something.
void advise_leftovers(const config::Node& root, const std::vector<config::Problem>& said, Warnings& warnings);

}  // namespace tenfold::app
