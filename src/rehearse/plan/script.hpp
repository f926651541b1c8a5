#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "rehearse/model/traffic_model.hpp"
#include "rehearse/plan/planner.hpp"
#include "rehearse/plan/sampling.hpp"
#include "rehearse/plan/walk.hpp"

namespace tenfold::rehearse {

// Which target of a template is asked for, and whether with a validator.
class TargetChoice {
 public:
  explicit TargetChoice(const Template& of);
  // The text lives in the model, or in `made`, whose elements stay where they are.
  std::string_view next(Random& random, std::deque<std::string>& made);
  bool conditional() { return conditional_.next(); }

 private:
  const Template& of_;
  std::vector<double> until_;  // cumulative weights of the targets
  Strata<256> strata_;
  Portion rare_;
  Portion conditional_;
};

// "/product/{number:100-999}" with numbers, {word:3-9} and {hex:8} made up; other braces stay as they are.
std::string made_up(std::string_view pattern, Random& random);

// What all walkers of one population share: the sampling state. Must outlive them; one thread.
class PopulationScript {
 public:
  PopulationScript(const Population& population, std::vector<TargetChoice>& targets, const TrafficModel& model,
                   std::uint64_t seed);

  std::uint32_t draw_length() { return length_.draw(lengths_.next(random_), random_.unit()); }
  std::size_t enter() { return entry_.next(random_); }
  std::size_t go_on(std::size_t from);
  // How brisk a session of so many pages is: what think() is given.
  std::size_t pace_of(std::uint32_t pages) const;
  double think(std::size_t page, std::size_t pace);
  // `stay`: until the next page; zero: there is none.
  void fill(std::size_t page, bool is_first, Duration stay, PlannedPage& out, std::deque<std::string>& made);
  // After its request, when the last asset of a page may come.
  double longest_burst_s(std::size_t page) const;
  std::string_view agent();
  const SessionLength& length() const { return length_; }

 private:
  struct BurstScript {
    explicit BurstScript(const Burst& burst);
    const Burst* burst;
    Values size;
    Values offset;
    double at_once;       // share of the assets that come with the view's others: two of them do so by its square
    Strata<256> moments;  // of those, as shares of the offsets
    Shares assets;
  };
  // Ranks among a page's think times, as often as the sessions of a length have them.
  struct PaceScript {
    explicit PaceScript(const Pace& pace);
    double next_rank(Random& random);
    std::vector<double> until;  // of 1, by part
    Strata<256> strata;
  };
  struct PageScript {
    explicit PageScript(const PageBehaviour& page);
    const PageBehaviour* page;
    Values think;
    Shares next;
    std::vector<std::size_t> next_position;
    BurstScript first;
    BurstScript later;
  };

  const Population& population_;
  const TrafficModel& model_;
  std::vector<TargetChoice>& targets_;
  FastRandom random_;
  SessionLength length_;
  Strata<1024> lengths_;
  Shares entry_;
  Shares agents_;
  std::vector<PageScript> pages_;
  std::vector<PaceScript> paces_;  // empty: the population has none
};

// One visitor's way through a population's pages.
class Walk final : public Itinerary {
 public:
  explicit Walk(PopulationScript& script)
      : script_(script), left_(script.draw_length()), pace_(script.pace_of(left_)) {}
  // Walks on without asking, as if it had begun `ago` seconds before. False: it would be over by now. Otherwise the
  // page that next() gives first is the one it is on: without a target, since it has that already, with the assets and
  // the think time that are left of it.
  bool catch_up(double ago);
  bool next(PlannedPage& page) override;

 private:
  void step();
  void finish_page(PlannedPage& page);

  PopulationScript& script_;
  std::uint32_t left_;  // pages
  std::size_t pace_;
  std::size_t page_ = 0;
  enum class Where : std::uint8_t { outside, first, later } where_ = Where::outside;
  bool stands_ = false;   // page_ has been reached by catch_up() and not been given yet
  double elapsed_s_ = 0;  // of that page
  double stay_s_ = 0;     // its think time; 0: it is the last
  std::deque<std::string> made_;
};

}  // namespace tenfold::rehearse
