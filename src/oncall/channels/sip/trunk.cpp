#include "oncall/channels/sip/trunk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace tenfold::oncall::sip {
namespace {

TimePoint trunk_now() { return std::chrono::steady_clock::now(); }

Report no_line(std::string detail) {
  return {.state = Report::State::failed, .id = {}, .detail = std::move(detail), .retry = true, .retry_after = {}};
}

}  // namespace

void Trunk::place(std::uint64_t call, CallOrder order) {
  if (closed_ || waiting_.size() >= most_waiting) {
    return tell_(call, no_line(fmt::format("{} calls wait for a line already", waiting_.size())));
  }
  waiting_.push_back({call, std::move(order)});
  fill_lines();
}

void Trunk::answer_act(std::uint64_t call, const std::string& words) {
  if (const auto found = calls_.find(call); found != calls_.end()) found->second->answer_act(words);
}

void Trunk::fill_lines() {
  while (taken_ < options_.lines && !waiting_.empty()) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(next));
  }
  if (waiting_.empty()) return look_.cancel();
  const auto first =
      std::ranges::min(waiting_, {}, [](const Waiting& one) { return one.order.answer_by; }).order.answer_by;
  look_.start(first - trunk_now(), [this] { give_up_late(); });
}

void Trunk::give_up_late() {
  const auto late = [time = trunk_now()](const Waiting& one) { return one.order.answer_by <= time; };
  std::vector<std::uint64_t> given_up;
  for (const Waiting& one : waiting_) {
    if (late(one)) given_up.push_back(one.call);
  }
  std::erase_if(waiting_, late);
  const std::string taken =
      options_.lines == 1 ? "the only line was taken" : fmt::format("all {} lines were taken", options_.lines);
  for (const auto call : given_up) tell_(call, no_line(taken));
  fill_lines();
}

void Trunk::start(Waiting next) {
  ++taken_;
  const std::uint64_t number = next.call;
  Call::Listener listener{
      .report = [this, number](Report report) { tell_(number, std::move(report)); },
      .over =
          [this] {
            --taken_;
            fill_lines();
          },
      .gone = [this, number] { gone(number); },
  };
  auto& call = calls_[number] =
      std::make_unique<Call>(options_, loop_, speech_, std::move(next.order), std::move(listener));
  call->start();
}

void Trunk::gone(std::uint64_t call) {
  calls_.erase(call);
  if (closed_ && calls_.empty()) std::exchange(closed_, {})();
}

void Trunk::close(std::function<void()> closed) {
  waiting_.clear();
  closed_ = std::move(closed);
  if (calls_.empty()) return std::exchange(closed_, {})();
  goodbye_.start(longest_goodbye, [this] {
    calls_.clear();
    if (closed_) std::exchange(closed_, {})();
  });
  std::vector<Call*> open;
  for (const auto& [number, call] : calls_) open.push_back(call.get());
  for (Call* call : open) call->hang_up("Tenfold is being stopped");
}

}  // namespace tenfold::oncall::sip
