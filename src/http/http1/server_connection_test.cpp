#include "http/http1/server_connection.hpp"

#include "http/server_fixture.hpp"

namespace tenfold::http::http1 {
namespace {

using namespace std::string_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string hello = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 5\r\n\r\nhello";

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  auto client = connect();
  client.send(get);
  EXPECT_EQ(client.take(), hello);
  client.send(get);
  EXPECT_EQ(client.take(), hello);
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(metrics.requests.value(), 2u);
  EXPECT_EQ(metrics.connections.value(), 1u);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  auto client = connect();
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send(requests);
  network.advance(1s);
  ASSERT_EQ(handler.seen.size(), 100u);
  EXPECT_EQ(handler.seen[73].target, "/73");
  EXPECT_EQ(client.received().size(), 100 * hello.size());
}

TEST_F(ServerTest, ReadsAHeadThatComesByteByByte) {
  auto client = connect();
  for (const char c : "POST /x?y HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc"s)
    client.send(std::string(1, c));
  EXPECT_THAT(client.take(), EndsWith("hello"));
  ASSERT_EQ(handler.seen.size(), 1u);
  EXPECT_EQ(handler.seen[0].target, "/x?y");
  EXPECT_EQ(handler.seen[0].authority, "shop");
}

TEST_F(ServerTest, ReadsBodiesOfKnownLength) {
  handler.on("/in", &ScriptedHandler::take_body);
  auto client = connect();
  client.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
  client.send("56789" + get);
  EXPECT_THAT(client.take(), HasSubstr("\r\n\r\n10HTTP/1.1 200 OK"));
  EXPECT_EQ(handler.seen[0].body, "0123456789");
}

TEST_F(ServerTest, ReadsChunkedBodiesWithTrailers) {
  handler.on("/in", &ScriptedHandler::take_body);
  auto client = connect();
  client.send("POST /in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n worl");
  client.send("d\r\n0\r\nServer-Timing: a\r\n\r\n" + get);
  EXPECT_EQ(handler.seen[0].body, "hello world");
  EXPECT_EQ(handler.seen[0].trailers["Server-Timing"], "a");
  EXPECT_EQ(handler.seen.size(), 2u);
}

TEST_F(ServerTest, ReadsTheBodyOfARequestWhoseAbsoluteTargetHasNoPath) {
  handler.on("/", &ScriptedHandler::take_body);
  EXPECT_EQ(status_of(ask("POST http://a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")), 200);
  EXPECT_EQ(handler.seen[0].target, "/");
  EXPECT_EQ(handler.seen[0].body, "abc");
}

TEST_F(ServerTest, TheTargetOfAnAbsoluteFormThatHasAQueryAloneBeginsWithASlash) {
  handler.on("/?x=1", &ScriptedHandler::take_body);
  EXPECT_EQ(status_of(ask("GET http://a?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
  EXPECT_EQ(handler.seen[0].target, "/?x=1");
}

TEST_F(ServerTest, RefusesABadChunkAndCloses) {
  handler.on("/in", &ScriptedHandler::take_body);
  auto client = connect();
  client.send("POST /in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n" + get);
  EXPECT_EQ(status_of(client.received()), 400);
  EXPECT_THAT(client.received(), HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(handler.seen.size(), 1u);
  client.finish();
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, TellsAWaitingClientToContinue) {
  handler.on("/in", &ScriptedHandler::take_body);
  auto client = connect();
  client.send("PUT /in HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.take(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(status_of(client.received()), 200);
  EXPECT_FALSE(client.closed());
}

TEST_F(ServerTest, ClosesWhenAWaitingClientWasNotToldToContinue) {
  auto client = connect();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.received(), HasSubstr("Connection: close"));
  EXPECT_THAT(client.received(), Not(HasSubstr("100 Continue")));
}

TEST_F(ServerTest, DoesNotSayContinueWhenTheBodyIsHere) {
  handler.on("/in", &ScriptedHandler::take_body);
  auto client = connect();
  client.send("PUT /in HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc");
  EXPECT_EQ(status_of(client.received()), 200);
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  auto client = connect();
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  const std::string head = hello.substr(0, hello.size() - 5);
  EXPECT_EQ(client.take(), head + hello);
}

net::Task<void> stream_out(ServerExchange& exchange, ScriptedHandler&) {
  ResponseHead head;
  head.headers.add("Content-Type", "text/plain");
  auto sent = co_await exchange.send(head, "one", BodyEnd::more, no_deadline);
  sent = co_await exchange.send_body(std::string(300, 'x'), BodyEnd::more, no_deadline);
  sent = co_await exchange.send_body({}, BodyEnd::more, no_deadline);
  Headers trailers;
  trailers.add("Server-Timing", "t");
  sent = co_await exchange.send_body("two", BodyEnd::last, no_deadline, &trailers);
}

TEST_F(ServerTest, SendsChunksWhereTheLengthIsUnknown) {
  handler.on("/out", &stream_out);
  auto client = connect();
  client.send("GET /out HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.take(), EndsWith("Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n12c\r\n" + std::string(300, 'x') +
                                      "\r\n3\r\ntwo\r\n0\r\nServer-Timing: t\r\n\r\n"));
  EXPECT_FALSE(client.closed());
}

TEST_F(ServerTest, SendsUntilCloseToHttp10) {
  handler.on("/out", &stream_out);
  auto client = connect();
  client.send("GET /out HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.received(), Not(HasSubstr("chunked")));
  EXPECT_THAT(client.received(), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(client.received(), EndsWith("\r\n\r\none" + std::string(300, 'x') + "two"));
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, KeepsHttp10ConnectionsOnlyWhenAsked) {
  auto client = connect();
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.take(), HasSubstr("Connection: keep-alive\r\n"));
  EXPECT_FALSE(client.closed());
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.take(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(client.closed());
}

net::Task<void> big(ServerExchange& exchange, ScriptedHandler&) {
  ResponseHead head;
  const std::string body(500'000, 'b');
  auto sent = co_await exchange.send(head, body, BodyEnd::last, no_deadline);
  (void)sent;
}

TEST_F(ServerTest, SendsBigBodiesWhole) {
  handler.on("/big", &big);
  auto client = connect();
  client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.received(), HasSubstr("Content-Length: 500000\r\n\r\nbbb"));
  EXPECT_EQ(client.received().size(), client.received().find("\r\n\r\n") + 4 + 500'000);
}

net::Task<void> promise_too_much(ServerExchange& exchange, ScriptedHandler&) {
  ResponseHead head;
  head.headers.add(Field::content_length, "10");
  auto sent = co_await exchange.send(head, "123", BodyEnd::more, no_deadline);
  sent = co_await exchange.send_body("45678901", BodyEnd::last, no_deadline);
  EXPECT_FALSE(sent.has_value());
}

TEST_F(ServerTest, ClosesWhenTheHandlerSendsAnotherLengthThanItSaid) {
  handler.on("/liar", &promise_too_much);
  auto client = connect();
  client.send("GET /liar HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  EXPECT_THAT(client.received(), EndsWith("\r\n\r\n123"));
  EXPECT_TRUE(client.closed());
}

net::Task<void> inject(ServerExchange& exchange, ScriptedHandler&) {
  ResponseHead head;
  head.headers.add("X-Good", "1");
  head.headers.add("X-Bad", "1\r\nX-Injected: 2");
  head.headers.add("Connection", "close");
  head.headers.add("Transfer-Encoding", "gzip");
  head.headers.add(Field::date, "Mon, 01 Jan 2024 00:00:00 GMT");
  auto sent = co_await exchange.send(head, "x", BodyEnd::last, no_deadline);
  (void)sent;
}

TEST_F(ServerTest, WritesOnlyWhatIsSafeAndItsOwnFraming) {
  handler.on("/i", &inject);
  EXPECT_EQ(ask("GET /i HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nX-Good: 1\r\ndate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Length: 1\r\n\r\nx");
}

net::Task<void> tunnel(ServerExchange& exchange, ScriptedHandler&) {
  ResponseHead head;
  head.headers.add("Upgrade", "websocket");
  auto stream = co_await exchange.upgrade(head, no_deadline);
  if (!stream) co_return;
  while (true) {
    auto bytes = co_await (*stream)->read(no_deadline);
    if (!bytes || bytes->empty()) co_return;
    auto sent = co_await (*stream)->write(bytes->view(), no_deadline);
    if (!sent) co_return;
  }
}

TEST_F(ServerTest, GivesTheRawStreamAfterAnUpgrade) {
  handler.on("/ws", &tunnel);
  auto client = connect();
  client.send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly");
  EXPECT_THAT(client.received(), StartsWith("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"));
  EXPECT_THAT(client.take(), EndsWith("Connection: Upgrade\r\n\r\nearly"));
  client.send("late");
  EXPECT_EQ(client.take(), "late");
  client.finish();
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, UpgradesNobodyWhoDidNotAsk) {
  handler.on("/ws", &tunnel);
  auto client = connect();
  client.send("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.received(), "");
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, AnswersAClientThatHasFinishedSending) {
  auto client = connect();
  client.send(get);
  client.finish();
  EXPECT_EQ(client.take(), hello);
  EXPECT_TRUE(client.closed());
  EXPECT_FALSE(client.reset());
}

net::Task<void> slow_greet(ServerExchange& exchange, ScriptedHandler&) {
  auto slept = co_await exchange.loop().sleep_for(5s);
  ResponseHead head;
  auto sent = co_await exchange.send(head, "slow", BodyEnd::last, no_deadline);
}

TEST_F(ServerTest, AnswersAHalfClosedClientLaterToo) {
  handler.on("/slow", &slow_greet);
  auto client = connect();
  client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  client.finish();
  EXPECT_FALSE(client.closed());
  network.advance(6s);
  EXPECT_THAT(client.received(), EndsWith("slow"));
  EXPECT_TRUE(client.closed());
}

// ---- time-outs ----

TEST_F(ServerTest, ClosesIdleConnectionsSilently) {
  auto client = connect();
  client.send(get);
  client.take();
  network.advance(limits.idle_timeout - 10ms);
  EXPECT_FALSE(client.closed());
  network.advance(20ms);
  EXPECT_TRUE(client.closed());
  EXPECT_THAT(client.received(), IsEmpty());
}

TEST_F(ServerTest, GivesASlowHeadItsTimeAndNoMore) {
  auto client = connect();
  client.send(get);
  client.take();
  network.advance(20s);
  client.send("GET / HTTP/1.1\r\nX: ");
  for (int second = 0; second < 9; ++second) {
    network.advance(1s);
    client.send("y");
  }
  EXPECT_THAT(client.received(), IsEmpty());
  network.advance(1100ms);
  EXPECT_EQ(status_of(client.received()), 408);
  EXPECT_EQ(metrics.timeouts.value(), 1u);
  network.advance(6s);
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, AnswersASlowBodyWith408) {
  handler.on("/in", &ScriptedHandler::take_body);
  auto client = connect();
  client.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0");
  network.advance(29s);
  client.send("1");
  network.advance(29s);
  EXPECT_THAT(client.received(), IsEmpty());
  network.advance(2s);
  EXPECT_EQ(status_of(client.received()), 408);
  EXPECT_EQ(metrics.timeouts.value(), 1u);
}

TEST_F(ServerTest, TellsOfWhoNeverSendsItsRequestWhole) {
  std::vector<std::string> told;
  context.half_sent = [&](const net::Endpoint& client) { told.push_back(client.address.text()); };
  handler.on("/in", &ScriptedHandler::take_body);
  auto slow_head = connect();
  slow_head.send("GET / HTTP/1.1\r\nX: ");
  network.advance(10s);
  EXPECT_EQ(told.size(), 1u);
  auto slow_body = connect();
  slow_body.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0");
  network.advance(61s);
  EXPECT_EQ(told.size(), 2u);
  {
    auto leaves = connect();
    leaves.send("GET / HTTP/1.1\r\nX: ");
    leaves.finish();
    network.advance(100ms);
  }
  EXPECT_EQ(told.size(), 3u);
  auto whole = connect();
  whole.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  auto idle = connect();
  network.advance(300s);
  EXPECT_EQ(told.size(), 3u);
}

// ---- bounds ----

TEST_F(ServerTest, RefusesBodiesOverTheLimit) {
  limits.body_bytes = 10;
  handler.on("/in", &ScriptedHandler::take_body);
  auto fits = connect();
  fits.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_EQ(status_of(fits.received()), 200);
  auto over = connect();
  over.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n0123456789");
  EXPECT_EQ(status_of(over.received()), 413);
  auto chunked = connect();
  chunked.send("POST /in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789x\r\n0\r\n\r\n");
  EXPECT_EQ(status_of(chunked.received()), 413);
  EXPECT_EQ(handler.seen.size(), 2u);
}

TEST_F(ServerTest, ThrowsAwayAnUnreadBodyUpToTheBound) {
  limits.drain_bytes = 1000;
  auto client = connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + std::string(400, 'x'));
  EXPECT_EQ(status_of(client.take()), 200);
  client.send(std::string(600, 'x') + get);
  EXPECT_EQ(client.take(), hello);

  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_THAT(client.take(), HasSubstr("Connection: close"));
  client.send(std::string(1001, 'x') + get);
  EXPECT_THAT(client.take(), IsEmpty());
  EXPECT_EQ(handler.seen.size(), 3u);
}

constexpr std::string_view post_chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(ServerTest, AnUnreadChunkedBodyThatIsAllHereKeepsTheConnection) {
  auto client = connect();
  client.send(std::string(post_chunked) + "5\r\nhello\r\n0\r\nA: b\r\n\r\n" + get);
  EXPECT_EQ(client.take(), std::string(hello) + hello);
}

TEST_F(ServerTest, SaysThatItClosesWhereAnUnreadChunkedBodyMayGoOn) {
  for (const std::string_view here : {"", "5\r\nhel", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n", "x"}) {
    auto client = connect();
    client.send(std::string(post_chunked) + std::string(here));
    EXPECT_THAT(client.take(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Connection: close\r\n"))) << here;
    // What comes yet is nobody's request.
    client.send("\r\n0\r\n\r\n" + std::string(get));
    EXPECT_THAT(client.take(), IsEmpty());
    network.advance(6s);
    EXPECT_TRUE(client.closed()) << here;
  }
}

TEST_F(ServerTest, SaysThatItClosesWhereAnUnreadChunkedBodyIsTooLong) {
  limits.body_bytes = 15;  // counting the coding, which is here too
  const std::string body = "5\r\nhello\r\n0\r\n\r\n";
  auto just = connect();
  just.send(std::string(post_chunked) + body);
  EXPECT_EQ(just.take(), hello);
  limits.body_bytes = 14;
  auto over = connect();
  over.send(std::string(post_chunked) + body);
  EXPECT_THAT(over.take(), HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, AChunkedBodyReadInPartsOnlyClosesTheConnection) {
  handler.on("/some", [](ServerExchange& exchange, ScriptedHandler& own) -> net::Task<void> {
    auto part = co_await exchange.read_body(no_deadline);
    EXPECT_TRUE(part);
    co_await ScriptedHandler::greet(exchange, own);
  });
  auto client = connect();
  client.send("POST /some HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  EXPECT_THAT(client.take(), HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, GivesAnUnreadBodyItsTimeAndNoMore) {
  auto client = connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_EQ(status_of(client.take()), 200);
  network.advance(limits.body_timeout / 2);
  client.send("x");
  network.advance(limits.body_timeout / 2 - 10ms);
  EXPECT_FALSE(client.closed());
  network.advance(20ms);
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, EndsAConnectionAfterItsLastRequest) {
  limits.requests_per_connection = 2;
  auto client = connect();
  client.send(get);
  EXPECT_THAT(client.take(), Not(HasSubstr("Connection: close")));
  client.send(get);
  EXPECT_THAT(client.take(), HasSubstr("Connection: close"));
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, LetsARefusedClientTakeTheAnswerWhileItStillSends) {
  auto client = connect();
  client.send("BAD\r\n" + std::string(10'000, 'x'));
  EXPECT_EQ(status_of(client.received()), 400);
  client.send(std::string(10'000, 'x'));
  EXPECT_FALSE(client.reset());
  client.finish();
  EXPECT_TRUE(client.closed());
  EXPECT_FALSE(client.reset());
  EXPECT_EQ(metrics.bad_requests.value(), 1u);
}

class OwnPages final : public ErrorPages {
 public:
  std::string page(int status, std::string_view) const override { return "our " + std::to_string(status); }
};

TEST_F(ServerTest, RefusesWithTheShopsOwnPages) {
  const OwnPages pages;
  context.error_pages = &pages;
  EXPECT_THAT(ask("BAD\r\n"), EndsWith("\r\n\r\nour 400"));
}

// ---- draining ----

TEST_F(ServerTest, DrainClosesIdleConnectionsAtOnceAndBusyOnesAfterTheirAnswer) {
  handler.on("/slow", &slow_greet);
  auto idle = connect();
  auto kept = connect();
  kept.send(get);
  auto busy = connect();
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  auto half = connect();
  half.send("GET / HTTP/1.1\r\n");

  drain.drain();
  network.settle();

  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(kept.closed());
  EXPECT_FALSE(busy.closed());
  half.send("Host: a\r\n\r\n");
  EXPECT_THAT(half.received(), HasSubstr("Connection: close"));
  EXPECT_TRUE(half.closed());
  network.advance(6s);
  EXPECT_THAT(busy.received(), HasSubstr("Connection: close"));
  EXPECT_TRUE(busy.closed());
}

// Has answered, and is not done yet: whatever happens on the loop before it is comes between an answer and the wait for
// the next request.
net::Task<void> greet_and_tarry(ServerExchange& exchange, ScriptedHandler& handler) {
  co_await ScriptedHandler::greet(exchange, handler);
  auto slept = co_await exchange.loop().sleep_for(5s);
}

TEST_F(ServerTest, WhoWasPromisedAnotherAnswerGetsItWhileDraining) {
  handler.on("/tarry", &greet_and_tarry);
  auto client = connect();
  client.send("GET /tarry HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.take(), Not(HasSubstr("Connection: close")));

  drain.last_answers();
  network.advance(6s);

  EXPECT_FALSE(client.closed());
  client.send(get);
  EXPECT_THAT(client.received(), HasSubstr("Connection: close"));
  EXPECT_TRUE(client.closed());
}

net::Task<void> say_nothing(ServerExchange&, ScriptedHandler&) { co_return; }

TEST_F(ServerTest, ClosesWhenTheHandlerGivesNoAnswer) {
  handler.on("/drop", &say_nothing);
  auto client = connect();
  client.send("GET /drop HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_TRUE(client.closed());
}

net::Task<void> early_hints(ServerExchange& exchange, ScriptedHandler& handler) {
  ResponseHead hints;
  hints.status = 103;
  hints.headers.add("Link", "</a.css>");
  auto sent = co_await exchange.send_interim(hints, no_deadline);
  co_await ScriptedHandler::greet(exchange, handler);
}

net::Task<void> read_on(ServerExchange& exchange) {
  auto part = co_await exchange.read_body(no_deadline);
  (void)part;
}

// As a proxy does whose origin answers while the body is still being asked for.
net::Task<void> answer_while_reading(ServerExchange& exchange, ScriptedHandler& handler) {
  net::Scope reading;
  reading.spawn(read_on(exchange));
  co_await early_hints(exchange, handler);
  co_await reading.drain();
}

net::Task<void> fill_the_window(ServerExchange& exchange, ScriptedHandler&) {
  constexpr std::size_t window_bytes = 64 * 1024;  // of the simulated network
  const std::string body(window_bytes - 80, 'x');
  ResponseHead head;
  auto sent = co_await exchange.send(head, body, BodyEnd::last, no_deadline);
  (void)sent;
}

net::Task<void> send_text(net::Stream& stream, std::string text) {
  auto sent = co_await stream.write(text, no_deadline);
  (void)sent;
}

net::Task<void> read_until(net::Stream& stream, std::string& into, std::string_view end) {
  while (!into.ends_with(end)) {
    auto bytes = co_await stream.read(no_deadline);
    if (!bytes || bytes->empty()) co_return;
    into.append(bytes->view());
  }
}

TEST_F(ServerTest, AnswersOnlyAfterTheContinueThatIsUnderWay) {
  limits.untaken_bytes = 1 << 20;  // else the second request would wait until there is room again
  handler.on("/fill", &fill_the_window);
  handler.on("/early", &answer_while_reading);
  auto connected = net::sim::run_task(network, client_loop, client_loop.connect(at, {}, no_deadline));
  const std::unique_ptr<net::Stream> stream = std::move(*connected);
  net::sim::run_task(network, client_loop,
                     send_text(*stream,
                               "GET /fill HTTP/1.1\r\nHost: a\r\n\r\n"
                               "PUT /early HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                               "Expect: 100-continue\r\n\r\n"));
  network.settle();
  net::Scope scope;
  std::string received;
  scope.spawn(read_until(*stream, received, "hello"));
  network.settle();
  scope.spawn(send_text(*stream, "abc"));
  network.settle();
  EXPECT_THAT(received,
              EndsWith("xHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + hello));
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(ServerTest, SendsInterimResponses) {
  handler.on("/hints", &early_hints);
  EXPECT_EQ(ask("GET /hints HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + hello);
}

}  // namespace
}  // namespace tenfold::http::http1
