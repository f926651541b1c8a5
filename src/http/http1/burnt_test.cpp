// What a connection tells of the chores that its client gives it, and how it ends for them.
#include "http/chores.hpp"
#include "http/server_fixture.hpp"

namespace tenfold::http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string whole_request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string chunked_head = "POST /in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

// Reads what comes through a tunnel until the client may send no more.
net::Task<void> take_tunnel(ServerExchange& exchange, ScriptedHandler& handler) {
  ResponseHead head;
  auto stream = co_await exchange.upgrade(head, no_deadline);
  while (stream) {
    auto bytes = co_await (*stream)->read(no_deadline);
    if (!bytes || bytes->empty()) co_return;
    handler.seen.back().body.append(bytes->view());
    if (exchange.burn(Chore::tunnel_read) == Burning::ends) co_return;
  }
}

class BurntTest : public ServerTest {
 protected:
  BurntTest() {
    context.burnt = [this](const net::Endpoint& client, Duration burnt) {
      EXPECT_EQ(client.address, net::IpAddress::v4(0x7f000002));
      ++told;
      all += burnt;
      return verdict;
    };
    handler.on("/in", &ScriptedHandler::take_body);
    handler.on("/live", &take_tunnel);
    handler.on("/known", [](ServerExchange& exchange, ScriptedHandler& scripted) {
      exchange.spare();
      return ScriptedHandler::take_body(exchange, scripted);
    });
  }
  ~BurntTest() override { context.burnt = {}; }  // connections may outlive what it refers to
  // Sends pieces until the connection is closed; how many it took.
  int pieces_until_closed(RawPeer& client, std::string_view piece, int most) {
    for (int i = 0; i < most; ++i) {
      if (client.closed()) return i;
      client.send(std::string(piece));
      network.settle();
    }
    return most;
  }

  static constexpr int pieces_told = Burnt::told_from_ns / static_cast<int>(cost_ns(Chore::piece)) + 1;
  Burning verdict = Burning::may_go_on;
  int told = 0;
  Duration all{};
};

TEST_F(BurntTest, AWellBehavedConnectionTellsNothing) {
  {
    auto client = connect();
    for (int i = 0; i < 20; ++i) {
      client.send(whole_request);
      EXPECT_EQ(status_of(client.take()), 200);
    }
    client.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n");
    for (int i = 0; i < 3; ++i) {
      client.send(std::string(1000, 'x'));
      network.settle();
    }
    EXPECT_EQ(status_of(client.take()), 200);
  }
  network.settle();
  EXPECT_EQ(told, 0);
}

TEST_F(BurntTest, ChoresAreToldAtTheEndOfTheConnection) {
  {
    auto client = connect();
    for (const char* piece : {"GET / HT", "TP/1.1\r\nHo", "st: a\r\n\r\n"}) {
      client.send(piece);
      network.settle();
    }
    EXPECT_EQ(status_of(client.take()), 200);
    client.send("nonsense\r\n\r\n");
    network.settle();
    EXPECT_EQ(told, 0);
  }
  network.advance(10s);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(all, cost(Chore::piece) * 2 + cost(Chore::bad_request));
}

TEST_F(BurntTest, ManyAreToldWhileItLasts) {
  auto client = connect();
  client.send("GET /");
  EXPECT_EQ(pieces_until_closed(client, "x", pieces_told - 2), pieces_told - 2);
  EXPECT_EQ(told, 0);
  client.send("x");
  network.settle();
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(client.closed());
}

TEST_F(BurntTest, AHeadInPiecesEndsWithItsConnection) {
  verdict = Burning::ends;
  auto client = connect();
  client.send("GET /");
  EXPECT_EQ(pieces_until_closed(client, "x", 1000), pieces_told - 1);
  EXPECT_THAT(client.received(), IsEmpty());
}

TEST_F(BurntTest, ABodyInPiecesIsRefused) {
  verdict = Burning::ends;
  auto client = connect();
  client.send(chunked_head);
  network.settle();
  EXPECT_LE(pieces_until_closed(client, "1\r\nx\r\n", 1000), pieces_told);
  EXPECT_THAT(client.received(), HasSubstr("HTTP/1.1 429 "));
}

TEST_F(BurntTest, ChunksAsTinyAsCanBeCostEvenInLongReads) {
  verdict = Burning::ends;
  std::string chunks;
  for (int i = 0; i < 100'000; ++i) chunks += "1\r\nx\r\n";
  auto client = connect();
  client.send(chunked_head + chunks);
  EXPECT_THAT(client.take(), HasSubstr("HTTP/1.1 429 "));
  ASSERT_EQ(handler.seen.size(), 1u);
  EXPECT_THAT(handler.seen[0].body_error, Not(IsEmpty()));
}

TEST_F(BurntTest, AKnownCustomersRequestIsSparedForAWhile) {
  verdict = Burning::ends;
  auto client = connect();
  client.send("POST /known HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  network.settle();
  const int taken = pieces_until_closed(client, "x", 40'000);
  EXPECT_GT(taken, pieces_told * 250);
  EXPECT_LE(taken, pieces_told * 252);
}

const std::string asks_for_tunnel =
    "GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

TEST_F(BurntTest, EachReadOfATunnelCosts) {
  verdict = Burning::ends;
  auto client = connect();
  client.send(asks_for_tunnel);
  network.settle();
  EXPECT_THAT(client.take(), HasSubstr("HTTP/1.1 101 "));
  constexpr int reads_told = Burnt::told_from_ns / static_cast<int>(cost_ns(Chore::tunnel_read)) + 1;
  EXPECT_EQ(pieces_until_closed(client, "x", 1000), reads_told);
  EXPECT_EQ(all, cost(Chore::tunnel_read) * reads_told);
}

TEST_F(BurntTest, AChatThatEndsTellsWhatItCost) {
  {
    auto client = connect();
    client.send(asks_for_tunnel);
    network.settle();
    for (int i = 0; i < 10; ++i) {
      client.send("hello");
      network.settle();
    }
    ASSERT_EQ(handler.seen.size(), 1u);
    EXPECT_EQ(handler.seen[0].body.size(), 50u);
    EXPECT_EQ(told, 0);
  }
  network.advance(10s);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(all, cost(Chore::tunnel_read) * 10);
}

TEST_F(BurntTest, OfManyPipelinedRequestsThoseAreAnsweredThatCameBeforeTheVerdict) {
  verdict = Burning::ends;
  std::string many;
  for (int i = 0; i < 2000; ++i) many += whole_request;
  auto client = connect();
  client.send(many);
  network.advance(1s);  // others have their turns between
  const std::string answered = client.take();
  const std::size_t until_told = Burnt::told_from_ns / cost_ns(Chore::pipelined);
  EXPECT_GE(handler.seen.size(), until_told);
  EXPECT_LT(handler.seen.size(), until_told * 5 / 4) << "but for a few in each turn";
  EXPECT_THAT(answered, HasSubstr("Connection: close"));
}

net::Task<void> take_a_millisecond(ServerExchange& exchange, ScriptedHandler& handler) {
  auto slept = co_await exchange.loop().sleep_for(1ms);
  (void)slept;
  co_await ScriptedHandler::greet(exchange, handler);
}

TEST_F(BurntTest, PipelinedRequestsCostAlsoWhereEachIsAnsweredInATurnOfItsOwn) {
  handler.on("/slow", &take_a_millisecond);
  std::string many;
  for (int i = 0; i < 50; ++i) many += "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
  {
    auto client = connect();
    client.send(many);
    network.advance(1s);
    EXPECT_EQ(handler.seen.size(), 50u);
  }
  network.advance(10s);
  EXPECT_EQ(all, cost(Chore::pipelined) * (50 - 1 - few_pipelined));
}

TEST_F(BurntTest, AFewAtOnceArePipelinedForNothing) {
  auto client = connect();
  client.send(whole_request + whole_request + whole_request + whole_request);
  network.settle();
  client.take();
  client.send("x");  // the connection's end is told by what this costs
  network.advance(1min);
  EXPECT_EQ(all, cost(Chore::piece));
}

}  // namespace
}  // namespace tenfold::http
