// Connections on which nothing of a request has come: how long they may be so, and whom they make place for.
#include "http/server_fixture.hpp"

namespace tenfold::http {
namespace {

using testing::IsEmpty;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

net::Task<void> greet_late(ServerExchange& exchange, ScriptedHandler& handler) {
  auto slept = co_await exchange.loop().sleep_for(5s);
  if (slept) co_await ScriptedHandler::greet(exchange, handler);
}

TEST_F(ServerTest, ANewConnectionMustSendItsFirstByteInTheTimeForAHead) {
  auto client = connect();
  network.advance(limits.head_timeout - 10ms);
  EXPECT_FALSE(client.closed());
  network.advance(20ms);
  EXPECT_TRUE(client.closed());
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_EQ(metrics.timeouts.value(), 0u);
}

TEST_F(ServerTest, TheConnectionThatIsIdleForLongestIsClosedForAnother) {
  EXPECT_EQ(longest_idle_since(context), std::nullopt);
  auto first = connect();
  network.advance(1s);
  auto second = connect();
  const TimePoint second_came = server_loop.now();
  network.advance(1s);
  auto third = connect();
  first.send(get);  // and is idle anew, behind the others

  EXPECT_EQ(longest_idle_since(context), second_came);
  close_longest_idle(context);
  network.settle();

  EXPECT_TRUE(second.closed());
  EXPECT_THAT(second.received(), IsEmpty());
  EXPECT_FALSE(first.closed());
  EXPECT_FALSE(third.closed());
  EXPECT_EQ(metrics.displaced.value(), 1u);
  EXPECT_EQ(metrics.open_connections.value(), 2);
  first.take();
  first.send(get);
  EXPECT_EQ(status_of(first.take()), 200);
}

TEST_F(ServerTest, AConnectionWithAnyPartOfARequestIsNotIdle) {
  handler.on("/slow", &greet_late);
  handler.on("/in", &ScriptedHandler::take_body);
  auto head = connect();
  head.send("G");
  auto body = connect();
  body.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
  auto answer = connect();
  answer.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(longest_idle_since(context), std::nullopt);

  network.advance(6s);
  EXPECT_TRUE(longest_idle_since(context).has_value());  // answered
  close_longest_idle(context);
  network.settle();
  EXPECT_TRUE(answer.closed());
  EXPECT_EQ(longest_idle_since(context), std::nullopt);
}

}  // namespace
}  // namespace tenfold::http
