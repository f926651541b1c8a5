#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/client.hpp"
#include "http/raw_peer.hpp"
#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"

namespace tenfold::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

net::Task<Result<std::string>> read_all(ClientConnection& client, TimePoint deadline) {
  std::string body;
  while (true) {
    auto part = co_await client.read_body(deadline);
    if (!part) co_return std::unexpected(part.error());
    if (part->empty()) co_return body;
    body.append(part->view());
  }
}

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    auto stream = run(client_loop.connect(at, {}, no_deadline));
    client = make_http1_client(std::move(*stream));
    auto accepted = run(listener->accept());
    origin = std::make_unique<RawPeer>(network, std::move(*accepted));
  }

  template <class T>
  T run(net::Task<T> task) {
    return net::sim::run_task(network, client_loop, std::move(task));
  }
  TimePoint soon() { return network.clock().now() + 1s; }

  Result<void> send(Method method = Method::get, std::string_view body = {}) {
    head.method = method;
    head.method_name = name(method);
    head.authority = "shop.example";
    head.target = "/x?y";
    const BodyLength length =
        body.empty() ? BodyLength{} : BodyLength{BodyLength::Kind::known, static_cast<std::uint64_t>(body.size())};
    return run(client->send_request(head, length, body, BodyEnd::last, soon()));
  }
  // Status and body of a response, or "error: ...".
  std::string exchange(const std::string& response, Method method = Method::get) {
    EXPECT_TRUE(send(method).has_value());
    origin->send(response);
    auto got = run(client->read_head(soon()));
    if (!got) return "error: " + got.error().text();
    auto body = run(read_all(*client, soon()));
    if (!body) return "error: " + body.error().text();
    return std::to_string((*got)->status) + " " + *body;
  }

  net::sim::SimNetwork network{3};
  net::sim::SimLoop& origin_loop = network.make_loop();
  net::sim::SimLoop& client_loop = network.make_loop(net::IpAddress::v4(0x7f000002));
  net::Endpoint at = *net::Endpoint::parse("127.0.0.1:80");
  std::unique_ptr<net::Listener> listener = *origin_loop.listen(at, {});
  RequestHead head;
  std::unique_ptr<ClientConnection> client;
  std::unique_ptr<RawPeer> origin;
};

TEST_F(ClientTest, SendsRequestsAsWritten) {
  head.headers.add("Host", "ignored");
  head.headers.add("Accept", "*/*");
  head.headers.add("Connection", "close");
  head.headers.add("Content-Length", "77");
  EXPECT_TRUE(send(Method::post, "abc").has_value());
  network.settle();
  EXPECT_EQ(origin->received(),
            "POST /x?y HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\nContent-Length: 3\r\n\r\nabc");
}

TEST_F(ClientTest, ReadsOneResponseAfterAnother) {
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), "200 abc");
  EXPECT_TRUE(client->reusable());
  EXPECT_TRUE(client->alive());
  EXPECT_EQ(exchange("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), "404 ");
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;e\r\nc\r\n0\r\nX: 1\r\n\r\n"),
            "200 abc");
  EXPECT_EQ(client->trailers().find("x"), "1");
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", Method::head), "200 ");
  EXPECT_EQ(exchange("HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\n"), "304 ");
  EXPECT_TRUE(client->reusable());
}

TEST_F(ClientTest, ReadsAResponseThatComesInPieces) {
  network.set_faults(at, {.largest_piece = 3});
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\nX-Name: value\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
            "200 hello");
  EXPECT_TRUE(client->reusable());
}

TEST_F(ClientTest, TheHeadStaysValidWhileTheBodyIsTaken) {
  ASSERT_TRUE(send().has_value());
  origin->send("HTTP/1.1 200 Fine\r\nETag: \"1\"\r\nContent-Length: 5\r\n\r\nhello");
  auto got = run(client->read_head(soon()));
  ASSERT_TRUE(got.has_value());
  {
    const net::Buffer body = client->take_ready_body();
    EXPECT_EQ(body.view(), "hello");
  }
  EXPECT_TRUE(client->body_done());
  EXPECT_EQ((*got)->reason, "Fine");
  EXPECT_EQ((*got)->headers.find(Field::etag), "\"1\"");
}

TEST_F(ClientTest, GivesInterimResponsesToo) {
  ASSERT_TRUE(send().has_value());
  origin->send(
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
      "1\r\n\r\na");
  for (const int status : {103, 100, 200}) {
    auto got = run(client->read_head(soon()));
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ((*got)->status, status);
  }
  EXPECT_EQ(client->take_ready_body().view(), "a");
}

std::string hints(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  return text;
}

TEST_F(ClientTest, SixteenInterimResponsesAreEnough) {
  for (const int count : {16, 17}) {
    ASSERT_TRUE(send().has_value());
    origin->send(hints(count) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    Result<const ResponseHead*> got = run(client->read_head(soon()));
    while (got && (*got)->status == 103) got = run(client->read_head(soon()));
    EXPECT_EQ(got.has_value(), count == 16);
    if (count == 17) {
      EXPECT_EQ(got.error().code, Errc::invalid);
    }
  }
  EXPECT_FALSE(client->alive());
}

TEST_F(ClientTest, WhatTheServerSaidBeforeItClosedIsReadAfterASendFailed) {
  head.method = Method::post;
  head.method_name = "POST";
  head.authority = "shop.example";
  head.target = "/";
  const BodyLength length{BodyLength::Kind::known, 1'000'000};
  ASSERT_TRUE(run(client->send_request(head, length, "begins", BodyEnd::more, soon())).has_value());
  // closes over what it has not read
  origin->send("HTTP/1.1 413 No\r\nContent-Length: 5\r\n\r\nlarge");
  origin.reset();
  Result<void> sent;
  for (int i = 0; i < 3 && sent; ++i) sent = run(client->send_body("more", BodyEnd::more, soon()));
  ASSERT_FALSE(sent.has_value());
  auto got = run(client->read_head(soon()));
  ASSERT_TRUE(got.has_value()) << got.error().text();
  EXPECT_EQ((*got)->status, 413);
  auto body = run(read_all(*client, soon()));
  EXPECT_EQ(body.value_or("(none)"), "large");
  EXPECT_FALSE(client->reusable());
  EXPECT_FALSE(client->alive());
}

TEST_F(ClientTest, TrailersAreThoseOfTheirOwnResponse) {
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-For: another\r\n\r\n"),
            "200 a");
  EXPECT_TRUE(client->trailers().find("X-For").has_value());
  ASSERT_TRUE(send().has_value());
  EXPECT_TRUE(client->trailers().empty());
  origin->send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  origin->finish();
  ASSERT_TRUE(run(client->read_head(soon())).has_value());
  ASSERT_TRUE(run(read_all(*client, soon())).has_value());
  EXPECT_TRUE(client->trailers().empty());
}

TEST_F(ClientTest, ReadsUntilTheEndWhereNoLengthIsSaid) {
  ASSERT_TRUE(send().has_value());
  origin->send("HTTP/1.1 200 OK\r\n\r\nall of");
  origin->send(" it");
  origin->finish();
  ASSERT_TRUE(run(client->read_head(soon())).has_value());
  EXPECT_EQ(client->body_length().kind, BodyLength::Kind::unknown);
  EXPECT_EQ(*run(read_all(*client, soon())), "all of it");
  EXPECT_FALSE(client->reusable());
}

TEST_F(ClientTest, ABodyThatEndsEarlyIsAnError) {
  for (const std::string response : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
                                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    auto stream = run(client_loop.connect(at, {}, no_deadline));
    client = make_http1_client(std::move(*stream));
    auto accepted = run(listener->accept());
    origin = std::make_unique<RawPeer>(network, std::move(*accepted));
    ASSERT_TRUE(send().has_value());
    origin->send(response);
    origin->finish();
    ASSERT_TRUE(run(client->read_head(soon())).has_value());
    auto body = run(read_all(*client, soon()));
    ASSERT_FALSE(body.has_value());
    EXPECT_EQ(body.error().code, Errc::closed);
    EXPECT_FALSE(client->reusable());
    EXPECT_FALSE(client->alive());
  }
}

TEST_F(ClientTest, RefusesAmbiguousResponses) {
  EXPECT_THAT(exchange("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc"),
              HasSubstr("invalid"));
  EXPECT_FALSE(client->reusable());
  EXPECT_FALSE(client->alive());
}

TEST_F(ClientTest, BlanksBehindAChunksSizeArePassedOver) {
  const auto body_of = [this](const std::string& chunks) {
    return exchange("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
  };
  EXPECT_EQ(body_of("5   \r\nhello\r\n1\t;a=b\r\n!\r\n0 \r\n\r\n"), "200 hello!");
  EXPECT_TRUE(client->reusable());
  EXPECT_THAT(body_of("5 5\r\nhello\r\n0\r\n\r\n"), HasSubstr("invalid"));
}

TEST_F(ClientTest, AChunksSizeIsNotPaddedWithoutEnd) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(exchange(head + "5" + std::string(5000, ' ') + "\r\nhello\r\n0\r\n\r\n"),
              HasSubstr("The chunk extensions are too long."));
}

TEST_F(ClientTest, RefusesABadChunk) {
  EXPECT_THAT(exchange("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), HasSubstr("invalid"));
}

TEST_F(ClientTest, RefusesAHeadOverTheLimit) {
  EXPECT_THAT(exchange("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n"), HasSubstr("too large"));
}

TEST_F(ClientTest, BytesBehindTheBodyEndTheConnectionsUse) {
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\n"), "200 abc");
  EXPECT_FALSE(client->reusable());
  EXPECT_FALSE(client->alive());
}

TEST_F(ClientTest, AnUnaskedAnswerIsNotTakenForTheNextOne) {
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "200 ");
  origin->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
  EXPECT_FALSE(client->alive());
  const auto sent = send();
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, Errc::closed);
  EXPECT_TRUE(client->untouched());
}

TEST_F(ClientTest, UntouchedUntilTheFirstByte) {
  ASSERT_TRUE(send().has_value());
  EXPECT_TRUE(client->untouched());
  auto late = run(client->read_head(soon()));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, Errc::timed_out);
  EXPECT_TRUE(client->untouched());
  origin->send("H");
  late = run(client->read_head(soon()));
  EXPECT_EQ(late.error().code, Errc::timed_out);
  EXPECT_FALSE(client->untouched());
  origin->send("TTP/1.1 204 No Content\r\n\r\n");
  late = run(client->read_head(soon()));
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ((*late)->status, 204);
  EXPECT_TRUE(client->reusable());
}

TEST_F(ClientTest, AnOriginThatClosesUnheardLeavesTheRequestUntouched) {
  ASSERT_TRUE(send().has_value());
  origin->finish();
  auto got = run(client->read_head(soon()));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, Errc::closed);
  EXPECT_TRUE(client->untouched());
}

TEST_F(ClientTest, AResponseBeforeTheRequestIsAllSentLeavesItUnusable) {
  head.method = Method::post;
  head.method_name = "POST";
  head.authority = "a";
  head.target = "/";
  ASSERT_TRUE(run(client->send_request(head, {BodyLength::Kind::unknown}, "part", BodyEnd::more, soon())).has_value());
  network.settle();
  EXPECT_THAT(origin->received(), HasSubstr("Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"));
  origin->send("HTTP/1.1 413 Too Much\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(run(client->read_head(soon())).has_value());
  EXPECT_TRUE(client->body_done());
  EXPECT_FALSE(client->reusable());
  Headers trailers;
  trailers.add("X-Sum", "1");
  ASSERT_TRUE(run(client->send_body("", BodyEnd::last, soon(), &trailers)).has_value());
  network.settle();
  EXPECT_THAT(origin->received(), HasSubstr("part\r\n0\r\nX-Sum: 1\r\n\r\n"));
  EXPECT_FALSE(client->reusable());
}

// All of it may be on its way, and none of it read.
TEST_F(ClientTest, WhoRefusesALongBodyIsAskedNothingMore) {
  const auto reusable_after = [this](std::size_t body_bytes, const std::string& response) {
    EXPECT_TRUE(send(Method::post, std::string(body_bytes, 'x')).has_value());
    origin->send(response);
    EXPECT_TRUE(run(client->read_head(soon())).has_value());
    return client->reusable();
  };
  EXPECT_TRUE(reusable_after(100, "HTTP/1.1 422 Wrong\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_TRUE(reusable_after(100'000, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_TRUE(reusable_after(100, "HTTP/1.1 413 Too Much\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_FALSE(reusable_after(100'000, "HTTP/1.1 413 Too Much\r\nContent-Length: 0\r\n\r\n"));
}

TEST_F(ClientTest, AConnectionThatAUserIsKnownByIsNotForTheNext) {
  EXPECT_EQ(exchange("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n"), "401 ");
  head.headers.add("Authorization", "Basic YTpi");
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "200 hi");
  EXPECT_TRUE(client->reusable());
  head.headers.set(Field::authorization, "ntlm TlRMTVNTUAAD");
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "200 hi");
  EXPECT_FALSE(client->reusable());
}

TEST_F(ClientTest, AConnectionThatIsBeingAuthenticatedIsNotForTheNext) {
  EXPECT_EQ(exchange("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\n"
                     "WWW-Authenticate: Negotiate YII=\r\nContent-Length: 0\r\n\r\n"),
            "401 ");
  EXPECT_FALSE(client->reusable());
}

TEST_F(ClientTest, ABodyOfAnotherLengthThanAnnouncedIsAnError) {
  head.method = Method::post;
  head.method_name = "POST";
  head.target = "/";
  ASSERT_TRUE(run(client->send_request(head, {BodyLength::Kind::known, 5}, "abc", BodyEnd::more, soon())).has_value());
  EXPECT_FALSE(run(client->send_body("def", BodyEnd::last, soon())).has_value());
  EXPECT_FALSE(client->alive());
}

TEST_F(ClientTest, WritesNoLinesOfOthers) {
  head.target = "/ HTTP/1.1\r\nX: y";
  head.method_name = "GET";
  EXPECT_FALSE(run(client->send_request(head, {}, "", BodyEnd::last, soon())).has_value());
  network.settle();
  EXPECT_THAT(origin->received(), IsEmpty());
}

net::Task<std::string> read_some(net::Stream& stream) {
  auto bytes = co_await stream.read(no_deadline);
  co_return bytes ? std::string(bytes->view()) : "error";
}

TEST_F(ClientTest, GivesTheRawStreamAfterAnUpgrade) {
  head.headers.add("Upgrade", "websocket");
  head.headers.add("Connection", "Upgrade");
  ASSERT_TRUE(send().has_value());
  network.settle();
  EXPECT_THAT(origin->received(), HasSubstr("Upgrade: websocket\r\nConnection: Upgrade\r\n"));
  origin->send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nearly");
  auto got = run(client->read_head(soon()));
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ((*got)->status, 101);
  EXPECT_FALSE(client->reusable());
  EXPECT_EQ(run(read_some(client->raw())), "early");
  origin->send("late");
  EXPECT_EQ(run(read_some(client->raw())), "late");
}

}  // namespace
}  // namespace tenfold::http
