#include <string>

#include "http/client.hpp"
#include "http/http1/body_reader.hpp"
#include "http/http1/chunk_frame.hpp"
#include "http/http1/parser.hpp"
#include "http/http1/partial_head.hpp"
#include "http/http1/serialize.hpp"
#include "http/rules/authentication.hpp"
#include "http/rules/promised_length.hpp"
#include "http/rules/requests.hpp"

namespace tenfold::http {
namespace http1 {
namespace {

using Length = HeadAdditions::Length;

// A server has read a body of this many bytes along with the head, before it refuses the request.
constexpr std::uint64_t long_body = 16 * 1024;

class Http1Client final : public ClientConnection {
 public:
  Http1Client(std::unique_ptr<net::Stream> stream, ResponseLimits limits)
      : stream_(std::move(stream)),
        limits_{.first_line_bytes = 8 * 1024, .header_bytes = limits.head_bytes, .header_count = limits.header_count} {}

  net::Task<Result<void>> send_request(const RequestHead& head, BodyLength length, std::string_view body, BodyEnd end,
                                       TimePoint deadline) override;
  net::Task<Result<void>> send_body(std::string_view bytes, BodyEnd end, net::WriteLimit limit,
                                    const Headers* trailers) override;
  net::Task<Result<const ResponseHead*>> read_head(TimePoint deadline) override;
  BodyLength body_length() const override { return body_length_; }
  net::Task<Result<net::Buffer>> read_body(TimePoint deadline) override;
  net::Buffer take_ready_body() override;
  bool body_done() const override { return body_.done(); }
  const Headers& trailers() const override { return body_.trailers(); }

  bool untouched() const override { return untouched_; }
  bool reusable() const override {
    return state_ == State::body && body_.done() && request_finished_ && keep_alive_ && !broken_ && !unsendable_ &&
           !used_up_ && input_.empty();
  }
  bool alive() const override {
    const bool idle = state_ == State::idle || (state_ == State::body && body_.done() && request_finished_);
    return !broken_ && !unsendable_ && (!idle || (input_.empty() && !stream_->has_input()));
  }
  net::Stream& raw() override;
  net::Stream& stream() override { return *stream_; }

 private:
  enum class State : std::uint8_t { idle, head, body };
  enum class HeadStep : std::uint8_t { complete, more, failed };

  void begin_request(const RequestHead& head);
  HeadAdditions settle_request(const RequestHead& head, BodyLength length, std::size_t body_bytes, BodyEnd end);
  Result<void> sent(Result<void> written, std::size_t bytes, BodyEnd end);
  FramedParts::Coding coding() const;
  HeadStep parse_input();
  HeadStep parse_more(net::Buffer bytes);
  void own_head(const char* parsed_from);
  void begin_body();
  Result<net::Buffer> cut(net::Buffer input);
  Error broken(Errc code, std::string_view detail = {});
  Error refused();

  std::unique_ptr<net::Stream> stream_;
  const HeadLimits limits_;
  ResponseHead head_;
  std::string head_text_;  // the head's views point here
  PartialHead partial_{PartialHead::Kind::response};
  ResponseFraming framing_;
  BodyReader body_;
  BodyLength body_length_;
  net::Buffer input_;  // received and not yet used
  Refusal refusal_;
  Method method_ = Method::get;
  Length request_length_ = Length::none;
  PromisedLength request_left_;  // of the request's body
  std::uint64_t body_bytes_sent_ = 0;
  State state_ = State::idle;
  bool request_finished_ = false;
  bool interim_given_ = false;  // the last head was a 1xx: another follows
  int interims_ = 0;            // so far, to the current request
  bool untouched_ = true;
  bool used_up_ = false;  // no other request may follow
  bool keep_alive_ = false;
  bool broken_ = false;      // nothing more can be read
  bool unsendable_ = false;  // nothing more can be sent; what the server said before it closed can still be read
};

Error Http1Client::broken(Errc code, std::string_view detail) {
  broken_ = true;
  return {code, std::string(detail)};
}

Error Http1Client::refused() {
  return broken(refusal_.status == 431 ? Errc::too_large : Errc::invalid, refusal_.reason);
}

// ---- the request ----

void Http1Client::begin_request(const RequestHead& head) {
  method_ = head.method;
  head_.headers.clear();
  head_text_.clear();
  partial_.clear();
  body_.begin_none();
  body_length_ = {};
  state_ = State::head;
  request_finished_ = false;
  body_bytes_sent_ = 0;
  interim_given_ = false;
  interims_ = 0;
  keep_alive_ = false;
  untouched_ = true;
}

HeadAdditions Http1Client::settle_request(const RequestHead& head, BodyLength length, std::size_t body_bytes,
                                          BodyEnd end) {
  HeadAdditions additions;
  const bool complete = end == BodyEnd::last;
  if (length.kind == BodyLength::Kind::known ||
      (complete && (length.kind == BodyLength::Kind::unknown || body_bytes > 0))) {
    request_length_ = Length::known;
    additions.bytes = complete && length.kind != BodyLength::Kind::known ? body_bytes : length.bytes;
  } else if (length.kind == BodyLength::Kind::unknown) {
    request_length_ = Length::chunked;
  } else {
    request_length_ = Length::none;
  }
  const bool chunked = request_length_ == Length::chunked;
  request_left_ = chunked ? PromisedLength() : PromisedLength(additions.bytes);
  additions.length = request_length_;
  const bool has_body = chunked || additions.bytes > 0;
  // A body that is left unread would be taken for a request that comes before that of the connection's next client.
  if (has_body && body_means_nothing(head.method)) used_up_ = true;
  // From here on the connection is one user's, whoever asks next.
  if (authenticates_connection(head.headers)) used_up_ = true;
  if (head.headers.has(Field::upgrade) && has_element(head.headers, Field::connection, "upgrade")) {
    additions.connection = ConnectionOption::upgrade;
  }
  return additions;
}

Result<void> Http1Client::sent(Result<void> written, std::size_t bytes, BodyEnd end) {
  if (!written) {
    unsendable_ = true;
    return written;
  }
  request_left_.take(bytes);
  body_bytes_sent_ += bytes;
  if (end == BodyEnd::last) request_finished_ = true;
  return written;
}

net::Task<Result<void>> Http1Client::send_request(const RequestHead& head, BodyLength length, std::string_view body,
                                                  BodyEnd end, TimePoint deadline) {
  const bool ready = state_ == State::idle || reusable();
  if (broken_ || unsendable_ || !ready || !is_sendable(head)) co_return fail(Errc::invalid);
  begin_request(head);
  // Something that came unasked, an end or worse an answer, would be taken for the answer to this request.
  if (stream_->has_input()) co_return std::unexpected(broken(Errc::closed));
  const HeadAdditions additions = settle_request(head, length, body.size(), end);
  if (!request_left_.admits(body.size(), end)) {
    co_return std::unexpected(broken(Errc::invalid, "the request's body does not have the length that was announced"));
  }
  const std::size_t head_bound = request_head_bound(head);
  OutputBlock block(stream_->loop(), head_bound);
  char* at = write_request_head(block.begin(), head, additions);
  const bool one_piece = request_length_ != Length::chunked && head_bound + body.size() <= block.capacity();
  if (one_piece) at = append(at, body);
  const std::string_view text(block.begin(), static_cast<std::size_t>(at - block.begin()));
  if (!one_piece) {
    const FramedParts framed(text, {&body, 1}, coding(), end, nullptr);
    auto written = co_await stream_->write(framed.all(), deadline);
    co_return sent(std::move(written), body.size(), end);
  }
  auto written = co_await stream_->write(text, deadline);
  co_return sent(std::move(written), body.size(), end);
}

net::Task<Result<void>> Http1Client::send_body(std::string_view bytes, BodyEnd end, net::WriteLimit limit,
                                               const Headers* trailers) {
  if (broken_ || unsendable_ || state_ == State::idle || request_finished_) co_return fail(Errc::invalid);
  if (!request_left_.admits(bytes.size(), end)) {
    co_return std::unexpected(broken(Errc::invalid, "the request's body does not have the length that was announced"));
  }
  const FramedParts framed({}, {&bytes, 1}, coding(), end, trailers);
  if (framed.empty()) co_return sent(Result<void>(), 0, end);
  auto written = co_await stream_->write(framed.all(), limit);
  co_return sent(std::move(written), bytes.size(), end);
}

FramedParts::Coding Http1Client::coding() const {
  return request_length_ == Length::chunked ? FramedParts::Coding::chunked : FramedParts::Coding::as_is;
}

// ---- the response's head ----

Http1Client::HeadStep Http1Client::parse_input() {
  std::size_t head_bytes = 0;
  const Progress progress = parse_response_head(input_.view(), limits_, method_, head_, framing_, head_bytes, refusal_);
  if (progress == Progress::refused) return HeadStep::failed;
  if (progress == Progress::incomplete) return parse_more(std::exchange(input_, {}));
  // A few hundred bytes are copied so that the buffer, with the body behind the head, can be given away.
  const char* const parsed_from = input_.data();
  head_text_.assign(parsed_from, head_bytes);
  own_head(parsed_from);
  input_.remove_prefix(head_bytes);
  if (input_.empty()) input_ = {};
  return HeadStep::complete;
}

Http1Client::HeadStep Http1Client::parse_more(net::Buffer bytes) {
  const PartialHead::Taken taken = partial_.take(bytes.view(), limits_, refusal_);
  if (taken.progress == Progress::incomplete) return HeadStep::more;
  if (taken.progress == Progress::refused) return HeadStep::failed;
  if (taken.bytes < bytes.size()) {
    bytes.remove_prefix(taken.bytes);
    input_ = std::move(bytes);
  }
  head_text_ = partial_.release();
  std::size_t head_bytes = 0;
  const Progress whole = parse_response_head(head_text_, limits_, method_, head_, framing_, head_bytes, refusal_);
  return whole == Progress::complete ? HeadStep::complete : HeadStep::failed;
}

// Moves the head's views from where it was parsed to head_text_, its copy.
void Http1Client::own_head(const char* parsed_from) {
  const auto move = [from = parsed_from, to = head_text_.data()](std::string_view& text) {
    if (!text.empty()) text = {to + (text.data() - from), text.size()};
  };
  move(head_.reason);
  for (Header& header : head_.headers) {
    move(header.name);
    move(header.value);
  }
}

void Http1Client::begin_body() {
  using Body = ResponseFraming::Body;
  state_ = State::body;
  keep_alive_ = framing_.keep_alive;
  switch (framing_.body) {
    case Body::none:
      body_.begin_none();
      body_length_ = {};
      break;
    case Body::known:
      body_.begin_known(framing_.bytes);
      body_length_ = {BodyLength::Kind::known, framing_.bytes};
      break;
    case Body::chunked:
      body_.begin_chunked(ChunkedDecoder::Of::response);
      body_length_ = {BodyLength::Kind::unknown};
      break;
    case Body::until_close:
      body_.begin_until_close();
      body_length_ = {BodyLength::Kind::unknown};
      break;
  }
  // Behind a 101 the connection belongs to another protocol. And who answers before it has the whole request, or
  // refuses a long one, closes next more often than not, whatever it says (RFC 9110, 15.5.14): all of the body being on
  // its way does not mean that it was read. The next request there would be lost.
  const bool refused_long_body = head_.status >= 400 && body_bytes_sent_ > long_body;
  if (head_.status == 101 || !request_finished_ || refused_long_body) keep_alive_ = false;
  if (authenticates_connection(head_.headers)) used_up_ = true;
}

net::Task<Result<const ResponseHead*>> Http1Client::read_head(TimePoint deadline) {
  if (broken_ || state_ != State::head) co_return fail(Errc::invalid);
  interim_given_ = false;
  HeadStep step = HeadStep::more;
  if (!input_.empty()) step = parse_input();
  while (step == HeadStep::more) {
    auto bytes = co_await stream_->read(deadline);
    if (!bytes) {
      if (bytes.error().code != Errc::timed_out) broken_ = true;
      co_return std::unexpected(std::move(bytes.error()));
    }
    if (bytes->empty()) co_return std::unexpected(broken(Errc::closed));
    untouched_ = false;
    if (partial_.empty()) {
      input_ = std::move(*bytes);
      step = parse_input();
    } else {
      step = parse_more(std::move(*bytes));
    }
  }
  if (step == HeadStep::failed) co_return std::unexpected(refused());
  if (head_.status >= 200 || head_.status == 101) {
    begin_body();
  } else {
    if (++interims_ > most_interims) co_return std::unexpected(broken(Errc::invalid, "too many interim responses"));
    interim_given_ = true;
  }
  co_return &head_;
}

// ---- the response's body ----

Result<net::Buffer> Http1Client::cut(net::Buffer input) {
  net::Buffer rest;
  if (!body_.take(input, rest, stream_->loop())) {
    refusal_ = body_.refusal();
    return std::unexpected(refused());
  }
  // Bytes behind a complete body were not asked for; reusable() sees them there.
  if (!rest.empty()) input_ = std::move(rest);
  return input;
}

net::Buffer Http1Client::take_ready_body() {
  if (state_ != State::body || broken_ || body_.done()) return {};
  if (input_.empty()) input_ = stream_->take_ready();
  if (input_.empty()) return {};
  Result<net::Buffer> payload = cut(std::exchange(input_, {}));
  return payload ? std::move(*payload) : net::Buffer();
}

net::Task<Result<net::Buffer>> Http1Client::read_body(TimePoint deadline) {
  if (broken_) co_return fail(Errc::invalid, std::string(refusal_.reason));
  if (state_ != State::body) co_return fail(Errc::invalid);
  while (!body_.done()) {
    net::Buffer input = std::exchange(input_, {});
    if (input.empty()) {
      auto received = co_await stream_->read(deadline);
      if (!received) {
        if (received.error().code != Errc::timed_out) broken_ = true;
        co_return std::unexpected(std::move(received.error()));
      }
      if (received->empty()) {
        if (body_.end_of_input()) break;
        co_return std::unexpected(broken(Errc::closed));
      }
      input = std::move(*received);
    }
    Result<net::Buffer> payload = cut(std::move(input));
    if (!payload || !payload->empty()) co_return payload;
  }
  co_return net::Buffer();
}

net::Stream& Http1Client::raw() {
  if (!input_.empty()) stream_->put_back(std::exchange(input_, {}));
  return *stream_;
}

}  // namespace
}  // namespace http1

std::unique_ptr<ClientConnection> make_http1_client(std::unique_ptr<net::Stream> stream, ResponseLimits limits) {
  return std::make_unique<http1::Http1Client>(std::move(stream), limits);
}

}  // namespace tenfold::http
