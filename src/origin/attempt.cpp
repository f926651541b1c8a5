// One attempt of a fetch: sending, waiting for the answer, gathering its body.
#include <algorithm>
#include <cstring>
#include <utility>

#include "origin/flight.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::origin {

namespace {

// How long "Expect: 100-continue" is waited for before the body is sent all the same (RFC 9110, 10.1.1).
constexpr Duration expect_wait = 1s;

bool is_event_stream(const http::ResponseHead& head) {
  const auto type = head.headers.find(http::Field::content_type);
  constexpr std::string_view event_stream = "text/event-stream";
  return type && http::equals_ignoring_case(type->substr(0, event_stream.size()), event_stream);
}

}  // namespace

// Sends the request and waits for its final head, and for its body if that is to be gathered.
net::Task<Result<const http::ResponseHead*>> Upstreams::attempt(Flight& flight) {
  http::ClientConnection& connection = *flight.lease.connection();
  begin_wait(flight);
  flight.sent_at = loop_.now();
  flight.sent = Flight::Sent::something;
  {
    const bool more = flight.body == Flight::Body::streamed || flight.kept.size() > 1 || trailers(flight) != nullptr;
    const std::string_view first = flight.kept.empty() ? std::string_view() : flight.kept[0];
    const http::BodyLength length = flight.body == Flight::Body::none ? http::BodyLength() : flight.request.body_length;
    http::RequestHead& head = flight.request.head;
    const std::string_view own_authority = head.authority;
    const std::string& host = flight.lease.pool().settings.host;
    if (!host.empty()) head.authority = host;
    auto sent = co_await connection.send_request(head, length, first, more ? http::BodyEnd::more : http::BodyEnd::last,
                                                 answer_deadline(flight));
    head.authority = own_authority;
    // A head that cannot be written as HTTP/1.1 is not the server's fault.
    if (!sent && sent.error().code == Errc::invalid) flight.side = FetchFailure::Side::client;
    if (sent && (flight.kept.size() > 1 || trailers(flight) != nullptr)) {
      auto rest_sent = co_await send_kept_body(flight);
      sent = std::move(rest_sent);
    }
    if (!sent && sent.error().code != Errc::closed) co_return std::unexpected(std::move(sent.error()));
    if (!sent) {
      auto refusal = co_await read_refusal(flight);
      if (!refusal) co_return std::unexpected(std::move(sent.error()));
      co_return refusal;
    }
  }
  bool upload_waits = flight.body == Flight::Body::streamed;
  if (upload_waits && !flight.request.head.headers.has(http::Field::expect)) {
    start_upload(flight);
    upload_waits = false;
  }
  for (;;) {
    const TimePoint look = upload_waits ? expected_by(flight) : next_look(flight);
    auto head = co_await connection.read_head(look);
    if (head && (*head)->status >= 200) {
      count_answer(flight, **head);
      auto gathered = co_await gather(flight, **head);
      if (!gathered) co_return std::unexpected(std::move(gathered.error()));
      co_return *head;
    }
    if (head && (*head)->status == 101) {
      count_answer(flight, **head);
      co_return *head;
    }
    if (head) flight.lease.server().heard(loop_.now());
    if (head && (*head)->status != 100) {
      if (flight.request.interim != nullptr) co_await pass_interim(flight, **head);
      // However much a server says, the answer is due.
      if (loop_.now() >= answer_deadline(flight)) co_return fail(Errc::timed_out);
      continue;
    }
    if (!head && head.error().code != Errc::timed_out) co_return std::unexpected(std::move(head.error()));
    if (!head && loop_.now() >= answer_deadline(flight) && !upload_moves(flight)) {
      co_return std::unexpected(std::move(head.error()));
    }
    if (upload_waits) {
      start_upload(flight);
      upload_waits = false;
    } else if (!head) {
      look_at_silence(flight);
    }
  }
}

// The server closed before it had taken the request. It may have said why, and that is here or on its way.
net::Task<Result<const http::ResponseHead*>> Upstreams::read_refusal(Flight& flight) {
  constexpr Duration longest_wait = 1s;
  http::ClientConnection& connection = *flight.lease.connection();
  const TimePoint deadline = std::min(answer_deadline(flight), loop_.now() + longest_wait);
  for (;;) {
    auto head = co_await connection.read_head(deadline);
    if (!head) co_return std::unexpected(std::move(head.error()));
    if ((*head)->status < 200) continue;
    count_answer(flight, **head);
    auto gathered = co_await gather(flight, **head);
    if (!gathered) co_return std::unexpected(std::move(gathered.error()));
    co_return *head;
  }
}

// The time that a slow client takes over it is not the server's.
net::Task<void> Upstreams::pass_interim(Flight& flight, const http::ResponseHead& head) {
  const TimePoint began = loop_.now();
  co_await flight.request.interim->interim(head);
  flight.sent_at += loop_.now() - began;
}

// Those behind a kept body; null: none, or the body's end is not here yet.
const http::Headers* Upstreams::trailers(const Flight& flight) {
  return flight.body == Flight::Body::kept ? flight.request.body->trailers() : nullptr;
}

// What is kept behind its first part.
net::Task<Result<void>> Upstreams::send_kept_body(Flight& flight) {
  http::ClientConnection& connection = *flight.lease.connection();
  const http::Headers* const last_fields = trailers(flight);
  const bool ends = flight.body == Flight::Body::kept;
  for (std::size_t i = 1; i < flight.kept.size(); ++i) {
    const bool last = ends && last_fields == nullptr && i + 1 == flight.kept.size();
    auto sent = co_await connection.send_body(flight.kept[i], last ? http::BodyEnd::last : http::BodyEnd::more,
                                              answer_deadline(flight));
    if (!sent) co_return sent;
  }
  if (last_fields == nullptr) co_return Result<void>();
  auto sent = co_await connection.send_body({}, http::BodyEnd::last, answer_deadline(flight), last_fields);
  co_return sent;
}

net::Task<Result<void>> Upstreams::gather(Flight& flight, const http::ResponseHead& head) {
  http::ClientConnection& connection = *flight.lease.connection();
  const http::BodyLength length = connection.body_length();
  const bool gathers = length.kind == http::BodyLength::Kind::known && length.bytes <= flight.request.gather_bytes;
  if (!gathers || is_event_stream(head)) co_return Result<void>();
  while (!connection.body_done()) {
    net::Buffer part = connection.take_ready_body();
    if (part.empty() && connection.body_done()) break;
    if (part.empty()) {
      const Duration patience = flight.lease.pool().settings.timeouts.first_byte;
      auto read = co_await connection.read_body(std::min(flight.request.deadline, loop_.now() + patience));
      if (!read) co_return std::unexpected(std::move(read.error()));
      part = std::move(*read);
      if (part.empty()) break;
    }
    flight.gathered.add(std::move(part), loop_);
  }
  metrics_.gathered.add();
  co_return Result<void>();
}

void Upstreams::Parts::add(net::Buffer part, net::Loop& loop) {
  constexpr std::size_t small_bytes = 2048;
  if (part.size() > small_bytes || parts_.size() < 3) {
    last_ = Last::received;
    parts_.push_back(std::move(part));
    return;
  }
  if (last_ != Last::ours || parts_.back().room().size() < part.size()) {
    parts_.push_back(loop.allocate());
    last_ = Last::ours;
  }
  net::Buffer& last = parts_.back();
  std::memcpy(last.room().data(), part.data(), part.size());
  last.grow(part.size());
}

void Upstreams::start_upload(Flight& flight) {
  flight.body = Flight::Body::spent;
  flight.upload = std::make_shared<Fetched::Upload>();
  uploads_.spawn(Fetched::Upload::run(flight.upload, *flight.request.body, *flight.lease.connection(),
                                      flight.request.body_timeout));
}

// ---- waiting ----

void Upstreams::begin_wait(Flight& flight) {
  flight.wait.told = AnswerWait::Told::nothing;
  flight.wait.connection = flight.lease.connection();
  flight.wait.movable_on =
      flight.repeatable() && flight.body != Flight::Body::streamed ? &*flight.request.route : nullptr;
  lane(flight.lease.server()).wait_for_answer(flight.wait);
  flight.cancel_hook.attach(flight.request.cancel);
  if (flight.request.cancel.cancelled()) AnswerWait::on_cancel(&flight.wait);
}

void Upstreams::end_wait(Flight& flight) {
  flight.wait.unlink();
  flight.wait.connection = nullptr;
  flight.cancel_hook.detach();
}

// The moment from which on the server owes us something.
TimePoint Upstreams::asked_at(const Flight& flight) const {
  return flight.upload ? std::max(flight.sent_at, flight.upload->last_progress()) : flight.sent_at;
}

TimePoint Upstreams::answer_deadline(const Flight& flight) const {
  if (flight.upload && flight.upload->running()) return asked_at(flight) + flight.request.body_timeout;
  const TimePoint patience = asked_at(flight) + flight.lease.pool().settings.timeouts.first_byte;
  return flight.upload ? patience : std::min(flight.request.deadline, patience);
}

// When the body is sent although the server has said nothing to "Expect: 100-continue".
TimePoint Upstreams::expected_by(const Flight& flight) const {
  return flight.sent_at + std::min<Duration>(expect_wait, (answer_deadline(flight) - flight.sent_at) / 2);
}

// Whether the server has taken something of the request's body since this was last asked: a large part of it may take
// long.
bool Upstreams::upload_moves(Flight& flight) {
  return flight.upload && flight.upload->running() && flight.upload->has_moved(flight.lease.connection()->stream());
}

// How long the server may be silent before it becomes suspect.
Duration Upstreams::silence_allowed(const Flight& flight) const {
  const HangPolicy& policy = flight.request.route.topology().settings.hang;
  const auto usual = static_cast<double>(flight.lease.server().usual_latency().count());
  const Duration late(static_cast<std::int64_t>(policy.latency_factor * usual));
  return std::clamp(late, policy.at_least, policy.at_most);
}

TimePoint Upstreams::next_look(const Flight& flight) const {
  const Duration allowed = silence_allowed(flight);
  const TimePoint look = std::max(asked_at(flight), flight.lease.server().last_answer()) + allowed;
  return std::min(answer_deadline(flight), look > loop_.now() ? look : loop_.now() + allowed);
}

void Upstreams::look_at_silence(Flight& flight) {
  if (flight.upload && flight.upload->running()) return;
  Server& server = flight.lease.server();
  const Marks marks = server.marks();
  if (marks.has(Mark::suspected) || marks.has(Mark::silent) || marks.has(Mark::dead)) return;
  if (loop_.now() - std::max(asked_at(flight), server.last_answer()) < silence_allowed(flight)) return;
  metrics_.suspicions.add();
  directory_.suspect(server);
}

}  // namespace tenfold::origin
