// A fetch's way from one step to the next: reading its body, a place at a server, a connection.
#include <fmt/format.h>

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

std::string_view trouble_of(Marks marks) {
  if (marks.has(Mark::unresolved)) return "its name does not resolve";
  if (marks.has(Mark::removed)) return "no longer there";
  if (marks.has(Mark::dead)) return "nobody listens there";
  if (marks.has(Mark::silent)) return "it does not answer its health checks";
  if (marks.has(Mark::failing)) return "it fails its health checks";
  return "it was out a moment ago";
}

// For people: that no server can be asked, with the first as the example.
std::string why_none(const Route& route) {
  std::size_t servers = 0;
  const Server* first = nullptr;
  for (const Tier& tier : route.tiers) {
    servers += tier.members.size();
    if (first == nullptr && !tier.members.empty()) first = tier.members.front()->server;
  }
  std::string text = fmt::format("no server of {} can be used", route.name);
  if (first != nullptr) text += fmt::format(": {}: {}", first->full_name(), trouble_of(first->marks()));
  if (servers > 1) text += fmt::format(", and {} more", servers - 1);
  return text;
}

}  // namespace

net::Task<FetchResult> Upstreams::fetch(FetchRequest request) { return Flight::fly(*this, std::move(request)); }

Flight::Flight(Upstreams& upstreams, FetchRequest wanted)
    : up_(upstreams),
      loop_(upstreams.loop_),
      request_(std::move(wanted)),
      idempotent_(http::is_idempotent(request_.head.method)) {
  asker_hook_.attach(request_.cancel);
  ending_hook_.attach(up_.ending_.token());
  if (request_.cancel.cancelled() || up_.ending_.cancelled()) give_up_.cancel();
  if (request_.body == nullptr || request_.body_length.kind == http::BodyLength::Kind::none) return;
  // Who waits to be told to send the body sends nothing that could be kept.
  body_ = request_.head.headers.has(http::Field::expect) ? Body::streamed : Body::kept;
}

net::Task<FetchResult> Flight::fly(Upstreams& upstreams, FetchRequest request) {
  Flight flight(upstreams, std::move(request));
  upstreams.metrics_.fetches.add();
  upstreams.budget_.count_request(upstreams.loop_.now());
  if (flight.body_ == Body::kept) {
    const auto kept = co_await flight.keep_body();
    if (!kept) co_return flight.fail_for_good();
  }
  if (auto held = flight.hold(); !held) co_return flight.fail_for_good();
  for (;;) {
    if (!flight.lease_) {
      Choice::Shortage shortage = flight.take_place();
      if (shortage == Choice::Shortage::full) shortage = co_await flight.wait_for_place();
      if (shortage == Choice::Shortage::down && flight.follow_names() == Followed::yes) continue;
      if (shortage != Choice::Shortage::none) co_return flight.fail_for_good();
      if (auto begun = flight.begin_hold(); !begun) co_return flight.fail_for_good();
    }
    if (auto in_time = flight.set_deadline(); !in_time) co_return flight.fail_for_good();
    flight.begin_attempt();
    if (flight.lease_.connection() == nullptr) {
      auto connected = co_await flight.connect();
      if (!connected) {
        if (flight.after_failure(std::move(connected.error())) == Again::no) co_return flight.fail_for_good();
        continue;
      }
    }
    auto head = co_await flight.attempt();
    flight.end_wait();
    if (flight.upload_ != nullptr && (!head || !flight.goes_on_uploading((*head)->status))) {
      flight.upload_->stop();
      // Nor need a server that has said all take the part that is on its way to it.
      const http::ClientConnection& connection = *flight.lease_.connection();
      const bool all_said = head && (*head)->status != 101 && connection.body_done();
      if (!head || all_said) flight.lease_.connection()->stream().cancel();
      co_await flight.upload_->wait_end(upstreams.loop_);
    }
    if (!head) {
      if (flight.after_failure(std::move(head.error())) == Again::no) co_return flight.fail_for_good();
    } else if (flight.move_from_bad_answer(**head) == Again::no) {
      co_return flight.land(**head);
    }
  }
}

// For the attempt at the server that has been chosen (docs/decisions/0005-hung-origins.md).
Result<void> Flight::set_deadline() {
  const Server& server = lease_.server();
  deadline_ = deadline_by_marks();
  if (loop_.now() < deadline_) return {};
  if (attempts_ == 0) {  // else there is a better cause
    last_tried_ = &server;
    error_ = {Errc::timed_out};
    cause_ = at_last_resort() ? fmt::format("not asked any more: {}", trouble_of(server.marks()))
                              : std::string("the time for an answer is over");
  }
  return fail(Errc::timed_out);
}

void Flight::begin_attempt() {
  ++attempts_;
  last_tried_ = &lease_.server();
  last_pool_ = &lease_.pool();
  began_ = loop_.now();
  answered_ = Answered::no;
  account_ = Account::open;
  up_.metrics_.attempts.add();
}

// Whether the request's body may still be under way while its answer is used. Not where the body has no meaning
// (RFC 9110, 9.3.1), so that what reads such answers, a cache for instance, need not know of uploads; nor once the
// connection speaks another protocol.
bool Flight::goes_on_uploading(int status) const { return !http::is_safe(request_.head.method) && status != 101; }

void Flight::put_off_deadlines(Duration by) {
  request_.deadline += by;
  if (request_.last_resort_deadline != no_deadline) request_.last_resort_deadline += by;
}

// The time that the client takes is not the origins'.
net::Task<Result<void>> Flight::keep_body() {
  const TimePoint began = loop_.now();
  TimePoint slowest = began + request_.body_timeout;  // as in Upload::run(): what trickles holds memory for as long
  const bool known = request_.body_length.kind == http::BodyLength::Kind::known;
  // With the whole body here, only its end is still to be read.
  const auto all_here = [&](std::uint64_t bytes) { return known && bytes == request_.body_length.bytes; };
  for (std::uint64_t bytes = 0; bytes <= keep_bytes || all_here(bytes);) {
    auto part = co_await request_.body->read(std::min(loop_.now() + request_.body_timeout, slowest));
    if (!part) {
      error_ = std::move(part.error());
      side_ = FetchFailure::Side::client;
      co_return fail(error_.code);
    }
    if (part->empty()) {
      put_off_deadlines(loop_.now() - began);
      co_return Result<void>();
    }
    bytes += part->size();
    slowest += std::chrono::nanoseconds(1s) * part->size() / Fetched::Upload::least_bytes_per_s;
    kept_.add(std::move(*part), loop_);
  }
  body_ = Body::streamed;
  put_off_deadlines(loop_.now() - began);
  co_return Result<void>();
}

// What the client decides the length of takes at most half of the route's places for any one client.
Result<void> Flight::hold() {
  const bool tunnel = request_.claim.kind == Claim::Kind::upgrade;
  if ((body_ != Body::streamed && !tunnel) || request_.claim.client == 0) return {};
  const std::uint32_t half = std::max<std::uint32_t>(request_.route->places / 2, 1);
  const std::uint32_t most = tunnel ? half : std::min(std::max<std::uint32_t>(request_.most_uploads, 1), half);
  const auto kind = tunnel ? HeldPlaces::Kind::tunnel : HeldPlaces::Kind::upload;
  const std::uint8_t rank = up_.admission_->holds_as(request_.claim);
  hold_ = up_.directory_.held().take(request_.claim.client, kind, most, half, rank);
  if (hold_) return {};
  return deny_hold(tunnel ? "the client has half of the route's connections" : "too many uploads at once");
}

Result<void> Flight::begin_hold() {
  if (!hold_ || hold_->may_begin(lease_.member(), loop_.now())) return {};
  return deny_hold("the client has several uploads, long answers or tunnels, and no more connections may be held");
}

std::unexpected<Error> Flight::deny_hold(std::string why) {
  up_.metrics_.holds_denied.add();
  side_ = FetchFailure::Side::client;
  error_ = {Errc::exhausted, std::move(why)};
  return fail(Errc::exhausted);
}

// ---- a place at a server ----

// The same route with the addresses that names have got since. What was tried is not known there.
Flight::Followed Flight::follow_names() {
  if (given_up()) return Followed::no;
  up_.adopt();
  const Topology& old = request_.route.topology();
  const Topology& now = up_.generation_->topology();
  if (now.version == old.version || now.settings_version != old.settings_version) return Followed::no;
  const auto index = static_cast<std::size_t>(&*request_.route - old.routes.data());
  tried_count_ = 0;
  last_tried_ = nullptr;
  last_pool_ = nullptr;
  request_.route = RouteRef(up_.generation_, &now.routes[index]);
  return Followed::yes;
}

Choice::Shortage Flight::take_place() {
  if (given_up()) {
    error_ = {Errc::cancelled};
    return Choice::Shortage::down;
  }
  if (place_ == Place::unasked) {
    const Inheritance* const inheritance = request_.inheritance;
    const bool inherits =
        inheritance != nullptr && inheritance->left() && inheritance->left()->rank < request_.claim.rank;
    if (inherits) request_.claim.inherit(*inheritance->left());
    const Ticket newcomer(request_.claim, *request_.route);
    if (up_.admission_->turn_of(newcomer) == Admission::Turn::later) return Choice::Shortage::full;
  }
  // Another worker may take the place between the choice and the entry; then the choice is made anew.
  for (int round = 0; round < 4; ++round) {
    const Choice choice = choose(wish(), up_.random_);
    if (choice.member == nullptr) return choice.shortage;
    if (!up_.enter(*choice.member)) continue;
    lease_ = Lease(up_, request_.route, *choice.member);
    if (body_ == Body::streamed) lease_.end_work();
    find_idle();
    return Choice::Shortage::none;
  }
  return Choice::Shortage::full;
}

// Gives the lease an open connection if there is one.
void Flight::find_idle() {
  connection_age_ = ConnectionAge::fresh;
  if (next_connection_ == NextConnection::fresh) return;
  const Duration idle_timeout = lease_.pool().settings.timeouts.idle;
  const Duration usable = idempotent_ ? idle_timeout : std::min(safe_idle, idle_timeout);
  auto idle = up_.lane(lease_.server()).take_idle(loop_.now() - usable);
  if (!idle) return;
  lease_.give(std::move(idle));
  connection_age_ = ConnectionAge::reused;
  up_.metrics_.reused.add();
}

net::Task<Choice::Shortage> Flight::wait_for_place() {
  const Route& route = *request_.route;
  const PoolSettings& pool = route.pools.front()->settings;
  const std::size_t rank = std::min<std::size_t>(request_.claim.rank, ranks - 1);
  for (const Pool* each : route.pools) each->load->note_shortage(loop_.now(), rank);
  Ticket ticket(request_.claim, route);
  ticket.most_waiting = pool.max_waiting;
  ticket.since = loop_.now();
  ticket.deadline = std::min(request_.deadline, loop_.now() + pool.timeouts.queue);
  if (up_.admission_->join(ticket) == Admission::Joined::full) {
    up_.metrics_.queue_full.add();
    error_ = {Errc::exhausted};
    cause_ =
        fmt::format("all connections of {} are in use, and {} requests wait for one", route.name, pool.max_waiting);
    co_return Choice::Shortage::full;
  }
  up_.metrics_.queued.add();
  auto waiting = wait_in_turn(ticket);
  const Choice::Shortage shortage = co_await std::move(waiting);
  up_.admission_->leave(ticket,
                        shortage == Choice::Shortage::none ? Admission::Left::admitted : Admission::Left::gave_up);
  if (shortage == Choice::Shortage::none) up_.offer_more(lease_.member());
  if (shortage == Choice::Shortage::full) {
    error_ = {Errc::exhausted};
    cause_ = fmt::format("waited in vain for one of {}'s connections, which are all in use", route.name);
  }
  co_return shortage;
}

net::Task<Choice::Shortage> Flight::wait_in_turn(Ticket& ticket) {
  // A call can be missed, when a server returns for instance; then this is how late it is noticed.
  constexpr Duration look_every = 100ms;
  ++up_.waiting_;
  count_waiting(1);
  ticket_ = &ticket;
  if (request_.inheritance != nullptr) request_.inheritance->set_heir(this, &on_left);
  place_ = Place::queued;
  Choice::Shortage shortage = Choice::Shortage::full;
  while (shortage == Choice::Shortage::full && loop_.now() < ticket.deadline && !ticket.is_refused()) {
    auto called =
        co_await ticket.called.wait(loop_, std::min(ticket.deadline, loop_.now() + look_every), give_up_.token());
    if (ticket.is_refused()) break;
    const bool timed_out = !called && called.error().code == Errc::timed_out;
    const bool uncalled = std::exchange(looks_at_once_, false) || timed_out;
    if (uncalled && loop_.now() < ticket.deadline && !up_.admission_->may_look(ticket)) continue;
    shortage = take_place();
    if (uncalled && shortage == Choice::Shortage::full) ask_for_way(ticket);
  }
  place_ = Place::unasked;
  ticket_ = nullptr;
  if (request_.inheritance != nullptr) request_.inheritance->set_heir(nullptr, nullptr);
  count_waiting(-1);
  --up_.waiting_;
  co_return shortage;
}

void Flight::count_waiting(int change) {
  const std::size_t rank = std::min<std::size_t>(request_.claim.rank, ranks - 1);
  const auto by = static_cast<std::uint32_t>(change);  // adding its complement takes away
  for (const Pool* each : request_.route->pools) {
    each->load->waiting.fetch_add(by, std::memory_order_relaxed);
    each->load->waiting_of[rank].fetch_add(by, std::memory_order_relaxed);
  }
}

// Where places that clients hold are what is short, and it is the next in turn.
void Flight::ask_for_way(const Ticket& ticket) {
  if (loop_.now() - ticket.since < HeldPlaces::patience) return;
  const Route& route = *request_.route;
  if (std::ranges::none_of(route.pools, [](const Pool* pool) { return pool->load->may_work(); })) return;
  up_.directory_.held().make_way(route, up_.admission_->holds_as(request_.claim), loop_.now());
}

void Flight::inherit(const Claim& claim) {
  if (!up_.admission_->inherit(*ticket_, claim)) return;
  count_waiting(-1);
  request_.claim = ticket_->claim;
  count_waiting(1);
  looks_at_once_ = true;
  ticket_->called.notify_one();
}

net::Task<Result<void>> Flight::connect() {
  Server& server = lease_.server();
  sent_ = Sent::nothing;
  std::shared_ptr<net::TlsClientContext> context;
  if (server.tls()) {
    auto made = up_.tls_context(server);
    if (!made) co_return std::unexpected(made.error());
    context = std::move(*made);
  }
  const TimePoint deadline = std::min(deadline_, loop_.now() + lease_.pool().settings.timeouts.connect);
  auto stream = co_await server.connect(loop_, std::move(context), deadline, give_up_.token());
  if (!stream) co_return std::unexpected(std::move(stream.error()));
  up_.metrics_.connections.add();
  lease_.give(std::make_unique<Connection>(http::make_http1_client(std::move(*stream)), up_.ending_.token()));
  co_return Result<void>();
}

void Flight::add_tried(const Server& server) {
  if (tried_count_ < tried_servers_.size()) tried_servers_[tried_count_++] = &server;
}

Wish Flight::wish() const {
  return {.route = *request_.route,
          .tried = tried(),
          .sticky = request_.sticky,
          .panic_threshold = settings().ejection.panic_threshold,
          .now = loop_.now()};
}

// ---- the end ----

std::unexpected<FetchFailure> Flight::fail_for_good() {
  up_.metrics_.failed.add();
  up_.admission_->returned(request_.claim, use_so_far());
  if (cause_.empty()) cause_ = error_.text();
  if (attempts_ == 0 && error_.code == Errc::unreachable) {
    cause_ = why_none(*request_.route);
  }
  return std::unexpected(FetchFailure{.error = std::move(error_),
                                      .side = side_,
                                      .attempts = attempts_,
                                      .route = request_.route,
                                      .server = last_tried_,
                                      .cause = std::move(cause_),
                                      .origin_time = origin_time_});
}

OriginUse Flight::answered_use(const http::ResponseHead& head) const {
  return {.end = OriginUse::End::answered,
          .status = head.status,
          .attempts = attempts_,
          .time = origin_time_,
          .pool = &lease_.pool()};
}

OriginUse Flight::use_so_far() const {
  OriginUse use{
      .attempts = attempts_, .time = origin_time_, .pool = last_pool_, .timed_out = error_.code == Errc::timed_out};
  use.end = OriginUse::End::failed;
  if (attempts_ == 0) use.end = OriginUse::End::refused;
  if (given_up() || side_ == FetchFailure::Side::client) use.end = OriginUse::End::abandoned;
  return use;
}

}  // namespace tenfold::origin
