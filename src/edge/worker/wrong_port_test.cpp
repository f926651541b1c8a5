#include "edge/worker/wrong_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;

TEST(WrongPort, ARequestIsToldFromAHandshake) {
  for (const char* request : {"GET / HTTP/1.1\r\n", "P", "OPTIONS * HTTP/1.1", "PRI * HTTP/2.0"}) {
    EXPECT_TRUE(begins_plain_http(request)) << request;
  }
  for (const char* other : {"", "\x16\x03\x01", "\x80\x2e\x01", "\r\nGET /", "get"}) {
    EXPECT_FALSE(begins_plain_http(other)) << other;
  }
}

net::Task<void> serve_wrong_port(net::Listener& listener) {
  auto stream = co_await listener.accept();
  if (!stream) co_return;
  auto first = co_await (*stream)->read(no_deadline);
  if (first && begins_plain_http(first->view())) co_await say_that_this_is_https(**stream, 1s);
}

net::Task<void> ask_in_plain_http(net::Loop& loop, net::Endpoint at, std::string& received) {
  auto stream = co_await loop.connect(at, {}, no_deadline);
  if (!stream) co_return;
  auto sent = co_await (*stream)->write("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n", no_deadline);
  if (!sent) co_return;
  while (true) {
    auto bytes = co_await (*stream)->read(no_deadline);
    if (!bytes || bytes->empty()) co_return;
    received.append(bytes->view());
  }
}

TEST(WrongPort, PlainHttpGetsAnAnswerThatSaysSo) {
  net::sim::SimNetwork network{5};
  net::sim::SimLoop& loop = network.make_loop();
  const net::Endpoint at = *net::Endpoint::parse("127.0.0.1:443");
  const auto listener = *loop.listen(at, {});
  std::string received;
  net::Scope scope;
  scope.spawn(serve_wrong_port(*listener));
  scope.spawn(ask_in_plain_http(loop, at, received));
  network.run_until([&] { return scope.running() == 0; }, 1min);
  EXPECT_THAT(received, testing::StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(received, testing::HasSubstr("HTTPS"));
}

}  // namespace
}  // namespace tenfold::edge
