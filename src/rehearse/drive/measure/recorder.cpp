#include "rehearse/drive/measure/recorder.hpp"

#include <algorithm>

#include "rehearse/drive/visitor/redirect.hpp"

namespace tenfold::rehearse {

namespace {

// A status that less of a template's requests had in the log is not one that its visitors are used to.
constexpr double usual_share = 0.005;
// What is smaller than this says nothing by its size: a basket with nothing in it.
constexpr double least_telling_bytes = 64;
// Fewer finds for made-up words make a page smaller, but not down to an error's size.
constexpr double of_made_up_values = 0.25;
// So much smaller a compressed body may be, and more than that hardly any is.
constexpr std::uint64_t most_compression = 15;

// Logs count bodies, some of them with their heads: it must be smaller by either.
bool smaller(const CallEnd& end, double bytes) {
  const auto scale = static_cast<double>(end.encoded ? most_compression : 1);
  return 2 * scale * static_cast<double>(end.body_bytes) < bytes && scale * static_cast<double>(end.all_bytes) < bytes;
}

}  // namespace

double telling_bytes(double bytes) { return bytes >= least_telling_bytes ? bytes : 0; }

Recorder::Recorder(HandOver& hand_over, const TrafficModel* model) : hand_over_(hand_over) {
  if (model == nullptr) return;
  usual_.resize(model->templates.size());
  for (std::size_t i = 0; i < usual_.size(); ++i) {
    const Template& of = model->templates[i];
    Usual& usual = usual_[i];
    usual.known = !of.statuses.empty();
    usual.least_bytes = telling_bytes(of.least_bytes);
    usual.low_bytes = telling_bytes(of.low_bytes);
    double redirects = 0;
    for (const auto& [status, share] : of.statuses) {
      if (status >= 400 && status < 500 && share >= usual_share) usual.statuses.push_back(status);
      if (is_redirect(status)) redirects += share;
    }
    usual.redirects = redirects >= usual_share;
  }
}

Failure Recorder::judged(const Call& call, const CallEnd& end) const {
  const int status = end.status;
  if (status >= 500 || status == 408 || status == 429) return Failure::status;
  const Usual* const usual = call.template_index < usual_.size() ? &usual_[call.template_index] : nullptr;
  if (status >= 400) {
    const bool not_found = status == 404 || status == 410;
    const bool excused = call.invented == Invented::path || (call.invented == Invented::values && not_found);
    const bool usual_here = usual != nullptr && std::ranges::find(usual->statuses, status) != usual->statuses.end();
    return excused || usual_here ? Failure::none : Failure::status;
  }
  if (end.led == Led::for_ever) return Failure::unlike;
  if (usual == nullptr || !usual->known || call.invented == Invented::path || call.followed) return Failure::none;
  const bool led_astray = end.led == Led::elsewhere || end.led == Led::moved;
  if (led_astray && !usual->redirects) return Failure::unlike;
  const bool whole = status == 200 && call.method == http::Method::get;
  const double part = call.invented == Invented::values ? of_made_up_values : 1;
  return whole && smaller(end, part * usual->least_bytes) ? Failure::unlike : Failure::none;
}

void Recorder::hold(const Call& call, const CallEnd& end, const Usual& usual, TemplateTally& of_template) {
  Held& held = of_template.held;
  ++held.answers;
  switch (end.led) {
    case Led::nowhere: break;
    case Led::elsewhere:
    case Led::for_ever: ++held.elsewhere; break;
    case Led::known: ++held.known; break;
    case Led::login: ++held.login; break;
    case Led::moved: ++held.moved; break;
  }
  if (end.led != Led::nowhere && of_template.led_to.empty()) of_template.led_to = end.led_to.substr(0, 200);
  if (end.status == 404 || end.status == 410) ++held.not_found;
  if (end.status == 401 || end.status == 403) ++held.denied;
  if (end.status != 200 || call.method != http::Method::get || call.invented != Invented::nothing) return;
  ++held.whole;
  held.bytes += end.all_bytes * (end.encoded ? most_compression : 1);
  if (smaller(end, usual.low_bytes)) ++held.small;
}

Failure Recorder::ended(const Call& call, const CallEnd& end) {
  static const Usual nothing_known;
  SecondTally& now = tally();
  last_ended_ = end.at;
  TemplateTally& of_template = now.templates[call.template_index];
  if (end.could_not) {
    ++now.counts.unsent;
    if (now.causes[0].empty()) now.causes[0] = end.why;
    return Failure::none;
  }
  Failure failure = end.failure;
  if (failure == Failure::none) {
    ++now.counts.answered;
    ++now.counts.statuses[static_cast<std::size_t>(end.status / 100) % now.counts.statuses.size()];
    if (end.by_shield) ++now.counts.by_shield;
    now.service.record(end.at - call.sent);
    now.first_byte.record(call.first_byte - call.sent);
    of_template.statuses.add(end.status);
    if (call.invented != Invented::nothing) ++now.counts.invented;
    // That made-up values find nothing says nothing of the shop.
    const bool excused = call.invented == Invented::path || (call.invented == Invented::values && end.status >= 400);
    if (!excused && !call.followed)
      hold(call, end, call.template_index < usual_.size() ? usual_[call.template_index] : nothing_known, of_template);
    failure = judged(call, end);
  }
  // Requests that fail at once would make the times look better than they are.
  if (end.failure == Failure::none || end.failure == Failure::timed_out) {
    const Duration response = end.at - call.planned;
    now.response.record(response);
    of_template.response.record(response);
  }
  if (failure != Failure::none) {
    const auto kind = static_cast<std::size_t>(failure);
    ++now.counts.failed[kind];
    ++of_template.failed;
    if (end.failure != Failure::none && now.causes[kind].empty()) now.causes[kind] = end.why;
  }
  return failure;
}

}  // namespace tenfold::rehearse
