#include "http/http1/server_exchange.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "http/http1/chunk_frame.hpp"
#include "http/http1/server_connection.hpp"
#include "http/rules/message_fields.hpp"

namespace tenfold::http::http1 {
namespace {

using Length = HeadAdditions::Length;

constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

// ---- life ----

SharedByConnections::SharedByConnections(net::CancelToken drain) : drain_hook_(&on_drain, this) {
  drain_hook_.attach(drain);
}

// The end of the last connection may be the end of this: nothing of it is touched after the first is closed.
void SharedByConnections::on_drain(void* self) {
  net::IntrusiveList<ServerConnection> closing;
  for (auto& of_turn : static_cast<SharedByConnections*>(self)->idle_) {
    of_turn.for_each([&](ServerConnection& idle) { closing.push_back(idle); });
  }
  while (!closing.empty()) closing.front().close_idle();
}

std::unique_ptr<Exchange> SharedByConnections::take_exchange(net::Loop& loop) {
  if (free_.empty()) return std::make_unique<Exchange>(loop);
  std::unique_ptr<Exchange> exchange = std::move(free_.back());
  free_.pop_back();
  return exchange;
}

void SharedByConnections::give_back(std::unique_ptr<Exchange> exchange) {
  if (free_.size() == kept_exchanges) return;
  exchange->reset();
  free_.push_back(std::move(exchange));
}

void Exchange::begin(ServerConnection& connection) {
  connection_ = &connection;
  net::Stream& stream = connection.stream();
  client_ = connection.client_ ? *connection.client_ : stream.peer();
  local_ = stream.local();
  tls_ = stream.tls();
  began_ = connection.began_;
  if (connection.sent_all_at_) departs(*connection.sent_all_at_);
  request_.scheme = tls_ != nullptr ? "https" : "http";
  body_length_ = request_framing_.body;
  keep_alive_ = request_framing_.keep_alive;
  switch (body_length_.kind) {
    case BodyLength::Kind::none: body_.begin_none(); break;
    case BodyLength::Kind::known: body_.begin_known(body_length_.bytes); break;
    case BodyLength::Kind::unknown: body_.begin_chunked(ChunkedDecoder::Of::request); break;
  }
}

// What waits on the token goes on at once, and may end the connection.
void Exchange::on_departed(void* self) { static_cast<Exchange*>(self)->left_source_.cancel(); }

void Exchange::set_departure_grace(Duration grace) {
  departure_grace_ = grace;
  if (connection_->sent_all_at_ && departure_timer_.armed()) departs(*connection_->sent_all_at_);
}

void Exchange::reset() {
  constexpr std::size_t kept_head_bytes = 2 * 1024;
  connection_ = nullptr;
  departure_timer_.cancel();
  departure_grace_ = departure_grace;
  left_source_.renew();
  request_.headers.clear();
  arena_.clear();
  head_text_.clear();
  if (head_text_.capacity() > kept_head_bytes) head_text_.shrink_to_fit();
  status_sent_ = 0;
  body_bytes_sent_ = 0;
  body_bytes_received_ = 0;
  head_sent_ = finished_ = false;
  framing_ = Framing::none;
  left_ = {};
  failure_ = {};
  continue_sent_ = upgraded_ = broken_ = false;
  idle_turn_.reset();
}

// ---- the request's body ----

bool Exchange::awaits_continue() const {
  return request_framing_.expects_continue && !continue_sent_ && !body_.done() && body_bytes_received_ == 0 &&
         connection_->input_.empty();
}

Error Exchange::body_failed(Error error, TimePoint limit) {
  if (error.code == Errc::timed_out && loop_.now() >= limit) failure_ = {408, "The request's body came too slowly."};
  return error;
}

// The payload in what was received; empty when the body goes on but there was no payload, or at its end.
Result<net::Buffer> Exchange::cut(net::Buffer input) {
  net::Buffer rest;
  const std::size_t received = input.size();
  if (!body_.take(input, rest, loop_)) {
    failure_ = body_.refusal();
    return fail(Errc::invalid, std::string(failure_.reason));
  }
  body_bytes_received_ += input.size();
  note_burnt(received, received - input.size() - rest.size());
  if (burns_too_much()) {
    failure_ = {429, "The request's body comes in too many small pieces."};
    return fail(Errc::invalid, std::string(failure_.reason));
  }
  if (body_bytes_received_ > connection_->context().limits.body_bytes) {
    failure_ = {413, "The request's body is longer than allowed."};
    return fail(Errc::too_large);
  }
  TENFOLD_ASSERT(rest.size() <= received);
  if (!rest.empty()) connection_->input_ = std::move(rest);
  if (connection_->subject_ != nullptr && body_.done()) connection_->tell_body();
  return input;
}

// Of what was received of the body; framing: what of it was no payload.
void Exchange::note_burnt(std::size_t received, std::size_t framing) {
  Burnt& burnt = connection_->burnt_;
  bool to_tell = framing != 0 && burnt.add_framing(framing);
  if (received < few_bytes && !body_.done()) to_tell |= burnt.add(Chore::piece);
  if (to_tell) connection_->tell_burnt();
}

bool Exchange::burns_too_much() const { return connection_->burns_too_much_ && !body_.done(); }

Burning Exchange::burn(Chore chore) {
  connection_->burn(chore);
  return connection_->burns_too_much_ ? Burning::ends : Burning::may_go_on;
}

// Half a second of its own, which no customer gets to: whoever does has bought the right to be one.
void Exchange::spare() {
  constexpr std::uint8_t times = 250;
  if (!connection_->spared_) connection_->spared_ = times;
}

const FavouredPlace* Exchange::place() const { return connection_->place_.get(); }

void Exchange::hold(std::unique_ptr<const FavouredPlace> place) { connection_->place_ = std::move(place); }

net::Task<Result<net::Buffer>> Exchange::read_body(TimePoint deadline) {
  if (failure_.status != 0) co_return fail(Errc::invalid, std::string(failure_.reason));
  if (awaits_continue() && !head_sent_) {
    continue_sent_ = true;
    continuing_ = true;
    auto written = co_await connection_->stream().write(continue_response, write_limit(deadline));
    continuing_ = false;
    if (!written) broken_ = true;
    continued_.notify_all();
    if (!written) co_return std::unexpected(written.error());
  }
  while (!body_.done()) {
    net::Buffer input = std::exchange(connection_->input_, {});
    if (input.empty()) {
      const TimePoint limit = loop_.now() + connection_->context().limits.body_timeout;
      auto received = co_await connection_->stream().read(std::min(deadline, limit));
      if (!received) co_return std::unexpected(body_failed(std::move(received.error()), limit));
      if (received->empty()) co_return fail(Errc::closed);
      input = std::move(*received);
    }
    Result<net::Buffer> payload = cut(std::move(input));
    if (!payload || !payload->empty()) co_return payload;
  }
  co_return net::Buffer();
}

void Exchange::interrupt_read_body() { connection_->stream().interrupt_read(); }

// ---- the answer ----

// An origin may answer before the body was asked for to the end, and a stream takes one write at a time. The write has
// a deadline, so that this ends.
net::Task<void> Exchange::continue_written() {
  while (continuing_) co_await continued_.wait(loop_, no_deadline);
}

void Exchange::break_off() {
  connection_->stream().reset_on_close();
  connection_->stream().cancel();
}

std::uint64_t Exchange::bytes_taken() const { return connection_->stream().bytes_taken(); }

// A long answer may take long, as long as it moves.
net::WriteLimit Exchange::write_limit(TimePoint deadline) const {
  return {deadline, connection_->context().limits.write_timeout};
}

bool Exchange::may_keep_alive() const {
  const ServerContext& context = connection_->context();
  if (!keep_alive_ || failure_.status != 0 || request_.method == Method::connect) return false;
  if (context.drain.draining() || connection_->requests_ >= context.limits.requests_per_connection) return false;
  // Whether a client that was not told to continue sends its body cannot be known, so its next bytes could be either.
  if (awaits_continue()) return false;
  if (!body_.chunked()) return body_.left() <= context.limits.drain_bytes;
  // How much of it is still to come nobody knows before its end is here.
  const std::string_view here = connection_->input_.view();
  return body_bytes_received_ + here.size() <= context.limits.body_bytes && body_.ends_within(here);
}

void Exchange::settle_framing(const ResponseHead& head, std::size_t body_bytes, BodyEnd end, HeadAdditions& additions) {
  const auto given_field = head.headers.find(Field::content_length);
  const auto given = given_field ? parse_content_length(*given_field) : std::nullopt;
  if (has_no_body(request_.method, head.status)) {
    framing_ = Framing::none;
    if (head.status == 204 || request_.method == Method::connect) return;
    if (given) {
      additions.length = Length::known;
      additions.bytes = *given;
    } else if (body_bytes > 0 && end == BodyEnd::last && head.status != 304) {
      additions.length = Length::known;
      additions.bytes = body_bytes;
    }
    return;
  }
  if (end == BodyEnd::last || given) {
    framing_ = Framing::known;
    additions.length = Length::known;
    additions.bytes = end == BodyEnd::last ? body_bytes : *given;
    left_ = PromisedLength(additions.bytes);
  } else if (request_.version == Version::http_1_1) {
    framing_ = Framing::chunked;
    additions.length = Length::chunked;
  } else {
    framing_ = Framing::until_close;
    keep_alive_ = false;
  }
}

HeadAdditions Exchange::settle_response(const ResponseHead& head, std::size_t body_bytes, BodyEnd end) {
  HeadAdditions additions;
  settle_framing(head, body_bytes, end, additions);
  keep_alive_ = may_keep_alive();
  additions.date = connection_->context().http1->date().value(loop_);
  if (!keep_alive_) {
    additions.connection = ConnectionOption::close;
  } else if (request_.version == Version::http_1_0) {
    additions.connection = ConnectionOption::keep_alive;
  }
  head_sent_ = true;
  status_sent_ = head.status;
  return additions;
}

FramedParts::Coding Exchange::coding() const {
  return framing_ == Framing::chunked ? FramedParts::Coding::chunked : FramedParts::Coding::as_is;
}

Result<void> Exchange::sent(Result<void> written, std::size_t body_bytes, BodyEnd end) {
  if (!written) {
    broken_ = true;
    if (written.error().code == Errc::timed_out) {
      connection_->context().metrics.slow_readers.add();
      connection_->stream().reset_on_close();
    }
    return written;
  }
  if (framing_ != Framing::none) {
    body_bytes_sent_ += body_bytes;
    left_.take(body_bytes);
  }
  if (end == BodyEnd::last || framing_ == Framing::none) finished_ = true;
  return written;
}

net::Task<Result<void>> Exchange::send_interim(const ResponseHead& head, TimePoint deadline) {
  if (continuing_) co_await continue_written();
  if (head_sent_ || broken_ || head.status < 100 || head.status > 199 || head.status == 101)
    co_return fail(Errc::invalid);
  if (request_.version == Version::http_1_0) co_return Result<void>();  // RFC 9110, 15.2: 1.0 knows none
  OutputBlock block(loop_, response_head_bound(head));
  const char* const end = write_response_head(block.begin(), head, {});
  const std::string_view text(block.begin(), static_cast<std::size_t>(end - block.begin()));
  continuing_ = true;
  auto written = co_await connection_->stream().write(text, write_limit(deadline));
  continuing_ = false;
  if (!written) broken_ = true;
  continued_.notify_all();
  co_return written;
}

namespace {

std::size_t total_bytes(std::span<const std::string_view> parts) {
  std::size_t total = 0;
  for (const std::string_view part : parts) total += part.size();
  return total;
}

char* append_chunk(char* at, std::string_view body, BodyEnd end) {
  ChunkFrame frame;
  frame.wrap(body.size(), end, nullptr);
  return append(append(append(at, frame.opening()), body), frame.closing());
}

}  // namespace

net::Task<Result<void>> Exchange::send(const ResponseHead& head, std::string_view body, BodyEnd end,
                                       TimePoint deadline) {
  if (continuing_) co_await continue_written();
  HeadAdditions additions;
  if (Result<void> begun = begin_answer(head, body.size(), end, additions); !begun) co_return begun;
  if (framing_ == Framing::none) body = {};
  const std::size_t head_bound = response_head_bound(head) + ChunkFrame::max_bytes_without_trailers;
  OutputBlock block(loop_, head_bound);
  char* at = write_response_head(block.begin(), head, additions);
  if (head_bound + body.size() > block.capacity()) {
    const std::string_view head_text(block.begin(), static_cast<std::size_t>(at - block.begin()));
    const FramedParts framed(head_text, {&body, 1}, coding(), end, nullptr);
    auto written = co_await connection_->stream().write(framed.all(), write_limit(deadline));
    co_return sent(std::move(written), body.size(), end);
  }
  if (framing_ == Framing::chunked) {
    at = append_chunk(at, body, end);
  } else {
    at = append(at, body);
  }
  const std::string_view text(block.begin(), static_cast<std::size_t>(at - block.begin()));
  auto written = co_await connection_->stream().write(text, write_limit(deadline));
  co_return sent(std::move(written), body.size(), end);
}

net::Task<Result<void>> Exchange::send_together(const ResponseHead& head, std::span<const std::string_view> parts,
                                                BodyEnd end, TimePoint deadline) {
  TENFOLD_ASSERT(parts.size() <= most_parts);
  if (continuing_) co_await continue_written();
  std::size_t total = total_bytes(parts);
  HeadAdditions additions;
  if (Result<void> begun = begin_answer(head, total, end, additions); !begun) co_return begun;
  if (framing_ == Framing::none) {
    parts = {};
    total = 0;
  }
  OutputBlock block(loop_, response_head_bound(head));
  char* const at = write_response_head(block.begin(), head, additions);
  const std::string_view head_text(block.begin(), static_cast<std::size_t>(at - block.begin()));
  const FramedParts framed(head_text, parts, coding(), end, nullptr);
  auto written = co_await connection_->stream().write(framed.all(), write_limit(deadline));
  co_return sent(std::move(written), total, end);
}

// What comes before anything of an answer is written: whether it may be, and how it is framed.
Result<void> Exchange::begin_answer(const ResponseHead& head, std::size_t body_bytes, BodyEnd end,
                                    HeadAdditions& additions) {
  if (head_sent_ || broken_ || head.status < 200 || head.status > 999) return fail(Errc::invalid);
  additions = settle_response(head, body_bytes, end);
  if (left_.admits(framing_ == Framing::none ? 0 : body_bytes, end)) return {};
  broken_ = true;
  return fail(Errc::invalid, "the body does not have the length that its head says");
}

net::Task<Result<void>> Exchange::send_body(std::string_view bytes, BodyEnd end, TimePoint deadline,
                                            const Headers* trailers) {
  auto sending = send_parts({&bytes, 1}, end, deadline, trailers);
  auto written = co_await std::move(sending);
  co_return written;
}

net::Task<Result<void>> Exchange::send_parts(std::span<const std::string_view> parts, BodyEnd end, TimePoint deadline,
                                             const Headers* trailers) {
  TENFOLD_ASSERT(parts.size() <= most_parts);
  if (!head_sent_ || broken_) co_return fail(Errc::invalid);
  if (framing_ == Framing::none) co_return Result<void>();
  if (finished_) co_return fail(Errc::invalid);
  const std::size_t total = total_bytes(parts);
  if (!left_.admits(total, end)) {
    broken_ = true;
    co_return fail(Errc::invalid, "the body does not have the length that its head says");
  }
  const FramedParts framed({}, parts, coding(), end, trailers);
  if (framed.empty()) co_return sent(Result<void>(), 0, end);
  auto written = co_await connection_->stream().write(framed.all(), write_limit(deadline));
  co_return sent(std::move(written), total, end);
}

net::Task<Result<net::Stream*>> Exchange::upgrade(const ResponseHead& head, TimePoint deadline) {
  if (head_sent_ || broken_ || !request_framing_.wants_upgrade) co_return fail(Errc::invalid);
  if (!body_.done()) co_return fail(Errc::invalid, "an upgrade before the request's body was read");
  ResponseHead switching = head;
  switching.status = 101;
  HeadAdditions additions{.connection = ConnectionOption::upgrade,
                          .date = connection_->context().http1->date().value(loop_)};
  head_sent_ = true;
  status_sent_ = 101;
  keep_alive_ = false;
  OutputBlock block(loop_, response_head_bound(switching));
  const char* const end = write_response_head(block.begin(), switching, additions);
  const std::string_view text(block.begin(), static_cast<std::size_t>(end - block.begin()));
  auto written = co_await connection_->stream().write(text, write_limit(deadline));
  if (!written) {
    broken_ = true;
    co_return std::unexpected(written.error());
  }
  if (!connection_->input_.empty()) connection_->stream().put_back(std::move(connection_->input_));
  finished_ = upgraded_ = true;
  co_return &connection_->stream();
}

}  // namespace tenfold::http::http1
