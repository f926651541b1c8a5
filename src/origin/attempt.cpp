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

// A server that closed the connection has sent what it had to say.
constexpr Duration early_answer_wait = 1s;

bool is_event_stream(const http::ResponseHead& head) {
  const auto type = head.headers.find(http::Field::content_type);
  constexpr std::string_view event_stream = "text/event-stream";
  return type && http::equals_ignoring_case(type->substr(0, event_stream.size()), event_stream);
}

}  // namespace

// Sends the request and waits for its final head, and for its body if that is to be gathered.
net::Task<Result<const http::ResponseHead*>> Flight::attempt() {
  begin_wait();
  interims_ = 0;
  sent_at_ = loop_.now();
  sent_ = Sent::something;
  const bool more = body_ == Body::streamed || kept_.size() > 1 || trailers() != nullptr;
  const std::string_view first = kept_.empty() ? std::string_view() : kept_[0];
  const http::BodyLength length = body_ == Body::none ? http::BodyLength() : request_.body_length;
  http::RequestHead& request = request_.head;
  const std::string_view own_authority = request.authority;
  if (const std::string& host = lease_.pool().settings.host; !host.empty()) request.authority = host;
  auto sent = co_await lease_.connection()->send_request(
      request, length, first, more ? http::BodyEnd::more : http::BodyEnd::last, answer_deadline());
  request.authority = own_authority;
  // A head that cannot be written as HTTP/1.1 is not the server's fault.
  if (!sent && sent.error().code == Errc::invalid) side_ = FetchFailure::Side::client;
  if (sent && (kept_.size() > 1 || trailers() != nullptr)) sent = co_await send_kept_body();
  if (!sent && sent.error().code != Errc::closed) co_return std::unexpected(std::move(sent.error()));
  // A server that wants no more of the request may have answered it before it closed.
  auto waiting = sent ? await_head() : early_answer(std::move(sent.error()));
  auto head = co_await std::move(waiting);
  if (!head || (*head)->status == 101) co_return head;
  auto gathered = co_await gather(**head);
  if (!gathered) co_return std::unexpected(std::move(gathered.error()));
  co_return head;
}

// What a server said before it closed the connection under the request; else that it closed it.
net::Task<Result<const http::ResponseHead*>> Flight::early_answer(Error closed) {
  for (std::uint32_t i = 0; i <= most_interims; ++i) {
    auto head = co_await lease_.connection()->read_head(std::min(loop_.now() + early_answer_wait, answer_deadline()));
    if (!head) break;
    if ((*head)->status < 200) continue;
    count_answer(**head);
    co_return head;
  }
  co_return std::unexpected(std::move(closed));
}

// The final head. Interim ones are passed on: they put no deadline off, and there may be only so many of them, since a
// server that sends them as fast as they are read would let this thread do nothing else.
net::Task<Result<const http::ResponseHead*>> Flight::await_head() {
  http::ClientConnection& connection = *lease_.connection();
  bool upload_waits = body_ == Body::streamed;
  if (upload_waits && !request_.head.headers.has(http::Field::expect)) {
    start_upload();
    upload_waits = false;
  }
  for (;;) {
    deadline_ = deadline_by_marks();  // which come and go while it is waited for
    const TimePoint look = upload_waits ? expected_by() : next_look();
    auto head = co_await connection.read_head(look);
    const bool late = loop_.now() >= answer_deadline();
    if (head && ((*head)->status >= 200 || (*head)->status == 101)) {
      count_answer(**head);
      co_return head;
    }
    if (head) {
      lease_.server().heard(loop_.now());
      if (late) co_return fail(Errc::timed_out, "only interim responses came");
      if (++interims_ > most_interims) co_return fail(Errc::invalid, "too many interim responses");
      if ((*head)->status != 100) {
        if (request_.interim != nullptr) co_await pass_interim(**head);
        continue;
      }
    } else if (head.error().code != Errc::timed_out || (late && !upload_moves())) {
      co_return std::unexpected(std::move(head.error()));
    }
    if (upload_waits) {
      start_upload();
      upload_waits = false;
    } else if (!head) {
      look_at_silence();
    }
  }
}

// The time that a slow client takes over it is not the server's.
net::Task<void> Flight::pass_interim(const http::ResponseHead& head) {
  const TimePoint began = loop_.now();
  co_await request_.interim->interim(head);
  sent_at_ += loop_.now() - began;
}

// When the body is sent although the server has said nothing to "Expect: 100-continue".
TimePoint Flight::expected_by() const {
  return sent_at_ + std::min<Duration>(expect_wait, (answer_deadline() - sent_at_) / 2);
}

// Those behind a kept body; null: none, or the body's end is not here yet.
const http::Headers* Flight::trailers() const { return body_ == Body::kept ? request_.body->trailers() : nullptr; }

// What is kept behind its first part.
net::Task<Result<void>> Flight::send_kept_body() {
  http::ClientConnection& connection = *lease_.connection();
  const http::Headers* const last_fields = trailers();
  const bool ends = body_ == Body::kept;
  for (std::size_t i = 1; i < kept_.size(); ++i) {
    const bool last = ends && last_fields == nullptr && i + 1 == kept_.size();
    auto sent =
        co_await connection.send_body(kept_[i], last ? http::BodyEnd::last : http::BodyEnd::more, answer_deadline());
    if (!sent) co_return sent;
  }
  if (last_fields == nullptr) co_return Result<void>();
  auto sent = co_await connection.send_body({}, http::BodyEnd::last, answer_deadline(), last_fields);
  co_return sent;
}

net::Task<Result<void>> Flight::gather(const http::ResponseHead& head) {
  http::ClientConnection& connection = *lease_.connection();
  const http::BodyLength length = connection.body_length();
  const bool gathers = length.kind == http::BodyLength::Kind::known && length.bytes <= request_.gather_bytes;
  if (!gathers || is_event_stream(head)) co_return Result<void>();
  while (!connection.body_done()) {
    net::Buffer part = connection.take_ready_body();
    if (part.empty() && connection.body_done()) break;
    if (part.empty()) {
      const Duration patience = lease_.pool().settings.timeouts.first_byte;
      auto read = co_await connection.read_body(std::min(request_.deadline, loop_.now() + patience));
      if (!read) co_return std::unexpected(std::move(read.error()));
      part = std::move(*read);
      if (part.empty()) break;
    }
    gathered_.add(std::move(part), loop_);
  }
  up_.metrics_.gathered.add();
  co_return Result<void>();
}

void KeptParts::add(net::Buffer part, net::Loop& loop) {
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

void Flight::start_upload() {
  body_ = Body::spent;
  upload_ = std::make_shared<Fetched::Upload>(*request_.body, up_, hold_.get(), lease_.member(), request_.claim);
  up_.uploads_.spawn(Fetched::Upload::run(upload_, *lease_.connection(), request_.body_timeout));
}

// ---- waiting ----

void Flight::begin_wait() {
  wait_.told = AnswerWait::Told::nothing;
  wait_.connection = lease_.connection();
  wait_.movable_on = repeatable() && body_ != Body::streamed ? &*request_.route : nullptr;
  up_.lane(lease_.server()).wait_for_answer(wait_);
  wait_hook_.attach(give_up_.token());
  if (given_up()) AnswerWait::on_cancel(&wait_);
}

void Flight::end_wait() {
  wait_.unlink();
  wait_.connection = nullptr;
  wait_hook_.detach();
}

// The moment from which on the server owes us something.
TimePoint Flight::asked_at() const { return upload_ ? std::max(sent_at_, upload_->last_progress()) : sent_at_; }

// Whoever had another server to go to was told so when this one fell silent, or never came here. Not for what may not
// be sent again: to end its wait would lose it for certain (docs/decisions/0005-hung-origins.md).
bool Flight::at_last_resort() const {
  return repeatable() && body_ != Body::streamed && lease_.server().marks().has(Mark::silent);
}

TimePoint Flight::deadline_by_marks() const {
  return at_last_resort() ? std::min(request_.deadline, request_.last_resort_deadline) : request_.deadline;
}

TimePoint Flight::answer_deadline() const {
  if (upload_ && upload_->running()) return asked_at() + request_.body_timeout;
  const TimePoint patience = asked_at() + lease_.pool().settings.timeouts.first_byte;
  return upload_ ? patience : std::min(deadline_, patience);
}

// Whether the server has taken something of the request's body since this was last asked: a large part of it may take
// long.
bool Flight::upload_moves() {
  return upload_ && upload_->running() && upload_->has_moved(lease_.connection()->stream());
}

// How long the server may be silent before it becomes suspect.
Duration Flight::silence_allowed() const {
  const HangPolicy& policy = settings().hang;
  const auto usual = static_cast<double>(lease_.server().usual_latency().count());
  const Duration late(static_cast<std::int64_t>(policy.latency_factor * usual));
  return std::clamp(late, policy.at_least, policy.at_most);
}

TimePoint Flight::next_look() const {
  const Duration allowed = silence_allowed();
  const TimePoint look = std::max(asked_at(), lease_.server().last_answer()) + allowed;
  return std::min(answer_deadline(), look > loop_.now() ? look : loop_.now() + allowed);
}

void Flight::look_at_silence() {
  if (upload_ && upload_->running()) return;
  Server& server = lease_.server();
  const Marks marks = server.marks();
  if (marks.has(Mark::suspected) || marks.has(Mark::silent) || marks.has(Mark::dead)) return;
  if (loop_.now() - std::max(asked_at(), server.last_answer()) < silence_allowed()) return;
  up_.metrics_.suspicions.add();
  up_.directory_.suspect(server);
}

}  // namespace tenfold::origin
