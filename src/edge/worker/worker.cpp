#include "edge/worker/worker.hpp"

#include "base/log.hpp"
#include "edge/worker/proxy_protocol.hpp"
#include "edge/worker/wrong_port.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::edge {

namespace {

// How long a client with an idle connection has for one more request, whose answer tells it that it is the last.
constexpr Duration longest_farewell = std::chrono::seconds(1);

// Tells the observer of a connection's beginning and end.
struct Observed {
  Observed(http::ConnectionObserver& its_observer, const net::Stream& stream, TimePoint now)
      : observer(its_observer), subject{.peer = stream.peer(), .accepted_at = now} {
    observer.accepted(subject);
  }
  Observed(const Observed&) = delete;
  Observed& operator=(const Observed&) = delete;
  ~Observed() { observer.closed(subject); }
  void opened(const net::Endpoint* client, const net::TlsInfo* tls) {
    if (client != nullptr) subject.client = *client;
    if (tls != nullptr) observer.handshake_done(subject, *tls);
  }
  http::ConnectionObserver& observer;
  http::ConnectionObserver::Subject subject;
};

}  // namespace

std::string RefusalPages::page(int status, std::string_view) const {
  return std::string(
      site_.policy->error_pages->find(status, edge::ErrorPages::Format::html, edge::ErrorPages::Language::en).body);
}

Worker::Worker(WorkerSetup setup, std::unique_ptr<net::Loop> loop)
    : setup_(std::move(setup)),
      loop_(std::move(loop)),
      random_(entropy_seed()),
      limits_(setup_.policy->limits),
      upstreams_(std::make_unique<origin::Upstreams>(setup_.directory, *loop_, random_, std::move(setup_.admission))),
      site_(new Site{*loop_, *upstreams_, setup_.cache, setup_.access_log, metrics_, setup_.policy}) {
  if (setup_.guard) site_->guard = setup_.guard;
  site_->worker = setup_.number;
  refusal_pages_ = std::make_unique<RefusalPages>(*site_);
}

Worker::~Worker() = default;

void Worker::run() {
  for (std::size_t i = 0; i < setup_.sockets.size(); ++i) {
    net::ListenOptions options;
    options.adopted_descriptor = setup_.sockets[i];
    auto listener = loop_->listen(setup_.addresses[i], options);
    TENFOLD_ASSERT(listener.has_value());  // the socket listens already
    auto handler = std::make_unique<RequestHandler>(*site_, i);
    auto context = std::make_unique<http::ServerContext>(
        http::ServerContext{*handler, limits_, metrics_.server, drain_, refusal_pages_.get(), setup_.observer.get()});
    gates_.push_back({std::move(*listener), std::move(handler), std::move(context)});
  }
  for (std::size_t i = 0; i < gates_.size(); ++i) accepting_.spawn(accept(i));
  loop_->run();
}

net::Task<void> Worker::accept(std::size_t gate) {
  net::Listener& listener = *gates_[gate].listener;
  while (true) {
    auto stream = co_await listener.accept();
    if (!stream && stream.error().code == Errc::cancelled) co_return;
    if (!stream) {
      // Out of descriptors: existing connections go on; new ones wait in the kernel for a moment.
      metrics_.accept_failures.add();
      auto slept = co_await loop_->sleep_for(std::chrono::milliseconds(50), accepting_.token());
      if (!slept) co_return;
      continue;
    }
    Place place = setup_.places.take(site_->policy->limits.connections);
    if (!place) {
      metrics_.turned_away.add();
      continue;
    }
    serving_.spawn(serve(gate, std::move(*stream), std::move(place)));
  }
}

// Its frame lives as long as the connection, of which there are many: what is needed only at the start is in open().
net::Task<void> Worker::serve(std::size_t gate, std::unique_ptr<net::Stream> stream, Place) {
  ClientConnection connection;
  connection.stream = stream.get();
  connections_.push_back(connection);
  std::unique_ptr<Observed> observed;  // apart, so that nobody pays for it who is not observed
  if (setup_.observer) observed = std::make_unique<Observed>(*setup_.observer, *stream, loop_->now());
  http::ToldClient client;
  const bool opened = co_await open(gate, connection, stream, client);
  if (!opened) co_return;
  if (observed) observed->opened(client.get(), stream->tls());
  // Made before it is awaited, so that its arguments are not kept in this frame.
  auto serving = http::serve_http1(std::move(stream), *gates_[gate].context, std::move(client), {},
                                   observed ? &observed->subject : nullptr);
  co_await std::move(serving);
}

net::Task<bool> Worker::open(std::size_t gate, ClientConnection& connection, std::unique_ptr<net::Stream>& stream,
                             http::ToldClient& client) {
  const std::shared_ptr<const Policy> policy = site_->policy;
  const ListenerPolicy& listener = policy->listeners[gate];
  if (listener.proxy_protocol_from.contains(stream->peer().address)) {
    auto start = co_await read_proxy_header(*stream, loop_->now() + policy->limits.handshake_timeout);
    if (!start) {
      metrics_.proxy_header_failures.add();
      co_return false;
    }
    if (start->source) client = std::make_unique<const net::Endpoint>(*start->source);
  }
  if (listener.tls) {
    auto first = co_await stream->read(loop_->now() + policy->limits.handshake_timeout);
    if (!first || first->empty()) {
      // Who leaves without a word (a balancer's look at the port) began no handshake.
      if (!first && first.error().code == Errc::timed_out) metrics_.handshake_failures.add();
      co_return false;
    }
    if (begins_plain_http(first->view())) {
      metrics_.server.bad_requests.add();
      co_await say_that_this_is_https(*stream, policy->limits.write_timeout);
      co_return false;
    }
    stream->put_back(std::move(*first));
    auto secured =
        co_await net::accept_tls(std::move(stream), listener.tls, loop_->now() + policy->limits.handshake_timeout);
    if (!secured) {
      metrics_.handshake_failures.add();
      co_return false;
    }
    stream = std::move(*secured);
    connection.stream = stream.get();
  }
  co_return true;
}

void Worker::adopt(std::shared_ptr<const Policy> policy) {
  loop_->post([this, policy = std::move(policy)]() mutable {
    limits_ = policy->limits;
    site_->policy = std::move(policy);
  });
}

void Worker::adopt(std::shared_ptr<const GuardPolicy> guard) {
  loop_->post([this, guard = std::move(guard)]() mutable { site_->guard = std::move(guard); });
}

void Worker::drain(Duration grace) {
  loop_->post([this, grace] { draining_.spawn(drain_all(grace)); });
}

net::Task<void> Worker::wait_until_served(TimePoint deadline) {
  while (serving_.running() > 0 && loop_->now() < deadline) {
    auto slept = co_await loop_->sleep_for(std::chrono::milliseconds(10));
    static_cast<void>(slept);
  }
}

net::Task<void> Worker::drain_all(Duration grace) {
  for (Gate& gate : gates_) gate.listener->stop();
  accepting_.cancel();
  co_await accepting_.drain();
  // Closed at once: a port that is still open takes connections that nobody will serve.
  for (Gate& gate : gates_) gate.listener.reset();
  const TimePoint deadline = loop_->now() + grace;
  drain_.last_answers();
  co_await wait_until_served(loop_->now() + std::min<Duration>(grace / 2, longest_farewell));
  drain_.drain();
  co_await wait_until_served(deadline);
  if (serving_.running() > 0) {
    log::warn("worker {}: {} connections are still open after {} s: resetting them", setup_.number, serving_.running(),
              std::chrono::duration_cast<std::chrono::seconds>(grace).count());
    connections_.for_each([](ClientConnection& connection) {
      connection.stream->reset_on_close();
      connection.stream->cancel();
    });
  }
  // Whoever still waits waits for an origin: refreshes that trickle, uploads, tunnels, bodies that do not come.
  upstreams_->end();
  co_await serving_.drain();
  co_await site_->background.drain();
  upstreams_->close_idle();
  gates_.clear();
  loop_->stop();
}

}  // namespace tenfold::edge
