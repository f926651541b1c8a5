#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "rehearse/model/traffic_model.hpp"
#include "rehearse/plan/invented.hpp"
#include "rehearse/plan/planner.hpp"
#include "rehearse/plan/sampling.hpp"
#include "rehearse/plan/walk.hpp"

namespace tenfold::rehearse {

// Which target of a template is asked for, and whether with a validator.
class TargetChoice {
 public:
  explicit TargetChoice(const Template& of);
  struct Chosen {
    std::string_view target;  // lives in the model, or in `made`, whose elements stay where they are
    Invented invented = Invented::nothing;
  };
  Chosen next(Random& random, std::deque<std::string>& made);
  bool conditional() { return conditional_.next(); }

 private:
  const Template& of_;
  const KnownTarget& pattern(Random& random) const;

  std::vector<double> until_;       // cumulative weights of the targets
  std::vector<double> like_until_;  // and of the patterns
  Strata<256> strata_;
  Portion made_up_;  // of the requests
  Portion unnamed_;  // and those for targets that no pattern stands for
  Portion conditional_;
};

// "/product/{number:100-999}" with numbers, {word:3-9} and {hex:8} made up; other braces stay as they are.
std::string made_up(std::string_view pattern, Random& random);

// What all walkers of one kind of visit share: the sampling state. Must outlive them; one thread.
class VisitScript {
 public:
  VisitScript(const VisitKind& visits, std::vector<TargetChoice>& targets, const TrafficModel& model,
              std::uint64_t seed);

  std::uint32_t draw_length() { return length_.draw(lengths_.next(random_), random_.unit()); }
  std::size_t enter() { return entry_.next(random_); }
  std::size_t go_on(std::size_t from);
  double think(std::size_t page);
  // When the assets of one view come, in seconds after the page's request, in order.
  void draw_burst(std::size_t page, bool is_first, std::vector<double>& moments_s);
  void fill(std::size_t page, bool is_first, const std::vector<double>& moments_s, PlannedPage& out,
            std::deque<std::string>& made);
  const SessionLength& length() const { return length_; }

 private:
  struct BurstScript {
    explicit BurstScript(const Burst& burst);
    const Burst* burst;
    Values size;
    Values gap;
    Shares assets;
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

  const TrafficModel& model_;
  std::vector<TargetChoice>& targets_;
  FastRandom random_;
  SessionLength length_;
  Strata<1024> lengths_;
  Shares entry_;
  std::vector<PageScript> pages_;
};

// One visitor's way through the pages of a kind of visit.
class PlannedWalk final : public Itinerary {
 public:
  explicit PlannedWalk(VisitScript& script) : script_(script), left_(script.draw_length()) {}
  // Walks on without asking, as if it had begun `ago` seconds before. False: it would be over by now. Otherwise the
  // page that next() gives first is the one it is on: without a target, since it has that already, with the assets and
  // the think time that are left of it.
  bool catch_up(double ago);
  bool next(PlannedPage& page) override;

 private:
  void step();
  void finish_page(PlannedPage& page);

  VisitScript& script_;
  std::uint32_t left_;  // pages
  std::size_t page_ = 0;
  enum class Where : std::uint8_t { outside, first, later } where_ = Where::outside;
  bool stands_ = false;            // page_ has been reached by catch_up() and not been given yet
  double elapsed_s_ = 0;           // of that page
  double think_s_ = 0;             // after its last request; 0: it is the last
  std::vector<double> moments_s_;  // of its assets
  std::deque<std::string> made_;
};

}  // namespace tenfold::rehearse
