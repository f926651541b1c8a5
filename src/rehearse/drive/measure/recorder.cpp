#include "rehearse/drive/measure/recorder.hpp"

#include <algorithm>

namespace tenfold::rehearse {

namespace {

// A status that less of a template's requests had in the log is not one that its visitors are used to.
constexpr double usual_share = 0.005;

}  // namespace

Recorder::Recorder(HandOver& hand_over, const TrafficModel* model) : hand_over_(hand_over) {
  if (model == nullptr) return;
  usual_.resize(model->templates.size());
  for (std::size_t i = 0; i < usual_.size(); ++i) {
    for (const auto& [status, share] : model->templates[i].statuses) {
      if (status >= 400 && status < 500 && share >= usual_share) usual_[i].push_back(status);
    }
  }
}

bool Recorder::fails(std::uint32_t template_index, int status) const {
  if (status >= 500 || status == 408 || status == 429) return true;
  if (status < 400) return false;
  return template_index >= usual_.size() ||
         std::ranges::find(usual_[template_index], status) == usual_[template_index].end();
}

Failure Recorder::ended(const Call& call, const CallEnd& end) {
  SecondTally& now = tally();
  last_ended_ = end.at;
  TemplateTally& of_template = now.templates[call.template_index];
  if (end.could_not) {
    ++now.counts.unsent;
    return Failure::none;
  }
  Failure failure = end.failure;
  if (failure == Failure::none) {
    ++now.counts.answered;
    ++now.counts.statuses[static_cast<std::size_t>(end.status / 100) % now.counts.statuses.size()];
    if (end.by_shield) ++now.counts.by_shield;
    now.service.record(end.at - call.sent);
    now.first_byte.record(call.first_byte - call.sent);
    if (fails(call.template_index, end.status)) failure = Failure::status;
  }
  // Requests that fail at once would make the times look better than they are.
  if (end.failure == Failure::none || end.failure == Failure::timed_out) {
    const Duration response = end.at - call.planned;
    now.response.record(response);
    of_template.response.record(response);
  }
  if (failure != Failure::none) {
    ++now.counts.failed[static_cast<std::size_t>(failure)];
    ++of_template.failed;
  }
  return failure;
}

}  // namespace tenfold::rehearse
