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

template <IdleTurn turn>
net::Task<void> greet_with_turn(ServerExchange& exchange, ScriptedHandler& handler) {
  exchange.set_idle_turn(turn, turn == IdleTurn::last ? 60s : 0s);
  return ScriptedHandler::greet(exchange, handler);
}

class IdleTurnTest : public ServerTest {
 protected:
  IdleTurnTest() {
    handler.on("/stranger", &greet_with_turn<IdleTurn::first>);
    handler.on("/customer", &greet_with_turn<IdleTurn::second>);
    handler.on("/checkout", &greet_with_turn<IdleTurn::last>);
  }
  template <class Client>
  static void ask(Client& client, const std::string& path) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(client.take()), 200);
  }
  // Of the only connection.
  std::optional<IdleTurn> turn() const {
    std::optional<IdleTurn> found;
    for (const IdleTurn each : {IdleTurn::first, IdleTurn::second, IdleTurn::last}) {
      if (!longest_idle_since(context, each)) continue;
      EXPECT_FALSE(found.has_value());
      found = each;
    }
    return found;
  }
};

TEST_F(IdleTurnTest, IsWhatTheLastRequestSaidOfWhichAnythingWasSaid) {
  auto client = connect();
  EXPECT_EQ(turn(), IdleTurn::first);
  ask(client, "/customer");
  EXPECT_EQ(turn(), IdleTurn::second);
  ask(client, "/");
  EXPECT_EQ(turn(), IdleTurn::second);
  ask(client, "/stranger");
  EXPECT_EQ(turn(), IdleTurn::first);
}

TEST_F(IdleTurnTest, LastStaysLastForItsTimeUnlessItIsFirst) {
  auto client = connect();
  ask(client, "/checkout");
  network.advance(59s);
  ask(client, "/customer");
  EXPECT_EQ(turn(), IdleTurn::last);
  network.advance(1s);
  ask(client, "/customer");
  EXPECT_EQ(turn(), IdleTurn::second);
  ask(client, "/checkout");
  ask(client, "/stranger");
  EXPECT_EQ(turn(), IdleTurn::first);
}

TEST_F(IdleTurnTest, EachTurnHasItsLongestIdle) {
  auto customer = connect();
  ask(customer, "/customer");
  network.advance(1s);
  auto stranger = connect();
  ask(stranger, "/stranger");
  EXPECT_LT(longest_idle_since(context, IdleTurn::second), longest_idle_since(context, IdleTurn::first));
  close_longest_idle(context, IdleTurn::second);
  network.settle();
  EXPECT_TRUE(customer.closed());
  EXPECT_FALSE(stranger.closed());
}

TEST_F(IdleTurnTest, ADrainClosesAll) {
  auto stranger = connect(), customer = connect(), buyer = connect();
  ask(customer, "/customer");
  ask(buyer, "/checkout");
  drain.drain();
  network.settle();
  EXPECT_TRUE(stranger.closed() && customer.closed() && buyer.closed());
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
