#include "edge/relay/tunnel.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using http::Burning;

// A client and an origin, with a tunnel between what the edge holds of each.
class TunnelTest : public testing::Test {
 protected:
  static net::Task<void> dial(net::Loop& loop, net::Endpoint to, std::unique_ptr<net::Stream>& into) {
    auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
    if (stream) into = std::move(*stream);
  }

  static net::Task<void> answer(net::Listener& listener, std::unique_ptr<net::Stream>& into) {
    auto stream = co_await listener.accept();
    if (stream) into = std::move(*stream);
  }

  static net::Task<void> say(net::Stream& stream, std::string bytes) {
    auto wrote = co_await stream.write(bytes, no_deadline);
    EXPECT_TRUE(wrote.has_value());
  }

  static net::Task<void> hear(net::Stream& stream, std::string& into, bool& ended) {
    while (true) {
      auto bytes = co_await stream.read(no_deadline);
      if (!bytes || bytes->empty()) break;
      into.append(bytes->view());
    }
    ended = true;
  }

  TunnelTest() {
    join(client, edge_of_client);
    join(origin, edge_of_origin);
    scope.spawn(hear(*client, client_heard, client_ended));
    scope.spawn(hear(*origin, origin_heard, origin_ended));
  }
  ~TunnelTest() override {
    if (edge_of_client != nullptr) edge_of_client->cancel();
    network.settle();
    for (auto* stream : {client.get(), origin.get()}) stream->cancel();
    network.run_until([&] { return scope.running() == 0; }, 1min);
  }
  void join(std::unique_ptr<net::Stream>& outer, std::unique_ptr<net::Stream>& inner) {
    auto listener = *loop.listen(*net::Endpoint::parse("192.0.2.1:80"), {});
    net::Scope joining;
    joining.spawn(answer(*listener, inner));
    joining.spawn(dial(loop, listener->local(), outer));
    network.run_until([&] { return joining.running() == 0; }, 1min);
    ASSERT_TRUE(outer != nullptr && inner != nullptr);
  }
  net::Task<void> carry(ClientReads client_reads) {
    auto carrying = carry_both_ways(
        *edge_of_client, *edge_of_origin, 1h, [](auto) { return true; }, [](auto, auto) {}, std::move(client_reads));
    end = co_await std::move(carrying);
    edge_of_client.reset();
    edge_of_origin.reset();
    carried = true;
  }
  void says(net::Stream& stream, std::string_view bytes) {
    scope.spawn(say(stream, std::string(bytes)));
    network.settle();
  }

  net::sim::SimNetwork network{7};
  net::sim::SimLoop& loop = network.make_loop();
  std::unique_ptr<net::Stream> client, edge_of_client, origin, edge_of_origin;
  std::string client_heard, origin_heard;
  bool client_ended = false, origin_ended = false, carried = false;
  TunnelEnd end = TunnelEnd::of_itself;
  net::Scope scope;
};

TEST_F(TunnelTest, EachReadOfTheClientsIsToldAndNoneOfTheOrigins) {
  int reads = 0;
  scope.spawn(carry([&] {
    ++reads;
    return Burning::may_go_on;
  }));
  for (int i = 0; i < 5; ++i) says(*client, "c");
  for (int i = 0; i < 7; ++i) says(*origin, "o");
  EXPECT_EQ(reads, 5);
  EXPECT_EQ(origin_heard, "ccccc");
  EXPECT_EQ(client_heard, "ooooooo");
  EXPECT_FALSE(carried);
}

TEST_F(TunnelTest, ItEndsOnBothSidesWhereItsClientMaySendNoMore) {
  int reads = 0;
  scope.spawn(carry([&] { return ++reads == 3 ? Burning::ends : Burning::may_go_on; }));
  for (int i = 0; i < 3; ++i) says(*client, "c");
  EXPECT_TRUE(carried);
  EXPECT_EQ(end, TunnelEnd::burnt);
  EXPECT_EQ(origin_heard, "cc");
  EXPECT_TRUE(client_ended);
  EXPECT_TRUE(origin_ended);
}

}  // namespace
}  // namespace tenfold::edge
