#include "edge/worker/worker.hpp"

#include <utility>

#include "base/log.hpp"
#include "edge/admit/core_time.hpp"
#include "edge/admit/handshake_meter.hpp"
#include "edge/worker/displacing.hpp"
#include "edge/worker/proxy_protocol.hpp"
#include "edge/worker/wrong_port.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::edge {

namespace {

// How long a client with an idle connection has for one more request, whose answer tells it that it is the last.
constexpr Duration longest_farewell = std::chrono::seconds(1);

// How many idle connections are closed for one newcomer. More than one only where other workers' newcomers take the
// places, each of which lets one in, or after a reload that lowered the limit.
constexpr int most_displaced_for_one = 8;

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
      gatekeeper_(new Gatekeeper(*loop_, setup_.guard_meter)),
      upstreams_(std::make_unique<origin::Upstreams>(setup_.directory, *loop_, random_,
                                                     std::unique_ptr<origin::Admission>(gatekeeper_))),
      site_(new Site{*loop_, *upstreams_, setup_.cache, setup_.access_log, metrics_, setup_.policy}) {
  if (setup_.guard) site_->guard = setup_.guard;
  site_->worker = setup_.number;
  site_->gatekeeper = setup_.guard_rooms == nullptr ? nullptr : gatekeeper_;
  site_->guard_rooms = setup_.guard_rooms;
  site_->guard_memory = std::make_unique<GuardMemory>(setup_.guard_key, random_.next());
  if (site_->gatekeeper != nullptr)
    site_->burnt_watch = std::make_unique<BurntWatch>(setup_.guard_key, core_time_of_thread());
  gatekeeper_->set_order(order_of(*site_->guard));
  share_answer_memory();
  refusal_pages_ = std::make_unique<RefusalPages>(*site_);
}

Worker::~Worker() = default;

void Worker::share_answer_memory() {
  site_->answer_memory.set_bound(site_->policy->limits.answer_memory_bytes / setup_.workers);
}

void Worker::run() {
  for (std::size_t i = 0; i < setup_.sockets.size(); ++i) {
    net::ListenOptions options;
    options.adopted_descriptor = setup_.sockets[i];
    auto listener = loop_->listen(setup_.addresses[i], options);
    TENFOLD_ASSERT(listener.has_value());  // the socket listens already
    auto handler = std::make_unique<RequestHandler>(*site_, i);
    auto context = std::make_unique<http::ServerContext>(
        http::ServerContext{*handler, limits_, metrics_.server, drain_, refusal_pages_.get(), setup_.observer.get()});
    context->half_sent = [this](const net::Endpoint& client) { note_half_sent(client.address); };
    if (site_->burnt_watch != nullptr) {
      context->burnt = [this](const net::Endpoint& client, Duration burnt) {
        return site_->burnt_watch->charge(*site_, client.address, burnt);
      };
    }
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
    if (const auto subject = dropped(gate, **stream)) {
      gatekeeper_->window().note_sender(*subject, Step::drop);
      metrics_.dropped.add();
      (*stream)->reset_on_close();
      continue;
    }
    const net::IpAddress& peer = (*stream)->peer().address;
    if (!site_->policy->listeners[gate].proxy_protocol_from.contains(peer) && turns_away(peer)) {
      (*stream)->reset_on_close();
      continue;
    }
    Place place = find_place();
    if (!place) {
      metrics_.turned_away.add();
      continue;
    }
    serving_.spawn(serve(gate, std::move(*stream), std::move(place)));
  }
}

Place Worker::find_place() {
  Place place = setup_.places.take(site_->policy->limits.connections);
  if (!place) place = find_place_of(http::IdleTurn::first);
  if (place) return place;
  if (setup_.room_call != nullptr) {
    setup_.room_call->begin();
    return place;
  }
  return find_place_of(http::IdleTurn::second);
}

Place Worker::find_place_of(http::IdleTurn turn) {
  for (int displaced = 0; displaced < most_displaced_for_one; ++displaced) {
    const auto idle = longest_idle(turn);
    if (!idle) break;
    displace(*idle);
    if (Place place = setup_.places.take(site_->policy->limits.connections)) return place;
  }
  return {};
}

std::optional<Worker::Idle> Worker::longest_idle(http::IdleTurn turn) const {
  using http::IdleTurn;
  std::optional<Idle> found;
  const auto look = [&](std::optional<TimePoint> since, http::ServerContext* context, IdleTurn list) {
    if (!since || loop_->now() - *since < shortest_idle(list)) return;
    if (!found || *since <= found->since) found = {*since, context, list};
  };
  for (const Gate& gate : gates_) {
    http::ServerContext& context = *gate.context;
    look(http::longest_idle_since(context, turn), &context, turn);
    if (turn == IdleTurn::second) look(http::longest_idle_since(context, IdleTurn::last), &context, IdleTurn::last);
  }
  if (turn == IdleTurn::first && !silent_.empty()) look(silent_.front().since, nullptr, turn);
  return found;
}

void Worker::displace(const Idle& idle) {
  if (idle.list != http::IdleTurn::first) metrics_.customers_displaced.add();
  if (idle.context != nullptr) return http::close_longest_idle(*idle.context, idle.list);
  metrics_.server.displaced.add();
  silent_.front().close();
}

void Worker::look_for_room(http::IdleTurn turn) {
  loop_->post([this, turn] {
    const bool full = setup_.places.taken() >= site_->policy->limits.connections;
    const auto idle = longest_idle(turn);
    const bool answers = (!full || idle) && setup_.room_call->claim();
    if (answers && full) displace(*idle);
    setup_.room_call->looked(turn);
  });
}

void SilentConnection::close() {
  unlink();
  stream.cancel();
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
    auto first = co_await read_first(*stream);
    if (!first || first->empty()) {
      // Who was displaced, or closed in a drain, is not to blame.
      if (first || first.error().code != Errc::cancelled) metrics_.proxy_header_failures.add();
      co_return false;
    }
    stream->put_back(std::move(*first));
    auto start = co_await read_proxy_header(*stream, loop_->now() + policy->limits.handshake_timeout);
    if (!start) {
      metrics_.proxy_header_failures.add();
      co_return false;
    }
    if (start->source) client = std::make_unique<const net::Endpoint>(*start->source);
    if (client && turns_away(client->address)) co_return false;
  }
  if (listener.tls) {
    auto first = co_await read_first(*stream);
    if (!first || first->empty()) {
      // Who leaves without a word (a balancer's look at the port) began no handshake.
      if (!first && first.error().code == Errc::timed_out) {
        metrics_.handshake_failures.add();
        note_half_sent(client ? client->address : stream->peer().address);
      }
      co_return false;
    }
    if (begins_plain_http(first->view())) {
      metrics_.server.bad_requests.add();
      burn(client ? client->address : stream->peer().address, http::Chore::bad_request);
      co_await say_that_this_is_https(*stream, policy->limits.write_timeout);
      co_return false;
    }
    stream->put_back(std::move(*first));
    const net::IpAddress whose = client ? client->address : stream->peer().address;
    const bool secured = co_await secure(gate, stream, whose);
    if (!secured) co_return false;
    connection.stream = stream.get();
  }
  co_return true;
}

net::Task<bool> Worker::secure(std::size_t gate, std::unique_ptr<net::Stream>& stream, net::IpAddress client) {
  const std::shared_ptr<const Policy> policy = site_->policy;
  HandshakeMeter meter(*site_, client, cpu_time_of_thread);
  const bool is_metered = site_->burnt_watch != nullptr && site_->guard->mode() != GuardMode::off;
  if (is_metered && !meter.may_begin()) co_return false;
  auto handshake = net::accept_tls(std::move(stream), policy->listeners[gate].tls,
                                   loop_->now() + policy->limits.handshake_timeout, {}, is_metered ? &meter : nullptr);
  auto secured = co_await std::move(handshake);
  if (!secured) {
    if (secured.error().code == Errc::cancelled && meter.ended()) co_return false;
    metrics_.handshake_failures.add();
    ++gatekeeper_->window().handshakes_unfinished;
    note_half_sent(client);
    co_return false;
  }
  stream = std::move(*secured);
  co_return true;
}

void Worker::note_half_sent(const net::IpAddress& client) {
  if (site_->guard->mode() == GuardMode::off || site_->policy->trusted_proxies.contains(client)) return;
  GuardWindow& window = gatekeeper_->window();
  ++window.half_sent;
  window.meter.add(client, {.half_sent = 1});
}

bool Worker::turns_away(const net::IpAddress& client) {
  return site_->burnt_watch != nullptr && site_->burnt_watch->turns_away(*site_, client);
}

http::Burning Worker::burn(const net::IpAddress& client, http::Chore chore) {
  if (site_->burnt_watch == nullptr) return http::Burning::may_go_on;
  return site_->burnt_watch->charge(*site_, client, http::cost(chore));
}

std::optional<guard::judging::Subject> Worker::dropped(std::size_t gate, const net::Stream& stream) const {
  const GuardPolicy& guard = *site_->guard;
  if (guard.mode() != GuardMode::enforce || guard.state->measures == nullptr) return {};
  // While there is room its requests are refused, once its cookies have been read: it may be a customer behind the
  // same address as another.
  if (setup_.places.taken() < site_->policy->limits.connections / 2) return {};
  const net::IpAddress& peer = stream.peer().address;
  if (site_->policy->trusted_proxies.contains(peer)) return {};
  if (site_->policy->listeners[gate].proxy_protocol_from.contains(peer)) return {};
  if (guard.rules->allow.may_fit(peer)) return {};
  if (guard.state->lists != nullptr && guard.state->lists->allow.contains(peer)) return {};
  return dropped_by(*guard.state->measures, peer, loop_->now());
}

net::Task<Result<net::Buffer>> Worker::read_first(net::Stream& stream) {
  SilentConnection silent(stream, loop_->now());
  if (!stream.has_input()) silent_.push_back(silent);
  auto bytes = co_await stream.read(silent.since + site_->policy->limits.head_timeout);
  co_return bytes;
}

void Worker::adopt(std::shared_ptr<const Policy> policy) {
  loop_->post([this, policy = std::move(policy)]() mutable {
    limits_ = policy->limits;
    site_->policy = std::move(policy);
    share_answer_memory();
  });
}

void Worker::adopt(std::shared_ptr<const GuardPolicy> guard) {
  loop_->post([this, guard = std::move(guard)]() mutable {
    gatekeeper_->set_order(order_of(*guard));
    site_->guard = std::move(guard);
  });
}

void Worker::hand_over_window(std::function<void()> done) {
  loop_->post([this, done = std::move(done)] {
    gatekeeper_->hand_over_window();
    done();
  });
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
  while (!silent_.empty()) silent_.front().close();
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
