#include "http/whole_body.hpp"

#include "http/server_fixture.hpp"

namespace tenfold::http {
namespace {

using WholeBodyTest = ServerTest;

net::Task<void> take_ten_bytes(ServerExchange& exchange, ScriptedHandler& handler) {
  const std::size_t index = handler.seen.size() - 1;
  auto body = co_await read_whole_body(exchange, 10, no_deadline);
  if (body) handler.seen[index].body = *body;
  if (!body) handler.seen[index].body_error = body.error().text();
  co_await ScriptedHandler::greet(exchange, handler);
}

std::string chunked(const std::string& chunks) {
  return "POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

TEST_F(WholeBodyTest, IsThereUpToItsBoundAndAnErrorPastIt) {
  handler.on("/form", &take_ten_bytes);
  auto client = connect();
  client.send(chunked("4\r\nfour\r\n6\r\nandsix\r\n0\r\n\r\n"));
  client.send(chunked("4\r\nfour\r\n7\r\nandmore\r\n0\r\n\r\n"));
  client.send("POST /form HTTP/1.1\r\nHost: a\r\n\r\n");
  client.finish();
  ASSERT_EQ(handler.seen.size(), 3u);
  EXPECT_EQ(handler.seen[0].body, "fourandsix");
  EXPECT_EQ(handler.seen[1].body_error, Error{Errc::too_large}.text());
  EXPECT_EQ(handler.seen[2].body + handler.seen[2].body_error, "");
}

}  // namespace
}  // namespace tenfold::http
