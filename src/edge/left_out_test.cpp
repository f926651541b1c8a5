// What its owner leaves out of the guard (guard.without), on a request's walk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "edge/guarded_fixture.hpp"
#include "guard/known/customer_book.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {
namespace {

using guard::Standing;
using testing::HasSubstr;
using testing::StartsWith;

class LeftOutTest : public GuardedEdgeTest {
 protected:
  void start_without(LeftOut without) {
    trusted.push_back(*net::IpNetwork::parse("198.51.100.0/24"));  // the visitors' own: they say who they are
    world.add_server(1);
    rules.without = without;
    start_guarded(World::one_pool(1));
  }
  void put_on(const std::string& address, guard::Level level, Step step) {
    const auto client = guard::client_key(*net::IpAddress::parse(address));
    auto measures = std::make_shared<Measures>();
    measures->emplace(subject_of(level, guard::key_at(level, client)),
                      MeasureOn{.step = step, .until = world.loop.now() + 1h});
    state.measures = measures;
    publish();
  }
  // Of somebody with an order of long before.
  std::string customer() {
    auto seen = guard::first_seen_now(7, world.network.clock().wall_now() - std::chrono::days(3));
    seen.deeds.add(guard::Deed::order);
    return "Cookie: tenfold_seen=" + guard::seal(*keys, seen) + "\r\n";
  }
  std::uint64_t asked(Standing standing) { return gatekeeper->window().of(standing).asked; }
  static constexpr auto visitor = "X-Forwarded-For: 203.0.113.5\r\n";
};

TEST_F(LeftOutTest, TheOrderIsTheQueuesUnlessItsFairnessIsLeftOut) {
  const auto order = [](GuardMode mode, LeftOut without) {
    auto rules = std::make_shared<GuardRules>();
    rules->mode = mode;
    rules->without = without;
    return order_of({.rules = rules, .state = std::make_shared<const GuardState>()});
  };
  EXPECT_EQ(order(GuardMode::enforce, {}), Order::by_rank);
  EXPECT_EQ(order(GuardMode::enforce, {.fairness = true}), Order::by_arrival);
  EXPECT_EQ(order(GuardMode::observe, {.fairness = true}), Order::as_they_come);
}

TEST_F(LeftOutTest, WithoutStandingNoCookieMakesACustomer) {
  start_without({.standing = true});
  get("/a", visitor + customer());
  EXPECT_EQ(asked(Standing::stranger), 1u);
  besiege();
  EXPECT_THAT(get("/a", visitor + customer()), StartsWith("HTTP/1.1 503"));
  rules.without = {};
  publish();
  EXPECT_THAT(get("/a", visitor + customer()), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(asked(Standing::known), 1u);
}

TEST_F(LeftOutTest, WithoutStandingEarlierDaysAreNothing) {
  start_without({.standing = true});
  state.today = std::chrono::floor<std::chrono::days>(world.network.clock().wall_now());
  guard::CustomerBook book("0123456789abcdef");
  book.note_order(*net::IpAddress::parse("203.0.113.5"), state.today - std::chrono::days(1));
  state.customers = book.snapshot(state.today);
  besiege();
  EXPECT_THAT(get("/a", visitor), StartsWith("HTTP/1.1 503"));
  rules.without = {};
  publish();
  EXPECT_THAT(get("/a", visitor), StartsWith("HTTP/1.1 200"));
}

// Else nobody would ever get in.
TEST_F(LeftOutTest, WithoutStandingAClearanceOpensTheDoorAndLiftsNobody) {
  start_without({.standing = true});
  besiege();
  const std::string clearance = cookie(clear(get("/a", visitor), "/a", visitor), "tenfold_clear");
  ASSERT_NE(clearance, "");
  put_on("203.0.113.5", guard::Level::network, Step::challenge);
  EXPECT_THAT(get("/a", visitor + ("Cookie: " + clearance + "\r\n")), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(asked(Standing::cleared), 0u);
  EXPECT_EQ(gatekeeper->window().of(Standing::stranger).answered, 1u);
}

TEST_F(LeftOutTest, WithoutStandingWhomTheOwnerAllowsIsAllowed) {
  start_without({.standing = true});
  rules.allow = guard::AllowRules({{.name = "office", .networks = {*net::IpNetwork::parse("203.0.113.0/24")}}}, {});
  besiege();
  EXPECT_THAT(get("/a", visitor), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(asked(Standing::allowed), 1u);
}

TEST_F(LeftOutTest, WithoutChallengesWhoWouldBeChallengedIsServed) {
  start_without({.challenge = true});
  besiege();
  EXPECT_THAT(get("/a", visitor), StartsWith("HTTP/1.1 200")) << "as all strangers in a siege";
  put_on("203.0.113.5", guard::Level::client, Step::challenge);
  EXPECT_THAT(get("/a", visitor), StartsWith("HTTP/1.1 200")) << "for a measure of its own";
  EXPECT_EQ(asked(Standing::suspect), 1u) << "which is behind all others";
  EXPECT_EQ(gatekeeper->window().challenges_shown, 0u);
  put_on("203.0.113.5", guard::Level::client, Step::refuse);
  EXPECT_THAT(get("/a", visitor), StartsWith("HTTP/1.1 429")) << "as ever";
}

TEST_F(LeftOutTest, WithoutChallengesAPageOfBeforeLeadsBackToTheShop) {
  start_without({});
  besiege();
  ASSERT_THAT(get("/a", visitor), StartsWith("HTTP/1.1 503"));
  rules.without = {.challenge = true};
  publish();
  const std::string wrong = get("/.tenfold/clear?seed=x&nonce=1&to=/a", visitor);
  EXPECT_THAT(wrong, StartsWith("HTTP/1.1 303"));
  EXPECT_EQ(field(wrong, "location"), "/a");
}

TEST_F(LeftOutTest, NothingIsLeftOutUnlessItIsSaid) {
  start_without({});
  besiege();
  EXPECT_THAT(get("/a", visitor), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get("/a", visitor + customer()), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace tenfold::edge
