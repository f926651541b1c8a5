// Upstreams::fetch() and its steps, in the order in which a request takes them; attempt.cpp has the attempt itself.
#include <algorithm>
#include <utility>

#include "origin/choice.hpp"
#include "origin/flight.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::origin {

namespace {

// A request that must not be sent twice only goes over a connection used this lately: the longer one has been idle,
// the likelier the server is just closing it, and then nobody could tell whether the request was taken.
constexpr Duration safe_idle = 2s;

Outcome outcome_of(const Error& error) { return error.code == Errc::timed_out ? Outcome::no_answer : Outcome::broken; }

// Whether the request's body may still be under way while its answer is used. Not where the body has no meaning
// (RFC 9110, 9.3.1), so that what reads such answers, a cache for instance, need not know of uploads; nor once the
// connection speaks another protocol.
bool goes_on_uploading(http::Method method, int status) { return !http::is_safe(method) && status != 101; }

}  // namespace

// ---- the flight ----

Upstreams::Flight::Flight(FetchRequest wanted)
    : request(std::move(wanted)),
      idempotent(http::is_idempotent(request.head.method)),
      cancel_hook(&AnswerWait::on_cancel, &wait) {
  if (request.body == nullptr || request.body_length.kind == http::BodyLength::Kind::none) return;
  const bool large =
      request.body_length.kind == http::BodyLength::Kind::known && request.body_length.bytes > keep_bytes;
  // Who waits to be told to send the body sends nothing that could be kept.
  const bool awaited = request.head.headers.has(http::Field::expect);
  body = large || awaited ? Body::streamed : Body::kept;
}

void Upstreams::Flight::add_tried(const Server& server) {
  if (tried_count < tried_servers.size()) tried_servers[tried_count++] = &server;
}

Wish Upstreams::Flight::wish(TimePoint now) const {
  return {.route = *request.route,
          .tried = tried(),
          .sticky = request.sticky,
          .panic_threshold = request.route.topology().settings.ejection.panic_threshold,
          .now = now};
}

// ---- the whole ----

net::Task<FetchResult> Upstreams::fetch(FetchRequest request) {
  metrics_.fetches.add();
  budget_.count_request(loop_.now());
  Flight flight(std::move(request));
  if (flight.body == Flight::Body::kept) {
    const TimePoint began = loop_.now();
    const auto kept = co_await keep_body(flight);
    if (!kept) co_return std::unexpected(flight.failure());
    flight.request.deadline += loop_.now() - began;
  }
  for (;;) {
    if (!flight.lease) {
      Choice::Shortage shortage = take_place(flight);
      if (shortage == Choice::Shortage::full) shortage = co_await wait_for_place(flight);
      if (shortage != Choice::Shortage::none) break;
    }

    ++flight.attempts;
    metrics_.attempts.add();
    if (flight.lease.connection() == nullptr) {
      auto connected = co_await connect(flight);
      if (!connected) {
        if (after_failure(flight, std::move(connected.error())) == Again::no) break;
        continue;
      }
    }
    auto head = co_await attempt(flight);
    end_wait(flight);
    if (head && flight.upload != nullptr && !goes_on_uploading(flight.request.head.method, (*head)->status)) {
      flight.upload->stop();
      co_await flight.upload->wait_end(loop_);
    }
    if (head && move_from_bad_answer(flight, **head) == Again::yes) continue;
    if (head) co_return land(flight, **head);
    if (flight.upload != nullptr) {
      flight.upload->stop();
      flight.lease.connection()->stream().cancel();
      co_await flight.upload->wait_end(loop_);
    }
    if (after_failure(flight, std::move(head.error())) == Again::no) break;
  }
  metrics_.failed.add();
  co_return std::unexpected(flight.failure());
}

net::Task<Result<void>> Upstreams::keep_body(Flight& flight) {
  for (std::uint64_t bytes = 0; bytes <= Flight::keep_bytes;) {
    auto part = co_await flight.request.body->read(loop_.now() + flight.request.body_timeout);
    if (!part) {
      flight.error = std::move(part.error());
      flight.side = FetchFailure::Side::client;
      metrics_.failed.add();
      co_return fail(flight.error.code);
    }
    if (part->empty()) co_return Result<void>();
    bytes += part->size();
    flight.kept.add(std::move(*part), loop_);
  }
  flight.body = Flight::Body::streamed;
  co_return Result<void>();
}

// ---- a place at a server ----

Choice::Shortage Upstreams::take_place(Flight& flight) {
  if (flight.request.cancel.cancelled()) {
    flight.error = {Errc::cancelled};
    return Choice::Shortage::down;
  }
  if (queue_.size() != 0 && queue_.waits_on(*flight.request.route) && flight.place == Flight::Place::unasked)
    return Choice::Shortage::full;
  // Another worker may take the place between the choice and the entry; then the choice is made anew.
  for (int round = 0; round < 4; ++round) {
    const Choice choice = choose(flight.wish(loop_.now()), random_);
    if (choice.member == nullptr) return choice.shortage;
    if (!enter(*choice.member)) continue;
    flight.lease = Lease(*this, flight.request.route, *choice.member);
    find_idle(flight);
    return Choice::Shortage::none;
  }
  return Choice::Shortage::full;
}

// Gives the lease an open connection if there is one.
void Upstreams::find_idle(Flight& flight) {
  flight.connection = Flight::Connection::fresh;
  if (flight.next_connection == Flight::NextConnection::fresh) return;
  const Duration idle_timeout = flight.lease.pool().settings.timeouts.idle;
  const Duration usable = flight.idempotent ? idle_timeout : std::min(safe_idle, idle_timeout);
  auto idle = lane(flight.lease.server()).take_idle(loop_.now() - usable);
  if (!idle) return;
  flight.lease.give(std::move(idle));
  flight.connection = Flight::Connection::reused;
  metrics_.reused.add();
}

net::Task<Choice::Shortage> Upstreams::wait_for_place(Flight& flight) {
  const PoolSettings& pool = flight.request.route->pools.front()->settings;
  if (queue_.size() >= pool.max_waiting) {
    metrics_.queue_full.add();
    flight.error = {Errc::exhausted};
    co_return Choice::Shortage::full;
  }
  metrics_.queued.add();
  // A call can be missed, when a server returns for instance; then this is how late it is noticed.
  constexpr Duration look_every = 100ms;
  const TimePoint deadline = std::min(flight.request.deadline, loop_.now() + pool.timeouts.queue);
  PlaceTicket ticket(*flight.request.route);
  queue_.join(ticket);
  for (const Pool* each : flight.request.route->pools) each->load->waiting.fetch_add(1, std::memory_order_relaxed);
  flight.place = Flight::Place::queued;
  Choice::Shortage shortage = Choice::Shortage::full;
  while (shortage == Choice::Shortage::full && loop_.now() < deadline) {
    auto called =
        co_await ticket.called.wait(loop_, std::min(deadline, loop_.now() + look_every), flight.request.cancel);
    shortage = take_place(flight);
  }
  flight.place = Flight::Place::unasked;
  for (const Pool* each : flight.request.route->pools) each->load->waiting.fetch_sub(1, std::memory_order_relaxed);
  queue_.leave(ticket);
  if (shortage == Choice::Shortage::full) flight.error = {Errc::exhausted};
  co_return shortage;
}

net::Task<Result<void>> Upstreams::connect(Flight& flight) {
  Server& server = flight.lease.server();
  const Timeouts& timeouts = flight.lease.pool().settings.timeouts;
  const auto endpoints = server.endpoints();
  const std::uint32_t turn = server.next_turn();
  flight.sent = Flight::Sent::nothing;
  Error error{Errc::unreachable};
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const net::Endpoint& endpoint = endpoints[(turn + i) % endpoints.size()];
    const TimePoint deadline = std::min(flight.request.deadline, loop_.now() + timeouts.connect);
    if (deadline <= loop_.now() || flight.request.cancel.cancelled()) break;
    auto stream = co_await loop_.connect(endpoint, {}, deadline);
    if (stream && server.tls()) {
      auto context = tls_context(server);
      if (!context) co_return std::unexpected(context.error());
      const std::string& name = server.tls()->server_name.empty() ? server.host() : server.tls()->server_name;
      auto secured = co_await net::connect_tls(std::move(*stream), *context, name, deadline);
      stream = std::move(secured);
    }
    if (stream) {
      metrics_.connections.add();
      flight.lease.give(http::make_http1_client(std::move(*stream)));
      co_return Result<void>();
    }
    error = std::move(stream.error());
  }
  co_return std::unexpected(std::move(error));
}

// ---- afterwards ----

void Upstreams::count_answer(Flight& flight, const http::ResponseHead& head) {
  Server& server = flight.lease.server();
  const TimePoint now = loop_.now();
  flight.origin_time = std::max(now - asked_at(flight), Duration::zero());
  server.answered(head.status, flight.origin_time, now);
  if (origin::outcome_of(head.status) != Outcome::server_error) return;
  const std::uint32_t threshold = flight.request.route.topology().settings.ejection.consecutive_5xx;
  if (threshold != 0 && server.server_errors_in_row() % threshold == 0) directory_.ask_review();
}

void Upstreams::count_failure(Flight& flight, Outcome outcome) {
  Server& server = flight.lease.server();
  const std::uint32_t in_row = server.failed(outcome);
  const std::uint32_t threshold = flight.request.route.topology().settings.ejection.consecutive_failures;
  if (threshold != 0 && in_row % threshold == 0) directory_.ask_review();
  const Marks marks = server.marks();
  const bool known = marks.has(Mark::suspected) || marks.has(Mark::silent) || marks.has(Mark::dead);
  if (outcome == Outcome::no_connection && !known) {
    metrics_.suspicions.add();
    directory_.suspect(server);
  }
}

// Accounts the attempt's failure and decides whether there is to be another.
Upstreams::Again Upstreams::after_failure(Flight& flight, Error error) {
  Server& server = flight.lease.server();
  http::ClientConnection* const connection = flight.lease.connection();
  const bool connected = connection != nullptr;
  const bool stale = connected && flight.connection == Flight::Connection::reused && error.code == Errc::closed &&
                     connection->untouched();
  const bool told_down = flight.wait.told == AnswerWait::Told::server_down;
  flight.error = told_down ? Error{Errc::timed_out} : std::move(error);
  flight.gathered.clear();
  flight.lease.drop_connection();

  if (flight.request.cancel.cancelled()) {
    flight.error = {Errc::cancelled};
    return Again::no;
  }
  if (flight.upload && flight.upload->client_error()) {
    flight.error = *flight.upload->client_error();
    flight.side = FetchFailure::Side::client;
  }
  if (flight.side == FetchFailure::Side::client) return Again::no;
  // Out of ports or descriptors: our own shortage, no other server would help.
  if (!connected && flight.error.code == Errc::exhausted) return Again::no;

  const Outcome outcome = connected ? outcome_of(flight.error) : Outcome::no_connection;
  if (stale) {
    ++flight.stale_attempts;
    flight.next_connection = Flight::NextConnection::fresh;
  } else {
    count_failure(flight, outcome);
    flight.add_tried(server);
  }
  flight.lease.release();

  const bool harmless = flight.sent == Flight::Sent::nothing ? flight.body != Flight::Body::spent : flight.repeatable();
  if (!harmless || loop_.now() >= flight.request.deadline) return Again::no;
  const RetryPolicy& policy = flight.request.route.topology().settings.retry;
  const std::uint32_t real_attempts = flight.attempts - flight.stale_attempts;
  // The server never saw the request, so that sending it again adds no load; only the first time is it believed.
  if (stale && flight.stale_attempts == 1) return Again::yes;
  if (real_attempts >= std::min<std::uint32_t>(policy.attempts, Flight::most_attempts)) return Again::no;
  if (outcome == Outcome::no_connection && !stale && !has_untried(flight)) return Again::no;
  return spend_retry(flight);
}

bool Upstreams::has_untried(const Flight& flight) {
  const Choice choice = choose(flight.wish(loop_.now()), random_);
  if (choice.member == nullptr) return choice.shortage == Choice::Shortage::full;
  const auto tried = flight.tried();
  return std::find(tried.begin(), tried.end(), choice.member->server) == tried.end();
}

Upstreams::Again Upstreams::spend_retry(Flight& flight) {
  const RetryPolicy& policy = flight.request.route.topology().settings.retry;
  if (!budget_.try_take(policy, directory_.workers(), loop_.now())) {
    metrics_.retries_denied.add();
    return Again::no;
  }
  metrics_.retries.add();
  return Again::yes;
}

// An answer that says "not here, not now" is passed on only if no other server can give a better one. Not if it says
// when to come back: then it is the shop's own word.
Upstreams::Again Upstreams::move_from_bad_answer(Flight& flight, const http::ResponseHead& head) {
  if (head.status < 502 || head.status > 504) return Again::no;
  if (!flight.repeatable() || flight.body == Flight::Body::streamed) return Again::no;
  if (head.headers.has(http::Field::retry_after) || loop_.now() >= flight.request.deadline) return Again::no;
  const RetryPolicy& policy = flight.request.route.topology().settings.retry;
  if (flight.attempts - flight.stale_attempts >= policy.attempts) return Again::no;
  flight.add_tried(flight.lease.server());
  const Member* const other = choose_other_good(flight.wish(loop_.now()), random_);
  if (other == nullptr || !enter(*other)) return Again::no;
  // From here on the place is taken, and the lease gives it back whatever follows.
  Lease place(*this, flight.request.route, *other);
  if (spend_retry(flight) == Again::no) return Again::no;
  flight.gathered.clear();
  flight.lease.release();
  flight.lease = std::move(place);
  find_idle(flight);
  return Again::yes;
}

Fetched Upstreams::land(Flight& flight, const http::ResponseHead& head) {
  Fetched fetched;
  const Member& member = flight.lease.member();
  if (!member.sticky.empty() && member.sticky != flight.request.sticky && !keeps_sticky(flight)) {
    fetched.new_sticky_ = member.sticky;
  }
  fetched.lease_ = std::move(flight.lease);
  fetched.head_ = &head;
  fetched.gathered_ = flight.gathered.take();
  fetched.upload_ = std::move(flight.upload);
  fetched.origin_time_ = flight.origin_time;
  fetched.attempts_ = flight.attempts;
  return fetched;
}

// The client's own server is good and was only too busy for this one request.
bool Upstreams::keeps_sticky(const Flight& flight) {
  if (flight.request.sticky.empty()) return false;
  for (const Tier& tier : flight.request.route->tiers) {
    for (const Member* member : tier.members) {
      if (member->sticky == flight.request.sticky) return member->server->marks().good();
    }
  }
  return false;
}

}  // namespace tenfold::origin
