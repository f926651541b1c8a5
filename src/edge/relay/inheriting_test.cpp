// What somebody of a lesser rank fetches already is fetched in the name of the best who waits for it: the edge with its
// guard in a simulated network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <string>

#include "edge/guarded_fixture.hpp"

namespace tenfold::edge {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class InheritingTest : public GuardedEdgeTest {
 protected:
  // An origin that works on one request at a time, for so long.
  void start_with(Duration work, origin::Settings settings = World::one_pool(1)) {
    world.add_server(1).behaviour = [this, work](const Asked& asked) {
      if (asked.target() == "/cart") return Answer();
      served += asked.target();
      Answer answer = cacheable(asked.target() == "/page" ? "page " + std::to_string(++pages) : "other");
      answer.think = work;
      return answer;
    };
    start_guarded(std::move(settings), GuardMode::enforce, true);
    const auto new_customer = [&] {
      return "Cookie: " +
             cookie(ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                    "tenfold_seen") +
             "\r\n";
    };
    customer = new_customer();
    customers_friend = new_customer();
    served.clear();
    world.directory->topology()->pools[0]->load->limit = 1;
  }
  Visitor& begin(const std::string& target, const std::string& fields = "") { return begin_at(people, target, fields); }
  Visitor& begin_at(net::Loop& from, const std::string& target, const std::string& fields = "") {
    Visitor& visitor = crowd.emplace_back();
    visitors.spawn(visit(from, server->local(),
                         "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + fields + "Connection: close\r\n\r\n",
                         visitor));
    world.network.advance(1ms);
    return visitor;
  }
  void finish() {
    world.network.run_until([&] { return visitors.running() == 0; }, 10min);
  }
  ~InheritingTest() override { finish(); }

  net::sim::SimLoop& elsewhere = world.network.make_loop(net::IpAddress::v4(0xcb007105));
  std::list<Visitor> crowd;
  std::string served;  // targets, in the order in which the server was asked
  std::string customer, customers_friend;
  int pages = 0;
};

TEST_F(InheritingTest, ACustomersPageDoesNotWaitWithTheStrangerWhoAskedForItFirst) {
  start_with(30ms);
  for (const char* target : {"/0", "/1", "/2", "/page"}) begin(target);
  Visitor& waits = begin("/page", customer);
  world.network.advance(80ms);
  EXPECT_THAT(waits.received, HasSubstr("page 1"));
  EXPECT_EQ(served, "/0/page/1");
  finish();
  EXPECT_EQ(served, "/0/page/1/2");
}

// Who waits before the other's fetch has asked for a place counts as well.
TEST_F(InheritingTest, WhoTakesOverFetchesInTheNameOfThoseWhoWaitOn) {
  start_with(30ms);
  begin("/0");
  Idler leader;
  visitors.spawn(idle(people, server->local(), "GET /page HTTP/1.1\r\nHost: shop.example\r\n\r\n", 10ms,
                      AfterIdling::leaves, leader));
  world.network.advance(1ms);
  begin("/1");
  Visitor& stranger = begin("/page");
  Visitor& waits = begin("/page", customer);
  world.network.advance(80ms);
  EXPECT_THAT(waits.received, HasSubstr("page 1"));
  EXPECT_THAT(stranger.received, HasSubstr("page 1"));
  EXPECT_EQ(served, "/0/page/1");
}

// Nor does it wait as long as a network that has taken more than its share.
TEST_F(InheritingTest, AmongEqualsItIsFetchedInTheNameOfWhoHasTakenLess) {
  start_with(30ms);
  for (const char* target : {"/0", "/1", "/2", "/3", "/page"}) begin(target);
  begin_at(elsewhere, "/page");
  finish();
  EXPECT_EQ(served, "/0/1/page/2/3");
}

TEST_F(InheritingTest, AnotherStrangerChangesNothing) {
  start_with(30ms);
  for (const char* target : {"/0", "/1", "/page", "/2"}) begin(target);
  begin("/page");
  finish();
  EXPECT_EQ(served, "/0/1/page/2");
}

// Each has a place of its own in the waiting room, and none the error of another.
TEST_F(InheritingTest, WhoWaitedForAFetchThatFoundNoPlaceGetsAPlaceInTheWaitingRoom) {
  origin::Settings settings = World::one_pool(1);
  settings.pools[0].timeouts.queue = 1s;
  start_with(20s, std::move(settings));
  begin("/0");
  for (int i = 0; i < 4; ++i) begin("/page");
  world.network.advance(8s);
  int answered = 0;
  for (const Visitor& visitor : crowd) {
    if (visitor.received.empty()) continue;
    ++answered;
    EXPECT_THAT(visitor.received, StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(field(visitor.received, "tenfold-queue"), StartsWith("v1; ahead="));
  }
  EXPECT_EQ(answered, 4);
}

// That a stranger is challenged says nothing of the origin, which a customer asks right after.
TEST_F(InheritingTest, AStrangersChallengeKeepsNoCustomerFromAFreshPage) {
  start_with(1ms);
  get("/page");
  world.network.advance(70s);
  besiege();
  EXPECT_THAT(get("/page"), HasSubstr("page 1")) << "stale instead of a challenge";
  EXPECT_THAT(get("/page", customer), HasSubstr("page 2"));
}

// Else one customer's token would let a whole crowd's fetches in as a customer's.
TEST_F(InheritingTest, InWhoseNameItIsFetchedPays) {
  start_with(2s);
  const auto ride = [&](const std::string& target) {
    begin(target);
    begin(target, customer);
    finish();
  };
  ride("/a");
  ride("/b");
  besiege();
  EXPECT_THAT(get("/c", customer), StartsWith("HTTP/1.1 503"));
}

TEST_F(InheritingTest, WhoOnlyRidesAlongPaysNothing) {
  start_with(2s);
  const auto ride = [&](const std::string& target) {
    begin(target);
    begin(target, customers_friend);
    begin(target, customer);
    finish();
  };
  ride("/a");
  ride("/b");
  besiege();
  EXPECT_THAT(get("/c", customer), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace tenfold::edge
