// Answers that are larger than what lies between server and client, and clients that take their time.
#include "http/server_fixture.hpp"

namespace tenfold::http::http1 {
namespace {

net::Task<void> huge(ServerExchange& exchange, ScriptedHandler&) {
  ResponseHead head;
  const std::string body(10'000'000, 'b');
  auto sent = co_await exchange.send(head, body, BodyEnd::last, no_deadline);
  EXPECT_FALSE(sent.has_value());
}

net::Task<void> send_get(net::Stream& stream) {
  auto sent = co_await stream.write("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n", no_deadline);
  (void)sent;
}

TEST_F(ServerTest, ResetsClientsThatDoNotTakeTheirAnswer) {
  handler.on("/huge", &huge);
  auto connected = net::sim::run_task(network, client_loop, client_loop.connect(at, {}, no_deadline));
  const std::unique_ptr<net::Stream> stream = std::move(*connected);  // which is never read
  net::sim::run_task(network, client_loop, send_get(*stream));
  network.advance(limits.write_timeout - 10ms);
  EXPECT_EQ(metrics.open_connections.value(), 1);
  network.advance(20ms);
  EXPECT_EQ(metrics.open_connections.value(), 0);
  EXPECT_EQ(metrics.slow_readers.value(), 1u);
}

net::Task<void> read_slowly(net::Stream& stream, Duration pause, std::size_t bytes, std::size_t& received) {
  while (received < bytes) {
    auto part = co_await stream.read(no_deadline);
    if (!part || part->empty()) co_return;
    received += part->size();
    auto slept = co_await stream.loop().sleep_for(pause);
  }
}

net::Task<void> large(ServerExchange& exchange, ScriptedHandler&) {
  ResponseHead head;
  const std::string body(2'000'000, 'b');
  auto sent = co_await exchange.send(head, body, BodyEnd::last, no_deadline);
  EXPECT_TRUE(sent.has_value());
}

// The limit is on the time in which nothing moves: here some 60 s of 100 ms each.
TEST_F(ServerTest, WhoTakesALargeAnswerSlowlyGetsIt) {
  limits.write_timeout = 3s;
  handler.on("/huge", &large);
  auto connected = net::sim::run_task(network, client_loop, client_loop.connect(at, {}, no_deadline));
  const std::unique_ptr<net::Stream> stream = std::move(*connected);
  std::size_t received = 0;
  net::Scope scope;
  scope.spawn(send_get(*stream));
  scope.spawn(read_slowly(*stream, 100ms, 2'000'000, received));
  network.advance(10s);
  EXPECT_LT(received, 2'000'000u);
  network.advance(10min);
  EXPECT_GE(received, 2'000'000u);
  EXPECT_EQ(metrics.slow_readers.value(), 0u);
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(ServerTest, WhoStopsTakingALargeAnswerIsReset) {
  limits.write_timeout = 16s;
  handler.on("/huge", &huge);
  auto connected = net::sim::run_task(network, client_loop, client_loop.connect(at, {}, no_deadline));
  const std::unique_ptr<net::Stream> stream = std::move(*connected);
  std::size_t received = 0;
  net::Scope scope;
  scope.spawn(send_get(*stream));
  scope.spawn(read_slowly(*stream, 10ms, 1'000'000, received));  // and no more
  network.run_until([&] { return scope.running() == 0; }, 1min);
  network.advance(limits.write_timeout - 1s);
  EXPECT_EQ(metrics.open_connections.value(), 1);
  network.advance(2s);
  EXPECT_EQ(metrics.open_connections.value(), 0);
  EXPECT_EQ(metrics.slow_readers.value(), 1u);
}

net::Task<void> page(ServerExchange& exchange, ScriptedHandler&) {
  ResponseHead head;
  const std::string body(7'000, 'p');
  auto sent = co_await exchange.send(head, body, BodyEnd::last, no_deadline);
  (void)sent;
}

net::Task<void> ask_for_pages(net::Stream& stream, int count) {
  std::string requests;
  for (int i = 0; i < count; ++i) requests += "GET /page HTTP/1.1\r\nHost: a\r\n\r\n";
  auto sent = co_await stream.write(requests, no_deadline);
  (void)sent;
}

// Asks for pages at once, or one after the other whatever has come.
class HoldingBackTest : public ServerTest {
 protected:
  HoldingBackTest() { handler.on("/page", &page); }
  ~HoldingBackTest() override {
    scope.cancel();
    network.advance(10min);
  }
  std::unique_ptr<net::Stream> open() {
    auto connected = net::sim::run_task(network, client_loop, client_loop.connect(at, {}, no_deadline));
    return std::move(*connected);
  }
  // What the client's system takes unread (8 buffers here), and 16 KiB.
  static constexpr std::size_t answered_unread = 8 + 3;
  net::Scope scope;
  std::size_t received = 0;
};

TEST_F(HoldingBackTest, WhoTakesNothingIsAnsweredNoMoreThanAFew) {
  const auto stream = open();
  scope.spawn(ask_for_pages(*stream, 100));
  network.advance(1s);
  EXPECT_EQ(handler.seen.size(), answered_unread);
  EXPECT_GE(metrics.held_back.value(), 1u);
  network.advance(limits.write_timeout + 1s);
  EXPECT_EQ(handler.seen.size(), answered_unread);
  EXPECT_EQ(metrics.slow_readers.value(), 1u);
  EXPECT_EQ(metrics.open_connections.value(), 0);
}

TEST_F(HoldingBackTest, WhoAsksPieceByPieceIsNotAnsweredMore) {
  const auto stream = open();
  for (int i = 0; i < 30; ++i) {
    net::sim::run_task(network, client_loop, ask_for_pages(*stream, 1));
    network.advance(100ms);
  }
  EXPECT_EQ(handler.seen.size(), answered_unread);
}

TEST_F(HoldingBackTest, WhoTakesWhatCameIsAnsweredAll) {
  const auto stream = open();
  scope.spawn(ask_for_pages(*stream, 100));
  network.advance(2s);
  EXPECT_EQ(handler.seen.size(), answered_unread);
  scope.spawn(read_slowly(*stream, 1ms, 700'000, received));
  network.run_until([&] { return scope.running() == 0; }, 5min);
  EXPECT_EQ(handler.seen.size(), 100u);
  EXPECT_GE(received, 700'000u);
  EXPECT_EQ(metrics.slow_readers.value(), 0u);
}

TEST_F(HoldingBackTest, WhoReadsBeforeAskingAgainNeverWaits) {
  const auto stream = open();
  for (std::size_t i = 1; i <= 50; ++i) {
    net::sim::run_task(network, client_loop, ask_for_pages(*stream, 1));
    scope.spawn(read_slowly(*stream, 0ms, 7'000 * i, received));
    network.run_until([&] { return scope.running() == 0; }, 10s);
  }
  EXPECT_EQ(handler.seen.size(), 50u);
  EXPECT_EQ(metrics.held_back.value(), 0u);
}

TEST_F(HoldingBackTest, WhoLeavesMeanwhileIsLetGo) {
  auto stream = open();
  scope.spawn(ask_for_pages(*stream, 100));
  network.advance(1s);
  stream->reset_on_close();
  stream.reset();
  network.advance(2s);
  EXPECT_EQ(metrics.open_connections.value(), 0);
  EXPECT_EQ(metrics.slow_readers.value(), 0u);
}

}  // namespace
}  // namespace tenfold::http::http1
