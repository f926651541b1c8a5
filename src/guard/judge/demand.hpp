#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.hpp"
#include "guard/judge/fading.hpp"
#include "guard/judge/policy.hpp"
#include "guard/judge/samples.hpp"

// What is asked for, and what is there.
namespace tenfold::guard::judging {

// What the windows so far say. Rates are of the last second or so; origin time is in milliseconds of it a second.
struct Signals {
  bool overloaded = false;  // in this window: there is not enough for everyone
  bool impaired = false;    // origins are slower than usual, fail, or part of them is missing
  bool suffering = false;   // origins do worse than they should: less evidence is needed
  bool fault = false;       // overloaded and impaired, with no rise in demand: a fault of our own
  bool exceeds = false;     // strangers ask for more than is left for them, and it is no fault of our own
  bool presses = false;     // they ask for nearly as much, or more
  bool many_ignore = false;
  bool people_solve = false;
  bool rush_like = false;  // strangers load assets and come from networks of customers
  bool bot_like = false;   // they load no assets

  Duration strangers_wait{};        // the median of the pool where it is longest, in this window
  Duration strangers_wait_p90{};    // likewise, of one in ten
  bool sheds = false;               // requests were sent away in this window
  double slowness = 1;              // origin time over the usual
  double usual_price_ms_per_s = 0;  // all that is asked for, at what it usually takes
  double failing_share = 0;         // of origins' answers
  double capacity_ms_per_s = 0;
  double left_ms_per_s = 0;           // of it for strangers, once customers have theirs
  double unknowns_left_ms_per_s = 0;  // of it for all but known and allowed customers
  double unknowns_ask_ms_per_s = 0;   // these ask for
  double unknowns_got_ms_per_s = 0;   // these got
  double strangers_ask_ms_per_s = 0;
  double strangers_press_ms_per_s = 0;  // the same, but for what is surely cheaper while none of theirs is answered
  double stranger_cost_ms = 0;          // of a request of theirs
  double strangers_asked_per_s = 0;
  double asked_per_s = 0;  // by everyone
  double usual_asked_per_s = 0;
  double challenges_solved_per_s = 0;
  double challenges_ignored_per_s = 0;
};

// Smooths windows into signals, and learns what is usual. Fixed size. One thread only.
class Demand {
 public:
  explicit Demand(const DemandPolicy& policy) : policy_(policy) {}

  // What is usual is learned while all is calm only.
  enum class Learn : std::uint8_t { usual, nothing };
  Signals take(const Samples& samples, Learn learn);

 private:
  // A running mean of its first minute; from then on it follows with the times given.
  struct Usual {
    double value = 0;
    Duration watched{};
    void learn(double seen, Duration window, Duration rises_in, Duration falls_in);
  };

  void count(const Samples& samples);
  void see_pools(const Samples& samples, Signals& signals);
  void see_health(const Samples& samples, Signals& signals);
  double stranger_cost_ms(Duration window);
  double pressing_ms_per_s(double cost_ms) const;
  void see_demand(Signals& signals, Duration window);
  void see_people(Signals& signals) const;
  double failing_share(const Samples& samples) const;
  bool has_risen(const Signals& signals) const;
  double taken_ms_per_s() const;
  bool has_risen_in_time(double factor) const;
  void see_price(Signals& signals) const;
  void see_crowding(const Signals& signals, Duration window);
  void learn_usual(const Signals& signals, Duration window);
  bool is_coped_with(const Signals& signals, double factor) const;
  bool in_fault() const;

  DemandPolicy policy_;
  FadingRate asked_{std::chrono::seconds(1)};
  FadingRate strangers_asked_{std::chrono::seconds(1)};
  FadingRate strangers_priced_{std::chrono::seconds(1)};  // of these
  FadingRate strangers_priced_ms_{std::chrono::seconds(1)};
  FadingRate strangers_lately_{std::chrono::seconds(3)};  // asked
  FadingRate owed_ms_{std::chrono::seconds(1)};           // taken by known and allowed customers
  FadingRate cleared_ms_{std::chrono::seconds(1)};
  FadingRate strangers_ms_{std::chrono::seconds(1)};
  FadingRate shed_{std::chrono::seconds(1)};
  FadingSum served_{std::chrono::seconds(1)};
  FadingSum failed_{std::chrono::seconds(1)};
  FadingRate solved_{std::chrono::seconds(1)};
  FadingRate ignored_{std::chrono::seconds(1)};
  FadingSum solved_lately_{std::chrono::seconds(3)};
  FadingSum ignored_lately_{std::chrono::seconds(3)};
  FadingSum stranger_ms_{std::chrono::seconds(3)};
  FadingSum stranger_answers_{std::chrono::seconds(3)};
  FadingSum known_ms_{std::chrono::seconds(3)};
  FadingSum known_answers_{std::chrono::seconds(3)};
  FadingSum all_ms_{std::chrono::seconds(10)};
  FadingSum all_answers_{std::chrono::seconds(10)};
  FadingSum stranger_requests_{std::chrono::seconds(1)};
  FadingSum pages_{std::chrono::seconds(1)};
  FadingSum assets_{std::chrono::seconds(1)};
  FadingSum in_known_networks_{std::chrono::seconds(1)};
  double slowness_ = 1;
  double over_usual_ = 1;     // with the queue at the servers; held as long as what requests cost
  double limit_ = 0;          // of the pools in use
  bool limit_found_ = false;  // of all of them
  double crowding_ = 1;       // requests at the servers for each that they work on, where the limit was not found
  double last_cost_ms_ = 0;   // of a request of strangers
  Usual usual_asked_;
  Usual usual_limit_;
  Usual usual_cost_ms_;  // of a request
  Usual usual_known_cost_ms_;
  Usual usual_taken_ms_;    // a second
  Usual usual_price_ms_;    // a second
  Usual usual_strangers_;   // asked a second
  Duration fault_lasts_{};  // until origins are no longer impaired
};

}  // namespace tenfold::guard::judging
