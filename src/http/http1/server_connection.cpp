#include "http/http1/server_connection.hpp"

#include <algorithm>
#include <functional>

#include "http/error_page.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::http {

namespace http1 {
namespace {

// Pipelined requests answered without the loop having gone round; past it, others get their turn.
constexpr std::uint8_t requests_per_turn = 32;

// How much of what the client still sends is taken before the connection is closed under it, and for how long. Closing
// at once would make the system answer with a reset, and that can throw away the answer at the client.
constexpr std::uint64_t linger_bytes = 4 * 1024 * 1024;
constexpr Duration linger_time = 5s;

// How often it is looked at whether a client has taken enough of its answers: after the first pause, and then half as
// often each time.
constexpr Duration first_look = 2ms;
constexpr Duration look_at_last_every = 1s;

// Views of text at `from` become views of its copy. Others stay: the target "/" of "http://host" is nobody's text.
class Rebase {
 public:
  Rebase(const char* from, std::string_view copy) : from_(from), copy_(copy) {}
  void operator()(std::string_view& text) const {
    const std::less_equal<const char*> before;
    const bool inside = before(from_, text.data()) && before(text.data() + text.size(), from_ + copy_.size());
    if (inside) text = copy_.substr(static_cast<std::size_t>(text.data() - from_), text.size());
  }

 private:
  const char* from_;
  std::string_view copy_;
};

}  // namespace

ServerConnection::ServerConnection(std::unique_ptr<net::Stream> stream, ServerContext& context, ToldClient client,
                                   net::Buffer already_read, ConnectionObserver::Subject* subject)
    : stream_(std::move(stream)),
      context_(context),
      subject_(context.observer != nullptr ? subject : nullptr),
      input_(std::move(already_read)),
      client_(std::move(client)) {
  if (context_.http1 == nullptr) context_.http1 = std::make_shared<SharedByConnections>(context_.drain.token());
  context_.metrics.connections.add();
  context_.metrics.open_connections.add(1);
  stream_->transport().when_input_ends(&on_input_end, this);
}

ServerConnection::~ServerConnection() {
  // The transport may outlive this, with a TLS alert on its way out, and is cancelled then.
  stream_->transport().when_input_ends(nullptr, nullptr);
  if (exchange_) release_exchange();
  for (std::uint32_t left = net::key_updates(*stream_); left != 0; --left) burn(Chore::key_update);
  tell_burnt();
  context_.metrics.open_connections.add(-1);
}

void ServerConnection::close_idle() {
  TENFOLD_ASSERT(linked());
  unlink();
  stream_->cancel();
}

void ServerConnection::on_input_end(void* self, net::Stream::InputEnd how) {
  auto& connection = *static_cast<ServerConnection*>(self);
  if (how == net::Stream::InputEnd::finished) {
    connection.sent_all_at_ = connection.loop().now();
    if (connection.exchange_) connection.exchange_->departs(*connection.sent_all_at_);
  } else if (connection.exchange_) {
    Exchange::on_departed(connection.exchange_.get());
  }
}

HeadLimits ServerConnection::head_limits() const {
  const ServerLimits& limits = context_.limits;
  return {limits.request_line_bytes, limits.header_bytes, limits.header_count};
}

// ---- heads ----

ServerConnection::Step ServerConnection::start() {
  if (context_.drain.token().cancelled()) return Step::close;
  const Step first = next_request();
  if (linked() && stream_->tls() == nullptr) deadline_ = loop().now() + context_.limits.head_timeout;
  return first;
}

ServerConnection::Step ServerConnection::received(Result<net::Buffer> bytes) {
  unlink();
  if (partial_ && (!bytes || bytes->empty())) tell_half_sent();
  if (!bytes) {
    if (bytes.error().code != Errc::timed_out || !partial_) return Step::close;
    context_.metrics.timeouts.add();
    refusal_ = {408, "The request came too slowly."};
    return Step::refuse;
  }
  if (bytes->empty()) return Step::close;
  if (partial_) return parse_more(std::move(*bytes));
  input_ = std::move(*bytes);
  began_ = loop().now();
  return parse_input();
}

ServerConnection::Step ServerConnection::parse_input() {
  exchange_ = context_.http1->take_exchange(loop());
  std::size_t head_bytes = 0;
  const Progress progress = parse_request_head(input_.view(), head_limits(), exchange_->request_,
                                               exchange_->request_framing_, head_bytes, refusal_);
  if (progress == Progress::refused) return refuse_with(refusal_);
  if (progress == Progress::incomplete) return keep_partial();
  const char* const head = input_.data();
  input_.remove_prefix(head_bytes);
  const RequestFraming& framing = exchange_->request_framing_;
  if (framing.body.kind != BodyLength::Kind::none || framing.wants_upgrade) {
    // The bytes behind the head will be handed on with their buffer; the head must not go with them.
    exchange_->head_text_.assign(head, head_bytes);
    own_head();
  }
  return begin_exchange();
}

ServerConnection::Step ServerConnection::keep_partial() {
  release_exchange();
  burn(Chore::piece);
  if (burns_too_much_) return Step::close;
  partial_ = std::make_unique<PartialHead>(PartialHead::Kind::request);
  const PartialHead::Taken taken = partial_->take(input_.view(), head_limits(), refusal_);
  TENFOLD_ASSERT(taken.progress == Progress::incomplete);
  input_ = {};
  deadline_ = began_ + context_.limits.head_timeout;
  return Step::read_head;
}

ServerConnection::Step ServerConnection::parse_more(net::Buffer bytes) {
  const PartialHead::Taken taken = partial_->take(bytes.view(), head_limits(), refusal_);
  if (taken.progress == Progress::incomplete) {
    burn(Chore::piece);
    return burns_too_much_ ? Step::close : Step::read_head;
  }
  if (taken.progress == Progress::refused) return refuse_with(refusal_);
  if (taken.bytes < bytes.size()) {
    bytes.remove_prefix(taken.bytes);
    input_ = std::move(bytes);
  }
  exchange_ = context_.http1->take_exchange(loop());
  exchange_->head_text_ = partial_->release();
  partial_.reset();
  std::size_t head_bytes = 0;
  const Progress whole = parse_request_head(exchange_->head_text_, head_limits(), exchange_->request_,
                                            exchange_->request_framing_, head_bytes, refusal_);
  if (whole != Progress::complete) return refuse_with(refusal_);
  return begin_exchange();
}

// Moves the parsed head's views from the input to head_text_, which holds a copy.
void ServerConnection::own_head() {
  RequestHead& head = exchange_->request_;
  const Rebase rebase(input_.data() - exchange_->head_text_.size(), exchange_->head_text_);
  rebase(head.method_name);
  rebase(head.authority);
  rebase(head.target);
  for (Header& header : head.headers) {
    rebase(header.name);
    rebase(header.value);
  }
}

ServerConnection::Step ServerConnection::begin_exchange() {
  const BodyLength& body = exchange_->request_framing_.body;
  if (body.kind == BodyLength::Kind::known && body.bytes > context_.limits.body_bytes) {
    context_.metrics.bad_requests.add();
    burn(Chore::bad_request);
    refusal_ = {413, "The request's body is longer than allowed."};
    return Step::refuse;  // with the exchange: its head is good, and told
  }
  ++requests_;
  context_.metrics.requests.add();
  if (!has_much_to_take()) return handle_exchange();
  if (sent_all_at_) exchange_->departs(*sent_all_at_);
  return Step::hold_back;
}

void ServerConnection::note_sent(std::uint64_t body_bytes) {
  constexpr std::uint64_t usual_head_bytes = 256;
  maybe_untaken_bytes_ = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(maybe_untaken_bytes_ + body_bytes + usual_head_bytes, UINT32_MAX));
}

// The kernel is asked only where so much has been sent that the answer matters.
bool ServerConnection::has_much_to_take() {
  if (maybe_untaken_bytes_ <= context_.limits.untaken_bytes) return false;
  maybe_untaken_bytes_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(stream_->bytes_untaken(), UINT32_MAX));
  return maybe_untaken_bytes_ > context_.limits.untaken_bytes;
}

// Looks now and then, since the kernel tells when a socket can be written to, and not when it is all taken. What the
// client may have to say meanwhile waits in its socket.
net::Task<ServerConnection::Step> ServerConnection::hold_back() {
  context_.metrics.held_back.add();
  std::uint32_t untaken = maybe_untaken_bytes_;
  TimePoint moved = loop().now();
  for (Duration pause = first_look; has_much_to_take(); pause = std::min<Duration>(pause * 2, look_at_last_every)) {
    if (maybe_untaken_bytes_ != untaken) moved = loop().now();
    untaken = maybe_untaken_bytes_;
    if (loop().now() - moved >= context_.limits.write_timeout) {
      context_.metrics.slow_readers.add();
      stream_->reset_on_close();
      co_return Step::close;
    }
    const auto slept = co_await loop().sleep_for(pause, exchange_->client_left());
    if (!slept) co_return Step::close;
  }
  began_ = loop().now();  // it was the client's time
  co_return handle_exchange();
}

ServerConnection::Step ServerConnection::handle_exchange() {
  exchange_->begin(*this);
  if (burns_too_much_) exchange_->close_after();
  // Of "http://host?query": its path is "/" (RFC 9110, 4.2.3).
  std::string_view& target = exchange_->request_.target;
  if (target.starts_with('?')) target = exchange_->arena().join("/", target);
  if (subject_ != nullptr) tell_head();
  return Step::handle;
}

void ServerConnection::tell_head() {
  told_ = Told::head;
  context_.observer->head_complete(*subject_, exchange_->request(), exchange_->began());
  if (exchange_->body_.done()) tell_body();
}

// Once for each request, whoever reads the body to its end.
void ServerConnection::tell_body() {
  if (told_ == Told::nothing) return;
  told_ = Told::nothing;
  context_.observer->body_complete(*subject_, exchange_->body_bytes_received());
}

// Who was closed by us, for another or in a drain, is not to blame.
void ServerConnection::tell_half_sent() {
  if (context_.half_sent && !context_.drain.draining()) context_.half_sent(client_ ? *client_ : stream_->peer());
}

void ServerConnection::tell_burnt() {
  const Duration burnt = burnt_.take();
  if (burnt == Duration() || !context_.burnt) return;
  const Burning then = context_.burnt(client_ ? *client_ : stream_->peer(), burnt);
  if (then == Burning::may_go_on) return;
  if (spared_ && *spared_ != 0) {
    --*spared_;
    return;
  }
  burns_too_much_ = true;
  if (exchange_ && exchange_->connection_ != nullptr) exchange_->close_after();
}

// ---- after the answer ----

ServerConnection::Step ServerConnection::answered() {
  Exchange& exchange = *exchange_;
  if (exchange.upgraded_) return Step::close;
  note_sent(exchange.body_bytes_sent());
  take_idle_turn();
  if (!exchange.head_sent_ && !exchange.broken_ && exchange.failure_.status != 0) {
    if (exchange.failure_.status == 408) {
      context_.metrics.timeouts.add();
      tell_half_sent();
    }
    handled_ = Handled::yes;
    return refuse_with(exchange.failure_);
  }
  if (!exchange.finished_) {
    // A body that ends with the connection would look complete.
    if (exchange.head_sent_ && exchange.framing_ == Exchange::Framing::until_close) stream_->reset_on_close();
    return Step::close;
  }
  if (!exchange.keep_alive_ || exchange.failure_.status != 0) return close_or_linger();
  if (exchange.body_.done()) return next_request();
  // For all of it: who trickles a body that nobody wants is not worth the connection.
  deadline_ = loop().now() + context_.limits.body_timeout;
  return discard_input();
}

// What belongs to a page comes behind it, on the same connection, and is not what its visitor thinks about.
void ServerConnection::take_idle_turn() {
  const auto turn = exchange_->idle_turn_;
  if (!turn) return;
  const bool stays_last = idle_turn_ == IdleTurn::last && loop().now() < stays_last_until_;
  if (*turn == IdleTurn::second && stays_last) return;
  idle_turn_ = *turn;
  stays_last_until_ = loop().now() + exchange_->idle_turn_kept_for_;
}

ServerConnection::Step ServerConnection::close_or_linger() {
  const bool more_may_come =
      !exchange_->body_.done() || !input_.empty() || stream_->has_input() || stream_->tls() != nullptr;
  return more_may_come ? Step::linger : Step::close;
}

// Throws away what has been received of an unread request body: may_keep_alive() said that not too much is to come.
ServerConnection::Step ServerConnection::discard_input() {
  if (!input_.empty()) {
    Result<net::Buffer> payload = exchange_->cut(std::exchange(input_, {}));
    if (!payload) return Step::linger;
  }
  if (exchange_->body_.done()) return next_request();
  return Step::discard;
}

ServerConnection::Step ServerConnection::discarded(Result<net::Buffer> bytes) {
  if (!bytes || bytes->empty()) return Step::close;
  input_ = std::move(*bytes);
  return discard_input();
}

ServerConnection::Step ServerConnection::next_request() {
  if (exchange_) release_exchange();
  if (input_.empty()) {
    input_ = {};
    came_along_ = 0;
    if (context_.drain.token().cancelled()) return Step::close;
    began_ = loop().now();
    if (!stream_->has_input()) context_.http1->idle(idle_turn_).push_back(*this);
    deadline_ = began_ + context_.limits.idle_timeout;
    return Step::read_head;
  }
  if (turn_ != loop().now()) {
    turn_ = loop().now();
    requests_in_turn_ = 0;
  }
  ++requests_in_turn_;
  if (requests_in_turn_ > requests_per_turn) {
    turn_ = {};
    return Step::pause;
  }
  if (came_along_ < few_pipelined) {
    ++came_along_;
  } else {
    burn(Chore::pipelined);
  }
  began_ = loop().now();
  return parse_input();
}

ServerConnection::Step ServerConnection::resumed() { return next_request(); }

void ServerConnection::release_exchange() { context_.http1->give_back(std::move(exchange_)); }

// ---- refusals ----

ServerConnection::Step ServerConnection::refuse_with(Refusal refusal) {
  if (exchange_) release_exchange();
  if (refusal.status != 408) {
    context_.metrics.bad_requests.add();
    burn(Chore::bad_request);
  }
  refusal_ = refusal;
  return Step::refuse;
}

net::Task<void> ServerConnection::refuse() {
  const std::string page = context_.error_pages != nullptr
                               ? context_.error_pages->page(refusal_.status, refusal_.reason)
                               : plain_error_page(refusal_.status, refusal_.reason);
  ResponseHead head;
  head.status = refusal_.status;
  head.headers.add(Field::content_type, "text/html; charset=utf-8");
  head.headers.add(Field::cache_control, "no-store");
  const HeadAdditions additions{.length = HeadAdditions::Length::known,
                                .bytes = page.size(),
                                .connection = ConnectionOption::close,
                                .date = context_.http1->date().value(loop())};
  OutputBlock block(loop(), response_head_bound(head) + page.size());
  const char* const end = append(write_response_head(block.begin(), head, additions), page);
  const std::string_view text(block.begin(), static_cast<std::size_t>(end - block.begin()));
  // What goes wrong here is the end of the connection anyway.
  const auto written = co_await stream_->write(text, loop().now() + context_.limits.write_timeout);
  tell_refused(written ? page.size() : 0);
}

void ServerConnection::tell_refused(std::uint64_t body_bytes) {
  if (handled_ == Handled::no) {
    const net::Endpoint client = client_ ? *client_ : stream_->peer();
    context_.handler.refused({.status = refusal_.status,
                              .body_bytes = body_bytes,
                              .client = client,
                              .tls = stream_->tls(),
                              .began = began_,
                              .head = exchange_ ? &exchange_->request_ : nullptr});
  }
  if (exchange_) release_exchange();
}

net::Task<void> ServerConnection::linger() {
  input_ = {};
  const TimePoint end = loop().now() + linger_time;
  co_await stream_->finish_writing(end);
  std::uint64_t taken = 0;
  while (taken < linger_bytes) {
    const auto bytes = co_await stream_->read(end);
    if (!bytes || bytes->empty()) co_return;
    taken += bytes->size();
    if (bytes->size() >= few_bytes) continue;
    burn(Chore::piece);
    if (burns_too_much_) co_return;
  }
}

namespace {

net::Task<void> next_turn(net::Loop& loop) {
  const auto slept = co_await loop.sleep_until(loop.now());
  (void)slept;
}

using Step = ServerConnection::Step;

// The steps that few connections take, in a frame of their own that idle ones need not hold.
net::Task<Step> take_rare_step(ServerConnection& connection, Step step) {
  switch (step) {
    case Step::pause: co_await next_turn(connection.stream().loop()); co_return connection.resumed();
    case Step::hold_back: {
      const Step next = co_await connection.hold_back();
      co_return next;
    }
    case Step::refuse: co_await connection.refuse(); co_return Step::linger;
    case Step::linger: co_await connection.linger(); co_return Step::close;
    case Step::read_head:
    case Step::handle:
    case Step::discard:
    case Step::close: break;
  }
  co_return Step::close;
}

// This frame is most of what an idle connection costs beside its stream: few locals, and one wait for input.
net::Task<void> serve(std::unique_ptr<ServerConnection> connection) {
  Step step = connection->start();
  while (step != Step::close) {
    if (step == Step::read_head || step == Step::discard) {
      auto bytes = co_await connection->stream().read(connection->deadline());
      step = step == Step::read_head ? connection->received(std::move(bytes)) : connection->discarded(std::move(bytes));
    } else if (step == Step::handle) {
      co_await connection->context().handler.handle(connection->exchange());
      step = connection->answered();
    } else {
      step = co_await take_rare_step(*connection, step);
    }
  }
}

}  // namespace
}  // namespace http1

net::Task<void> serve_http1(std::unique_ptr<net::Stream> stream, ServerContext& context, ToldClient client,
                            net::Buffer already_read, ConnectionObserver::Subject* subject) {
  return http1::serve(std::make_unique<http1::ServerConnection>(std::move(stream), context, std::move(client),
                                                                std::move(already_read), subject));
}

std::optional<TimePoint> longest_idle_since(const ServerContext& context, IdleTurn turn) {
  if (context.http1 == nullptr || context.http1->idle(turn).empty()) return std::nullopt;
  return context.http1->idle(turn).front().idle_since();
}

void close_longest_idle(ServerContext& context, IdleTurn turn) {
  context.metrics.displaced.add();
  context.http1->idle(turn).front().close_idle();
}

}  // namespace tenfold::http
