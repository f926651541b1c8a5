#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "rehearse/drive/connection/call.hpp"
#include "rehearse/drive/measure/hand_over.hpp"
#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

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
  bool fails(std::uint32_t template_index, int status) const;

  HandOver& hand_over_;
  std::vector<std::vector<int>> usual_;  // by template: 4xx statuses that the log has
  TimePoint last_ended_{};
};

}  // namespace tenfold::rehearse
