#include "oncall/channels/errands.hpp"

#include <utility>

namespace tenfold::oncall::channels {

Errands::~Errands() {
  for (const auto& [number, id] : transfers_under_way_) transfers_.cancel(id);
  for (const auto& [number, timer] : timers_) poller_.cancel(timer);
}

void Errands::ask(transfer::Request request, transfer::Transfers::Done done) {
  const std::size_t number = ++last_;
  transfers_under_way_[number] =
      transfers_.start(std::move(request), [this, number, done = std::move(done)](transfer::Outcome& outcome) {
        transfers_under_way_.erase(number);
        done(outcome);
      });
}

void Errands::later(Duration after, transfer::Poller::Task task) {
  const std::size_t number = ++last_;
  timers_[number] = poller_.at(poller_.now() + after, [this, number, task = std::move(task)] {
    timers_.erase(number);
    task();
  });
}

}  // namespace tenfold::oncall::channels
