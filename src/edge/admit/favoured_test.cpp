// Which connections a customer has more for than a stranger, and how many.
#include "edge/admit/favoured.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "edge/guarded_fixture.hpp"

namespace tenfold::edge {
namespace {

using http::IdleTurn;

// What a connection has been told by those who asked on it.
struct Told {
  bool spared = false;
  IdleTurn turn = IdleTurn::first;
  std::unique_ptr<const http::FavouredPlace> place;
};

// A request without a body on such a connection. Whatever it is answered is taken at once.
class ToldExchange final : public http::ServerExchange {
 public:
  ToldExchange(net::Loop& loop, Told& told, std::string_view method, std::string_view target, std::string_view cookie)
      : ServerExchange(loop), told_(told) {
    request_.method = http::method_of(method);
    request_.method_name = method;
    request_.target = target;
    request_.authority = "shop.example";
    request_.headers.add(http::Field::host, "shop.example");
    if (!cookie.empty()) request_.headers.add(http::Field::cookie, cookie);
    client_ = {net::IpAddress::v4(0xc6336407), 4711};
    local_ = {net::IpAddress::v4(0xc0000201), 80};
    began_ = loop.now();
  }
  ~ToldExchange() override {
    if (idle_turn_) told_.turn = *idle_turn_;
  }

  bool awaits_continue() const override { return false; }
  net::Task<Result<net::Buffer>> read_body(TimePoint) override { co_return net::Buffer(); }
  void interrupt_read_body() override {}
  const http::Headers& trailers() const override { return none_; }
  net::Task<Result<void>> send_interim(const http::ResponseHead&, TimePoint) override { co_return Result<void>(); }
  net::Task<Result<void>> send(const http::ResponseHead& head, std::string_view, http::BodyEnd end,
                               TimePoint) override {
    return begin(head, end);
  }
  net::Task<Result<void>> send_together(const http::ResponseHead& head, std::span<const std::string_view>,
                                        http::BodyEnd end, TimePoint) override {
    return begin(head, end);
  }
  net::Task<Result<void>> send_body(std::string_view, http::BodyEnd end, TimePoint, const http::Headers*) override {
    return go_on(end);
  }
  net::Task<Result<void>> send_parts(std::span<const std::string_view>, http::BodyEnd end, TimePoint,
                                     const http::Headers*) override {
    return go_on(end);
  }
  net::Task<Result<net::Stream*>> upgrade(const http::ResponseHead&, TimePoint) override {
    co_return fail(Errc::unsupported);
  }
  void close_after() override {}
  void spare() override { told_.spared = true; }
  const http::FavouredPlace* place() const override { return told_.place.get(); }
  void hold(std::unique_ptr<const http::FavouredPlace> place) override { told_.place = std::move(place); }
  void break_off() override {}
  std::uint64_t bytes_taken() const override { return 0; }
  net::CancelToken client_left() override { return left_.token(); }
  void set_departure_grace(Duration) override {}

 private:
  net::Task<Result<void>> begin(const http::ResponseHead& head, http::BodyEnd end) {
    head_sent_ = true;
    status_sent_ = head.status;
    return go_on(end);
  }
  net::Task<Result<void>> go_on(http::BodyEnd end) {
    finished_ = end == http::BodyEnd::last;
    co_return Result<void>();
  }

  Told& told_;
  const http::Headers none_;
  net::CancelSource left_;
};

class FavouredTest : public GuardedEdgeTest {
 protected:
  void begin() {
    world.add_server(1);
    start_guarded(World::one_pool(1));
  }
  int ask_on(Told& connection, std::string_view target, std::string_view cookie, std::string_view method = "GET") {
    ToldExchange exchange(world.loop, connection, method, target, cookie);
    net::sim::run_task(world.network, world.loop, handler->handle(exchange));
    return exchange.status_sent();
  }
  // Of somebody who has something in the cart.
  std::string customers_cookie() {
    return cookie(ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                  "tenfold_seen");
  }
};

TEST_F(FavouredTest, ACustomersConnectionIsSparedAndStaysAtCheckout) {
  begin();
  const std::string customer = customers_cookie();
  ASSERT_NE(customer, "");
  Told connection;
  EXPECT_EQ(ask_on(connection, "/a", customer), 200);
  EXPECT_TRUE(connection.spared);
  EXPECT_EQ(connection.turn, IdleTurn::second);
  EXPECT_EQ(ask_on(connection, "/checkout", customer), 200);
  EXPECT_EQ(connection.turn, IdleTurn::last);
}

// While all is calm it makes a known visitor of whoever asks twice, and costs nothing.
TEST_F(FavouredTest, ACookieThatIsMerelyThereSparesNothingAndGetsNoBetterTurn) {
  begin();
  world.server(1).behaviour = [](const Asked&) { return Answer{.fields = "Content-Type: text/html\r\n"}; };
  const std::string fresh = cookie(get("/a"), "tenfold_seen");
  ASSERT_NE(fresh, "");
  Told connection;
  for (const char* target : {"/a", "/checkout", "/a"}) {
    EXPECT_EQ(ask_on(connection, target, fresh), 200);
    EXPECT_FALSE(connection.spared);
    EXPECT_EQ(connection.turn, IdleTurn::first);
    EXPECT_EQ(connection.place, nullptr);
  }
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::known).requests, 3u);
}

TEST_F(FavouredTest, WhatTheCheckoutDoesNotKnowKeepsNoConnection) {
  begin();
  const std::string customer = customers_cookie();
  int status = 399;
  world.server(1).behaviour = [&](const Asked&) { return Answer{.status = status}; };
  Told known, unknown;
  EXPECT_EQ(ask_on(known, "/checkout/address", customer), 399);
  EXPECT_EQ(known.turn, IdleTurn::last);
  status = 400;
  EXPECT_EQ(ask_on(unknown, "/checkout/address", customer), 400);
  EXPECT_EQ(unknown.turn, IdleTurn::second);
}

TEST_F(FavouredTest, OneCookieHasItForTwelveConnectionsAtATime) {
  begin();
  const std::string customer = customers_cookie();
  std::deque<Told> connections(FavouredPlaces::most);
  for (Told& each : connections) {
    EXPECT_EQ(ask_on(each, "/checkout", customer), 200);
    EXPECT_TRUE(each.spared);
    EXPECT_EQ(each.turn, IdleTurn::last);
  }
  Told one_more;
  EXPECT_EQ(ask_on(one_more, "/checkout", customer), 200);
  EXPECT_FALSE(one_more.spared);
  EXPECT_EQ(one_more.turn, IdleTurn::second);
  EXPECT_EQ(ask_on(connections.back(), "/checkout", customer), 200);
  EXPECT_EQ(connections.back().turn, IdleTurn::last) << "it has its place already";

  Told anothers;
  EXPECT_EQ(ask_on(anothers, "/checkout", customers_cookie()), 200);
  EXPECT_TRUE(anothers.spared);

  connections.pop_front();
  EXPECT_EQ(ask_on(one_more, "/checkout", customer), 200);
  EXPECT_TRUE(one_more.spared) << "one of the twelve has ended";
  EXPECT_EQ(one_more.turn, IdleTurn::last);
}

TEST_F(FavouredTest, AConnectionIsCountedForWhoAskedOnItLast) {
  begin();
  const std::string first = customers_cookie();
  const std::string second = customers_cookie();
  Told connection;
  ask_on(connection, "/a", first);
  const std::uint64_t bearer = connection.place->bearer();
  ask_on(connection, "/a", second);
  EXPECT_NE(connection.place->bearer(), bearer);
  EXPECT_EQ(site->guard_memory->favoured.bearers(), 1u);
  connection.place.reset();
  EXPECT_EQ(site->guard_memory->favoured.bearers(), 0u);
}

TEST_F(FavouredTest, WhomTheOwnerLetsBeHasItForAnyNumber) {
  begin();
  rules.allow = guard::AllowRules({{.name = "office", .networks = {*net::IpNetwork::parse("198.51.100.0/24")}}}, {});
  publish();
  std::deque<Told> connections(FavouredPlaces::most + 1);
  for (Told& each : connections) ask_on(each, "/checkout", "");
  EXPECT_TRUE(connections.back().spared);
  EXPECT_EQ(connections.back().turn, IdleTurn::last);
}

}  // namespace
}  // namespace tenfold::edge
