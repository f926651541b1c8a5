#include "rehearse/drive/connection/connection.hpp"

namespace tenfold::rehearse {

struct Connection::WaitForCall {
  Connection& connection;
  bool await_ready() const { return connection.state_ != State::free; }
  void await_suspend(std::coroutine_handle<> waiter) { connection.waiting_ = waiter; }
  void await_resume() const {}
};

Connection::Connection(Route& route, ConnectionUser& user, Call* call) : route_(route), user_(user), call_(call) {
  route.enter(entry_);
}

void Connection::open(net::Scope& scope, Route& route, ConnectionUser& user, Call* call, TimePoint open_deadline,
                      std::optional<net::IpAddress> source) {
  std::unique_ptr<Connection> made(new Connection(route, user, call));
  scope.spawn(live(std::move(made), open_deadline, source));
}

net::Task<void> Connection::live(std::unique_ptr<Connection> self, TimePoint open_deadline,
                                 std::optional<net::IpAddress> source) {
  Connection& connection = *self;
  {
    auto result = co_await connection.route_.open(source, open_deadline);
    connection.opened(std::move(result));
  }
  while (connection.state_ != State::closing) {
    if (connection.state_ == State::free) {
      co_await WaitForCall{connection};
      continue;
    }
    net::Stream& stream = *connection.stream_;
    Call& call = *connection.call_;
    call.sent = connection.route_.loop().clock().now();
    connection.user_.call_sent(call);
    connection.reader_.begin(call.method);
    connection.answer_bytes_ = 0;
    connection.exchanging_ = true;
    auto written = co_await stream.write(call.request, call.deadline);
    if (!written && connection.exchanging_) connection.fail_call(written.error().code);
    while (connection.exchanging_) {
      auto piece = co_await stream.read(call.deadline);
      if (connection.exchanging_) connection.received(std::move(piece));
    }
  }
  connection.unlink();
  connection.user_.connection_gone(connection);
}

void Connection::begin(Call& call) {
  TENFOLD_ASSERT(free());
  unlink();
  call_ = &call;
  state_ = State::busy;
  if (waiting_) std::exchange(waiting_, nullptr).resume();
}

void Connection::close() {
  const State was = std::exchange(state_, State::closing);
  call_ = nullptr;
  exchanging_ = false;
  if (was == State::busy) stream_->cancel();  // wakes the coroutine, unless that is who called
  if (was == State::free && waiting_) std::exchange(waiting_, nullptr).resume();
}

void Connection::on_input_end(void* self, net::Stream::InputEnd) {
  auto& connection = *static_cast<Connection*>(self);
  if (connection.state_ == State::free) connection.close();
}

void Connection::opened(Route::Opened result) {
  if (!result) {
    const bool wanted = state_ != State::closing;
    state_ = State::closing;
    const Failure failure = result.error().failure;
    if (!wanted || call_ == nullptr) return;
    const bool late = failure == Failure::timed_out;
    end_call({.at = late ? call_->deadline : route_.loop().now(),
              .failure = failure,
              .could_not = failure == Failure::none,
              .why = result.error().why});
    return;
  }
  stream_ = std::move(*result);
  if (state_ == State::closing) return;
  stream_->transport().when_input_ends(&on_input_end, this);
  state_ = call_ != nullptr ? State::busy : State::free;
  if (call_ == nullptr) user_.connection_free(*this);
}

void Connection::received(Result<net::Buffer> piece) {
  if (!piece) return fail_call(piece.error().code);
  using Progress = AnswerReader::Progress;
  if (piece->empty()) {
    if (reader_.end_of_input() == Progress::broken) return fail_call(Errc::closed);
    return answered();
  }
  route_.recorder().counts().bytes += piece->size();
  answer_bytes_ += piece->size();
  if (call_->first_byte == TimePoint()) call_->first_byte = route_.loop().now();
  const Progress progress = reader_.take(*piece, route_.scratch_head());
  if (progress == Progress::broken) return fail_call(Errc::invalid);
  if (reader_.head_now()) {
    user_.head_received(*call_, route_.scratch_head());
    if (!exchanging_) return;
  }
  if (progress == Progress::complete) answered();
}

void Connection::answered() {
  state_ = reader_.keep_alive() ? State::free : State::closing;
  kept_ = true;
  end_call({.at = route_.loop().now(),
            .status = reader_.status(),
            .by_shield = reader_.by_shield(),
            .encoded = reader_.encoded(),
            .body_bytes = reader_.body_bytes(),
            .all_bytes = answer_bytes_});
}

void Connection::fail_call(Errc code) {
  state_ = State::closing;
  const bool late = code == Errc::timed_out;
  end_call({.at = late ? call_->deadline : route_.loop().now(),
            .failure = late ? Failure::timed_out : Failure::broken,
            .stale = code == Errc::closed && kept_ && reader_.untouched(),
            .why = code == Errc::invalid ? std::string_view("what came was not HTTP") : name(code)});
}

void Connection::end_call(const CallEnd& end) {
  exchanging_ = false;
  Call& call = *std::exchange(call_, nullptr);
  user_.call_ended(*this, call, end);
}

}  // namespace tenfold::rehearse
