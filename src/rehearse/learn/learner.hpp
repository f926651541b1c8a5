#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rehearse/log/entry.hpp"
#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

struct LearnOptions {
  double session_gap_s = 30 * 60;
  // Memory is bounded by these; what is past them is folded together and counted in LearnCounts::folded.
  std::size_t most_open_sessions = 500'000;
  std::size_t most_templates = 400;
  std::size_t most_targets = 2'000;  // named per template
};

// What a person wants to check.
struct LearnSummary {
  std::uint64_t requests = 0;
  std::uint64_t visitors = 0;  // of people; different pairs of address and agent (a sketch past 100,000)
  std::uint64_t sessions = 0;  // of all populations
  double seconds = 0;
  double peak_sessions_per_s = 0;  // of all populations, over the busiest minute
  double peak_requests_per_s = 0;  // over the busiest minute
  double busiest_second_requests = 0;
  double bots_share = 0;           // of the requests: crawlers and scripts
  double assets_per_page = 0;      // people's
  double folded = 0;               // requests whose template, session or target went into a common one for want of room
  std::vector<std::string> notes;  // in words: what is uncertain about this log (too short for the day's shape...)
};

// Takes a log's requests in the order of time and makes a model of them. One thread.
class Learner {
 public:
  explicit Learner(LearnOptions options);
  ~Learner();
  void take(const Entry& entry);

  struct Learned {
    TrafficModel model;
    LearnSummary summary;
  };
  Learned finish();  // once, at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenfold::rehearse
