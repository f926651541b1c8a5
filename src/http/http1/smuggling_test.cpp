#include "http/server_fixture.hpp"

// Messages that two parsers in a row might cut at different places, so that the second takes part of one client's body
// for another client's request. Each must be refused, the connection closed, and nothing of it reach the handler.
namespace tenfold::http::http1 {
namespace {

using namespace std::string_literals;

struct Smuggling {
  const char* name;
  std::string bytes;
  int status = 400;
};

std::string post(const std::string& fields, const std::string& body) {
  return "POST /cart HTTP/1.1\r\nHost: shop.example\r\n" + fields + "\r\n" + body;
}

const std::string inner = "GET /admin HTTP/1.1\r\nHost: shop.example\r\n\r\n";

std::vector<Smuggling> heads() {
  return {
      {"CL.TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + inner)},
      {"TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "2c\r\n" + inner + "\r\n0\r\n\r\n")},
      {"TE.TE xchunked", post("Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE space before colon", post("Transfer-Encoding : chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE tab before value", post("Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE tab behind value", post("Transfer-Encoding: chunked\t\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE folded", post("Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE hidden in another field", post("X: x\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE leading space in the name", post(" Transfer-Encoding: chunked\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE vertical tab", post("Transfer-Encoding: \x0b"
                                  "chunked\r\n",
                                  "0\r\n\r\n" + inner)},
      {"TE.TE form feed", post("Transfer-Encoding: chunked\x0c\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE NUL", post("Transfer-Encoding: chunked\0\r\n"s, "0\r\n\r\n" + inner)},
      {"TE.TE quoted", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE identity", post("Transfer-Encoding: identity\r\nContent-Length: 4\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE cow", post("Transfer-Encoding: cow, chunked\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE identity, chunked", post("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE nothing, chunked", post("Transfer-Encoding: ,chunked\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE chunked, nothing", post("Transfer-Encoding: chunked,\r\n", "0\r\n\r\n" + inner)},
      {"TE.TE a coding that is not spoken", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n" + inner), 501},
      {"CL.CL", post("Content-Length: 0\r\nContent-Length: 44\r\n", inner)},
      {"CL list", post("Content-Length: 0, 44\r\n", inner)},
      {"CL plus", post("Content-Length: +44\r\n", inner)},
      {"CL trailing letter", post("Content-Length: 44a\r\n", inner)},
      {"CL with NUL", post("Content-Length: 4\0004\r\n"s, inner)},
      {"CL wraps around", post("Content-Length: 18446744073709551616\r\n", inner)},
      {"CL space before colon", post("Content-Length : 44\r\n", inner)},
      {"CL bare CR", post("Content-Length: 44\rX: y\r\n", inner)},
      {"CL bare LF", "POST /cart HTTP/1.1\nHost: shop.example\nContent-Length: 44\n\n" + inner},
      {"TE in HTTP/1.0", "POST /cart HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner},
      {"two hosts", "GET / HTTP/1.1\r\nHost: shop.example\r\nHost: evil.example\r\n\r\n"},
      {"target and Host differ", "GET http://evil.example/ HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
      {"target and Host differ in their port", "GET http://shop.example:81/ HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
      {"host hidden by folding", "GET / HTTP/1.1\r\nHost: shop.example\r\n evil.example\r\n\r\n"},
      {"request line split by LF", "GET /\nX: y HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
      {"CR in the target", "GET /\rX HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
      {"NUL in the target", "GET /\0X HTTP/1.1\r\nHost: shop.example\r\n\r\n"s},
  };
}

using SmugglingTest = ServerTest;

TEST_F(SmugglingTest, AmbiguousHeadsNeverReachTheHandler) {
  for (const Smuggling& each : heads()) {
    auto client = connect();
    client.send(each.bytes);
    client.finish();
    EXPECT_EQ(status_of(client.received()), each.status) << each.name << ": " << client.received();
    EXPECT_THAT(client.received(), testing::HasSubstr("Connection: close\r\n")) << each.name;
    EXPECT_TRUE(client.closed()) << each.name;
    EXPECT_EQ(client.received().find("HTTP/1.1 200"), std::string::npos) << each.name << ": a second answer";
  }
  EXPECT_TRUE(handler.seen.empty());
  EXPECT_EQ(metrics.bad_requests.value(), heads().size());
}

// With these the head is fine and the handler runs, but what it gets of the body ends in an error, and nothing behind
// the body is taken for a request.
std::vector<Smuggling> bodies() {
  return {
      {"size with a space", "5 \r\nhello\r\n0\r\n\r\n"},
      {"size with a leading space", " 5\r\nhello\r\n0\r\n\r\n"},
      {"size with a sign", "+5\r\nhello\r\n0\r\n\r\n"},
      {"size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"},
      {"size with an underscore", "5_0\r\nhello\r\n0\r\n\r\n"},
      {"size empty", "\r\nhello\r\n0\r\n\r\n"},
      {"size past 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"size past 63 bits", "8000000000000000\r\nhello\r\n0\r\n\r\n"},
      {"size with many zeros", "00000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"bare LF behind the size", "5\nhello\r\n0\r\n\r\n"},
      {"bare CR behind the size", "5\rhello\r\n0\r\n\r\n"},
      {"bare LF in an extension", "5;x\nhello\r\n0\r\n\r\n"},
      {"NUL in an extension", "5;\0\r\nhello\r\n0\r\n\r\n"s},
      {"extension past its bound", "5;" + std::string(5000, 'x') + "\r\nhello\r\n0\r\n\r\n"},
      {"data longer than its size", "5\r\nhello!\r\n0\r\n\r\n"},
      {"bare LF behind the data", "5\r\nhello\n0\r\n\r\n"},
      {"bare LF behind the last chunk", "5\r\nhello\r\n0\n\r\n"},
      {"bare LF as the end", "5\r\nhello\r\n0\r\n\n"},
      {"framing in trailers", "5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"},
      {"folded trailer", "5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n"},
      {"trailers past their bound", "5\r\nhello\r\n0\r\nX: " + std::string(9000, 'x') + "\r\n\r\n", 431},
  };
}

TEST_F(SmugglingTest, AmbiguousChunksEndTheConnection) {
  handler.on("/cart", &ScriptedHandler::take_body);
  for (const Smuggling& each : bodies()) {
    handler.seen.clear();
    auto client = connect();
    client.send(post("Transfer-Encoding: chunked\r\n", each.bytes + inner));
    client.finish();
    EXPECT_EQ(status_of(client.received()), each.status) << each.name << ": " << client.received();
    EXPECT_TRUE(client.closed()) << each.name;
    ASSERT_EQ(handler.seen.size(), 1u) << each.name;
    EXPECT_THAT(handler.seen[0].body_error, testing::HasSubstr("invalid")) << each.name;
  }
}

TEST_F(SmugglingTest, ABodyNobodyReadIsNotTakenForARequest) {
  auto client = connect();
  client.send(post("Content-Length: " + std::to_string(inner.size()) + "\r\n", inner));
  client.send(post("Transfer-Encoding: chunked\r\n", "2b\r\n" + inner + "\r\n0\r\n\r\n"));
  client.finish();
  for (const SeenRequest& request : handler.seen) EXPECT_EQ(request.target, "/cart");
  EXPECT_EQ(handler.seen.size(), 2u);
}

}  // namespace
}  // namespace tenfold::http::http1
