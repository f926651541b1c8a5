#include "oncall/channels/post_channel.hpp"

#include <utility>

#include "oncall/channels/answers.hpp"

namespace tenfold::oncall::channels {

void PostChannel::send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
                       Reporter report) {
  auto made = request(to, message, key);
  if (!made) {
    errands_.later({}, [report = std::move(report), detail = made.error().detail] {
      report({.state = Report::State::failed, .detail = detail});
    });
    return;
  }
  start(std::move(*made), timeout, std::move(report));
}

void PostChannel::start(transfer::Request request, Duration timeout, Reporter report) {
  if (!errands_.has_room()) {
    errands_.later({}, [report = std::move(report)] {
      report({.state = Report::State::failed, .detail = "too many sends are under way", .retry = true});
    });
    return;
  }
  request.timeout = timeout;
  request.most_body_bytes = most_answer_bytes;
  errands_.ask(std::move(request),
               [this, report = std::move(report)](transfer::Outcome& outcome) { report(judge(outcome)); });
}

void PostChannel::find(const std::string&, const std::string&, const std::string&, WallTime, Reporter report) {
  errands_.later({}, [report = std::move(report)] {
    report({.state = Report::State::unknown, .detail = "this channel cannot be asked whether it arrived"});
  });
}

Report PostChannel::judge(const transfer::Outcome& outcome) const { return judged(outcome); }

transfer::Request json_post(std::string url, std::string body) {
  transfer::Request request;
  request.url = std::move(url);
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json; charset=utf-8"}, {"User-Agent", "Tenfold"}};
  request.body = std::move(body);
  return request;
}

}  // namespace tenfold::oncall::channels
