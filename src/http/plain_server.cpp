#include "http/plain_server.hpp"

#include <utility>

namespace tenfold::http {

Result<std::unique_ptr<PlainServer>> PlainServer::listen(net::Loop& loop, const net::Endpoint& at, Options options) {
  auto listener = loop.listen(at, options.listen);
  if (!listener) return std::unexpected(listener.error());
  return std::unique_ptr<PlainServer>(new PlainServer(loop, std::move(*listener), options));
}

void PlainServer::serve(Handler& handler) {
  TENFOLD_ASSERT(context_ == nullptr);
  context_ = std::make_unique<ServerContext>(handler, options_.limits, metrics_, drain_);
  scope_.spawn(accept_all());
}

net::Task<void> PlainServer::accept_all() {
  // Long enough for descriptors to come free, short enough for nobody to notice.
  constexpr Duration pause_when_exhausted = std::chrono::milliseconds(100);
  while (!drain_.draining()) {
    auto stream = co_await listener_->accept();
    if (stream) {
      auto found = co_await find_place();
      if (!found) co_return;
      scope_.spawn(serve_one(std::move(*stream)));
    } else if (stream.error().code == Errc::cancelled) {
      co_return;
    } else {
      auto slept = co_await loop_.sleep_for(pause_when_exhausted, drain_.token());
      if (!slept) co_return;
    }
  }
}

bool PlainServer::displace_one() {
  const auto since = longest_idle_since(*context_);
  if (!since || loop_.now() - *since < shortest_idle_displaced) return false;
  close_longest_idle(*context_);
  return true;
}

// For the connection that has just come. Error: cancelled, when draining begins.
net::Task<Result<void>> PlainServer::find_place() {
  while (open_ >= options_.most_connections) {
    if (displace_one()) continue;
    // Looks again from time to time: one that becomes idle meanwhile tells nobody.
    auto ended = co_await one_ended_.wait(loop_, loop_.now() + shortest_idle_displaced, drain_.token());
    if (!ended && ended.error().code == Errc::cancelled) co_return ended;
  }
  co_return Result<void>();
}

net::Task<void> PlainServer::serve_one(std::unique_ptr<net::Stream> stream) {
  ++open_;
  {
    Connection connection(*stream);
    connections_.push_back(connection);
    co_await serve_http1(std::move(stream), *context_);
  }
  --open_;
  one_ended_.notify_all();
}

net::Task<PlainServer::Finished> PlainServer::finish(TimePoint deadline) {
  listener_->stop();
  drain_.drain();
  while (open_ > 0) {
    auto ended = co_await one_ended_.wait(loop_, deadline);
    if (!ended) co_return Finished::some_left;
  }
  co_await scope_.drain();  // for the accepting task
  co_return Finished::all;
}

net::Task<void> PlainServer::abort() {
  listener_->stop();
  if (!drain_.draining()) drain_.drain();
  // One at a time: cancelling may end a connection, and its end may change the list.
  while (!connections_.empty()) {
    Connection& connection = connections_.front();
    connection.unlink();
    connection.stream.cancel();
  }
  co_await scope_.drain();
}

}  // namespace tenfold::http
