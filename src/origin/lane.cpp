#include "origin/lane.hpp"

#include <algorithm>

namespace tenfold::origin {

void AnswerWait::on_cancel(void* self) {
  AnswerWait& wait = *static_cast<AnswerWait*>(self);
  wait.told = Told::cancelled;
  if (wait.connection != nullptr) wait.connection->stream().cancel();
}

std::unique_ptr<Connection> Lane::take_idle(TimePoint not_idle_since_before) {
  while (!idle_.empty() && idle_.back().since >= not_idle_since_before) {
    std::unique_ptr<Connection> connection = std::move(idle_.back().connection);
    idle_.pop_back();
    if (connection->http().alive()) return connection;
  }
  return nullptr;
}

void Lane::keep_idle(std::unique_ptr<Connection> connection, TimePoint now, std::size_t limit) {
  if (idle_.size() >= limit) return;
  idle_.push_back({std::move(connection), now});
}

std::size_t Lane::close_idle_since_before(TimePoint moment) {
  const auto first_kept =
      std::find_if(idle_.begin(), idle_.end(), [&](const Idle& idle) { return idle.since >= moment; });
  idle_.erase(idle_.begin(), first_kept);
  return idle_.size();
}

}  // namespace tenfold::origin
