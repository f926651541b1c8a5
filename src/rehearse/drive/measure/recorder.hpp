#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "rehearse/drive/connection/call.hpp"
#include "rehearse/drive/measure/hand_over.hpp"
#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

// Of a size in a log: 0 where it is so small that it says nothing.
double telling_bytes(double bytes);

// Counts and measures for one driver thread. All of it is a few additions.
class Recorder {
 public:
  // `model` may be null: then there is one template and every 4xx is a failure.
  Recorder(HandOver& hand_over, const TrafficModel* model);

  void planned(std::uint32_t template_index) {
    ++tally().counts.planned;
    ++tally().templates[template_index].planned;
  }
  // Planned, and never to be sent.
  void unsent() { ++tally().counts.unsent; }
  // A planned request's turn came that much after its moment, because of us.
  void arrived(Duration late) {
    tally().arrival_error.record(late);
    if (late > late_after) ++tally().counts.late;
  }
  void sent(const Call& call) {
    ++tally().counts.sent;
    ++tally().templates[call.template_index].sent;
  }
  // Gives the failure that it counts as; `status` included.
  Failure ended(const Call& call, const CallEnd& end);

  Counts& counts() { return tally().counts; }
  HandOver& hand_over() { return hand_over_; }
  SecondTally& tally() { return hand_over_.filling(); }
  TimePoint last_ended() const { return last_ended_; }

  static constexpr Duration late_after = std::chrono::milliseconds(10);
  // What we come to later than this is not sent any more: a burst of all that was missed is a load that nobody planned.
  static constexpr Duration too_late_after = std::chrono::seconds(1);

 private:
  // What the log has of a template, by which its answers are judged one by one.
  struct Usual {
    bool known = false;         // the log says which statuses there were
    bool redirects = false;     // as a rule, or often enough
    double least_bytes = 0;     // 0: not known, or so few that chance would speak
    double low_bytes = 0;       // likewise
    std::vector<int> statuses;  // 4xx
  };
  Failure judged(const Call& call, const CallEnd& end) const;
  static void hold(const Call& call, const CallEnd& end, const Usual& usual, TemplateTally& of_template);

  HandOver& hand_over_;
  std::vector<Usual> usual_;  // by template
  TimePoint last_ended_{};
};

}  // namespace tenfold::rehearse
