#include "watch/service/heartbeat_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "transfer/web_page.hpp"

namespace tenfold::watch {

using namespace std::chrono_literals;

HeartbeatOut::~HeartbeatOut() { stop(); }

void HeartbeatOut::stop() {
  if (timer_) poller_.cancel(*std::exchange(timer_, std::nullopt));
  if (under_way_) transfers_.cancel(*std::exchange(under_way_, std::nullopt));
}

void HeartbeatOut::replace(const std::string& url, Duration every) {
  every = std::max<Duration>(every, 1s);
  if (url == url_ && every == every_) return;
  stop();
  if (url != url_) confirmed_at_.reset();
  url_ = url;
  every_ = every;
  error_.clear();
  if (url_.empty()) return;
  due_ = poller_.now();
  report();
}

void HeartbeatOut::report() {
  timer_.reset();
  // Of what a stall has made it miss, nothing is made up for.
  const TimePoint now = poller_.now();
  due_ += ((now - due_) / every_ + 1) * every_;
  timer_ = poller_.at(due_, [this] { report(); });
  if (under_way_) return;
  transfer::Request request;
  request.url = url_;
  request.most_body_bytes = 64 * 1024;
  request.redirects = transfer::Request::Redirects::follow;
  under_way_ = transfers_.start(std::move(request), [this](transfer::Outcome& outcome) { answered(outcome); });
}

void HeartbeatOut::answered(const transfer::Outcome& outcome) {
  under_way_.reset();
  if (outcome.kind != transfer::Outcome::Kind::answered) {
    error_ = outcome.error;
  } else if (outcome.status < 200 || outcome.status > 299) {
    error_ = fmt::format("status {}, expected 200-299", outcome.status);
  } else if (transfer::is_web_page(outcome)) {  // of a login in between: whoever counts reports shows them no page
    error_ = fmt::format("not the answer of who counts the reports, but {}", transfer::what_came(outcome));
  } else {
    error_.clear();
    confirmed_at_ = poller_.clock().wall_now();
  }
}

}  // namespace tenfold::watch
