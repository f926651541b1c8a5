// The guard on a request's walk, in a simulated network: what whoever asks is met with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "edge/guarded_fixture.hpp"
#include "guard/known/crawler_verdicts.hpp"
#include "guard/known/customer_book.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

net::Task<void> ask_and_leave(net::Loop& loop, net::Endpoint to) {
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  auto wrote = co_await (*stream)->write("GET /hangs HTTP/1.1\r\nHost: shop.example\r\n\r\n", loop.now() + 5s);
}

const std::string put_into_cart =
    "POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

TEST_F(GuardedEdgeTest, NobodyIsMetWithAnythingWhileAllIsCalm) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  EXPECT_THAT(get("/a"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::stranger).asked, 1u);
}

TEST_F(GuardedEdgeTest, AStrangerInASiegeSolvesAChallengeAndIsServed) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const std::string challenged = get("/a?b=c");
  EXPECT_THAT(challenged, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(field(challenged, "tenfold-challenge"), StartsWith("v1; seed="));
  EXPECT_THAT(field(challenged, "tenfold-challenge"), HasSubstr("; bits=13; path=/.tenfold/clear"));
  EXPECT_EQ(field(challenged, "cache-control"), "no-store");
  EXPECT_EQ(world.server(1).requests(), 0);

  const std::string cleared = clear(challenged, "/a%3Fb%3Dc");
  EXPECT_THAT(cleared, StartsWith("HTTP/1.1 303"));
  EXPECT_EQ(field(cleared, "location"), "/a?b=c");
  const std::string clearance = cookie(cleared, "tenfold_clear");
  ASSERT_NE(clearance, "");

  EXPECT_THAT(get("/a?b=c", "Cookie: x=y; " + clearance + "\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::cleared).answered, 1u);
  EXPECT_EQ(gatekeeper->window().challenges_solved, 1u);
}

// A crowd behind one address: they cannot solve what they are not asked, and must not pass for such as ignore it.
TEST_F(GuardedEdgeTest, WhoseNetworkHasHadItsClearancesWaitsAndIgnoresNothing) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  for (int i = 0; i < 30; ++i) ASSERT_NE(cookie(clear(get("/a")), "tenfold_clear"), "");
  for (int i = 0; i < 5; ++i) {
    world.network.advance(1s);
    const std::string waiting = get("/a");
    EXPECT_EQ(field(waiting, "tenfold-challenge"), "");
    EXPECT_THAT(field(waiting, "tenfold-queue"), StartsWith("v1; ahead="));
  }
  EXPECT_EQ(gatekeeper->window().challenges_ignored, 0u);
}

TEST_F(GuardedEdgeTest, WhereCustomersComeFromMoreMaySolve) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  const std::string customer =
      cookie(ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
             "tenfold_seen");
  ASSERT_NE(customer, "");
  get("/a", "Cookie: " + customer + "\r\n");
  besiege();
  for (int i = 0; i < 60; ++i) ASSERT_NE(cookie(clear(get("/a")), "tenfold_clear"), "") << i;
}

TEST_F(GuardedEdgeTest, AClearanceIsGoodInItsOwnNetworkOnly) {
  world.add_server(1);
  trusted.push_back(*net::IpNetwork::parse("198.51.100.0/24"));  // the visitors' own: so that they may say who they are
  start_guarded(World::one_pool(1));
  besiege();
  const std::string from = "X-Forwarded-For: 203.0.113.5\r\n";
  const std::string clearance = cookie(clear(get("/a", from), "/a", from), "tenfold_clear");
  ASSERT_NE(clearance, "");
  EXPECT_THAT(get("/a", "Cookie: " + clearance + "\r\nX-Forwarded-For: 203.0.113.77\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/a", "Cookie: " + clearance + "\r\nX-Forwarded-For: 203.0.114.5\r\n"), StartsWith("HTTP/1.1 503"));
}

TEST_F(GuardedEdgeTest, OneSolutionClearsAllTabsAndNoneGoesInACircle) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const std::string first = get("/a"), second = get("/b");
  const std::string clearance = cookie(clear(first), "tenfold_clear");
  // The second tab has its cookie too by now, and solves its own, or the same once more.
  for (const std::string& tab : {first, second}) {
    const std::string answer = clear(tab, "/b", "Cookie: " + clearance + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 303"));
    EXPECT_EQ(field(answer, "location"), "/b");
    EXPECT_EQ(cookie(answer, "tenfold_clear"), "");  // no second one: it would be a second budget
  }
}

TEST_F(GuardedEdgeTest, WhoGoesOnAskingWithoutSolvingIgnoresHoweverOftenItAsks) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const auto ask_for = [&](Duration length) {
    const TimePoint until = world.loop.now() + length;
    for (; world.loop.now() < until; world.network.advance(100ms)) get("/a");
  };
  const auto ignored = [&] { return gatekeeper->window().challenges_ignored; };
  ask_for(ShownChallenges::time_to_solve - 100ms);
  EXPECT_EQ(ignored(), 0u) << "ten tabs, say";
  ask_for(5s);
  EXPECT_GT(ignored(), 20u);

  const std::uint64_t before = ignored();
  world.network.advance(ShownChallenges::forgotten_after);
  get("/a");
  EXPECT_EQ(ignored(), before) << "back after a while";
}

TEST_F(GuardedEdgeTest, ASeedIsGoodOnce) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const std::string challenged = get("/a");
  EXPECT_NE(cookie(clear(challenged), "tenfold_clear"), "");
  const std::string again = clear(challenged);
  EXPECT_THAT(again, StartsWith("HTTP/1.1 503"));
  EXPECT_NE(seed_of(again), seed_of(challenged));
}

TEST_F(GuardedEdgeTest, WrongAndForgedSolutionsGetAnotherChallenge) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  for (const char* query :
       {"", "?seed=&nonce=1", "?seed=zz&nonce=1", "?nonce=1", "?seed=00&nonce=-1&to=//evil.example/"}) {
    EXPECT_THAT(get(std::string("/.tenfold/clear") + query), StartsWith("HTTP/1.1 503")) << query;
  }
  EXPECT_EQ(world.server(1).requests(), 0);
}

TEST_F(GuardedEdgeTest, NobodyIsLedAwayFromTheShop) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  for (const char* to : {"//evil.example/", "https://evil.example/", "%2F%2Fevil.example", "/%5Cevil.example"}) {
    const std::string cleared = clear(get("/a"), to);
    EXPECT_THAT(cleared, StartsWith("HTTP/1.1 303")) << to;
    EXPECT_EQ(field(cleared, "location"), "/") << to;
  }
}

TEST_F(GuardedEdgeTest, WhoWasHereBeforeTheTroubleIsServed) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.fields = "Content-Type: text/html\r\n"}; };
  start_guarded(World::one_pool(1));
  const std::string seen = cookie(get("/a"), "tenfold_seen");
  ASSERT_NE(seen, "");
  world.network.advance(age_of_a_customer);
  besiege();
  EXPECT_THAT(get("/a", "Cookie: " + seen + "\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::known).asked, 1u);
}

TEST_F(GuardedEdgeTest, WhoWasFirstSeenJustBeforeTheTroubleMayHaveComeWithIt) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.fields = "Content-Type: text/html\r\n"}; };
  start_guarded(World::one_pool(1));
  const std::string seen = cookie(get("/a"), "tenfold_seen");
  world.network.advance(age_of_a_customer - 2s);
  besiege();
  EXPECT_THAT(get("/a", "Cookie: " + seen + "\r\n"), StartsWith("HTTP/1.1 503"));
}

TEST_F(GuardedEdgeTest, AnOrderInTheTroubleSparesTheChallengeAndMakesNoCustomer) {
  world.add_server(1).behaviour = [](const Asked& asked) {
    return Answer{.status = asked.method() == "POST" ? 303 : 200};
  };
  start_guarded(World::one_pool(1));
  besiege();
  world.network.advance(2s);  // tokens count whole seconds
  const std::string clearance = cookie(clear(get("/a")), "tenfold_clear");
  const auto post = [&](const std::string& path, const std::string& cookies) {
    return ask("POST " + path +
               " HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\nCookie: " + cookies +
               "\r\n\r\n");
  };
  const std::string cart = cookie(post("/cart", clearance), "tenfold_seen");
  const std::string seen = cookie(post("/checkout", clearance + "; " + cart), "tenfold_seen");
  ASSERT_NE(seen, "");
  EXPECT_EQ(gatekeeper->window().orders.size(), 1u);
  EXPECT_EQ(gatekeeper->window().orders_seen, 1u);
  EXPECT_THAT(get("/a", "Cookie: " + seen + "\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::known).asked, 0u);
}

// However the owner spells the rest: not at all, or as a last class that covers everything.
TEST_F(GuardedEdgeTest, ABasketIsKnownWhereverSomethingIsWorthMoreThanTheRest) {
  const guard::WorthClass checkout{"checkout", {{"", "/checkout*"}}};
  const guard::WorthClass cart{"cart", {{"", "/cart*"}}};
  const guard::WorthClass browse{"browse", {{"", "/*"}}};
  world.add_server(1);
  start_guarded(World::one_pool(1));
  std::vector<std::string> customers;
  for (const auto& classes : {std::vector{checkout, cart}, {checkout, cart, browse}, {cart, browse}, {cart}}) {
    rules.worth = guard::WorthClasses(classes);
    publish();
    customers.push_back(cookie(ask(put_into_cart), "tenfold_seen"));
    EXPECT_NE(customers.back(), "") << customers.size();
    const std::string elsewhere =
        ask("POST /contact HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(cookie(elsewhere, "tenfold_seen"), "") << customers.size();
  }
  world.network.advance(1s);
  besiege();
  for (const std::string& each : customers) {
    EXPECT_THAT(get("/a", "Cookie: " + each + "\r\n"), StartsWith("HTTP/1.1 200"));
  }
}

// A bot farms no end of carts in a second: its network has its share of deeds and no more.
TEST_F(GuardedEdgeTest, ANetworkHasSoManyDeedsAMinute) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  int deeds = 0;
  for (int i = 0; i < 60; ++i) deeds += cookie(ask(put_into_cart), "tenfold_seen").empty() ? 0 : 1;
  EXPECT_EQ(deeds, 30);
}

// With slow pages a visit costs more than a clearance is good for: solving once more must help.
TEST_F(GuardedEdgeTest, WhoHasSpentAClearanceGetsAnotherBySolving) {
  world.add_server(1).behaviour = [](const Asked& asked) {
    return Answer{.think = asked.target() == "/slow" ? 2s : 0s};
  };
  start_guarded(World::one_pool(1));
  besiege();
  const std::string first = cookie(clear(get("/a")), "tenfold_clear");
  for (int i = 0; i < 2; ++i) EXPECT_THAT(get("/slow", "Cookie: " + first + "\r\n"), StartsWith("HTTP/1.1 200"));
  const std::string challenged = get("/a", "Cookie: " + first + "\r\n");
  const std::string second = cookie(clear(challenged, "/a", "Cookie: " + first + "\r\n"), "tenfold_clear");
  ASSERT_NE(second, "");
  EXPECT_THAT(get("/a", "Cookie: " + second + "\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(GuardedEdgeTest, WhoHasSpentACustomersBudgetIsClearedBySolving) {
  world.add_server(1).behaviour = [](const Asked& asked) {
    return Answer{.think = asked.target() == "/slow" ? 2s : 0s};
  };
  start_guarded(World::one_pool(1));
  const std::string customer = cookie(ask(put_into_cart), "tenfold_seen");
  world.network.advance(1s);
  besiege();
  for (int i = 0; i < 2; ++i) EXPECT_THAT(get("/slow", "Cookie: " + customer + "\r\n"), StartsWith("HTTP/1.1 200"));
  const std::string challenged = get("/a", "Cookie: " + customer + "\r\n");
  EXPECT_THAT(field(challenged, "tenfold-challenge"), StartsWith("v1; seed="));
  const std::string clearance = cookie(clear(challenged), "tenfold_clear");
  EXPECT_THAT(get("/a", "Cookie: " + customer + "; " + clearance + "\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(GuardedEdgeTest, ACookieThatIsNoPlaceSparesNobodyTheChallenge) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  EXPECT_NE(field(get("/a", "Cookie: tenfold_place=x\r\n"), "tenfold-challenge"), "");
}

TEST_F(GuardedEdgeTest, WhoHasSomethingInTheCartIsNotAskedInTheMiddleOfItsOrder) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  const std::string post = " HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n";
  const std::string seen = "Cookie: " + cookie(ask("POST /cart" + post + "\r\n"), "tenfold_seen") + "\r\n";
  besiege();
  EXPECT_THAT(ask("POST /checkout" + post + seen + "\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask("POST /checkout" + post + "\r\n"), StartsWith("HTTP/1.1 503"));
}

TEST_F(GuardedEdgeTest, AnOrderThatTheOriginRefusesIsNone) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.status = 422}; };
  start_guarded(World::one_pool(1));
  const std::string refused =
      ask("POST /checkout HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(cookie(refused, "tenfold_seen"), "");
  EXPECT_EQ(gatekeeper->window().orders.size(), 0u);
  EXPECT_EQ(gatekeeper->window().orders_seen, 0u);
}

// Who tries whether sales.order is right may do so from the office, which the owner lets be.
TEST_F(GuardedEdgeTest, AnOrderOfWhomTheOwnerLetsBeIsSeenAndMakesNoCustomer) {
  world.add_server(1);
  const auto office = *net::IpNetwork::parse("198.51.100.0/24");
  rules.allow = guard::AllowRules({{.name = "office", .networks = {office}, .paths = {}}}, {});
  start_guarded(World::one_pool(1));
  ask("POST /checkout HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(gatekeeper->window().orders_seen, 1u);
  EXPECT_EQ(gatekeeper->window().orders.size(), 0u);
}

TEST_F(GuardedEdgeTest, WhatOthersMayKeepCarriesNoCookieOfOurs) {
  std::string fields;
  world.add_server(1).behaviour = [&](const Asked&) {
    return Answer{.fields = "Content-Type: text/html\r\n" + fields};
  };
  start_guarded(World::one_pool(1));
  for (const char* keeps : {"Cache-Control: public\r\n", "Cache-Control: max-age=60\r\n", "ETag: \"a\"\r\n",
                            "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"}) {
    fields = keeps;
    EXPECT_EQ(cookie(get("/a"), "tenfold_seen"), "") << keeps;
  }
  for (const char* own : {"Cache-Control: private, max-age=60\r\n", "Cache-Control: no-store\r\nETag: \"a\"\r\n", ""}) {
    fields = own;
    EXPECT_NE(cookie(get("/a"), "tenfold_seen"), "") << own;
  }
}

TEST_F(GuardedEdgeTest, ABearerWhoHasSpentItsBudgetIsAStranger) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 2s}; };
  start_guarded(World::one_pool(1));
  besiege();
  const std::string clearance = "Cookie: " + cookie(clear(get("/a")), "tenfold_clear") + "\r\n";
  EXPECT_THAT(get("/a", clearance), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/a", clearance), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/a", clearance), StartsWith("HTTP/1.1 503"));  // 4 s of 3
  world.network.advance(30s);
  EXPECT_THAT(get("/a", clearance), StartsWith("HTTP/1.1 200"));
}

// What each will cost is reserved while it is under way.
TEST_F(GuardedEdgeTest, ManyAtOnceSpendNoMoreThanThereIs) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 2s}; };
  start_guarded(World::one_pool(1));
  get("/a");  // so that it is known what one costs
  besiege();
  const std::string clearance = cookie(clear(get("/a")), "tenfold_clear");
  std::list<Visitor> at_once;
  for (int i = 0; i < 5; ++i) {
    visitors.spawn(
        visit(people, server->local(),
              "GET /a HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nCookie: " + clearance + "\r\n\r\n",
              at_once.emplace_back()));
    world.network.advance(1ms);
  }
  world.network.advance(10s);
  EXPECT_EQ(
      std::ranges::count_if(at_once, [](const Visitor& each) { return each.received.starts_with("HTTP/1.1 200"); }), 2);
}

// Who leaves has spent nothing.
TEST_F(GuardedEdgeTest, WhatIsReservedForWhoLeavesIsGivenBack) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 1400ms}; };
  origin::Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  start_guarded(settings);
  get("/a");
  besiege();
  const std::string clearance = cookie(clear(get("/a")), "tenfold_clear");
  Visitor stays;
  const std::string request =
      "GET /a HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nCookie: " + clearance + "\r\n\r\n";
  visitors.spawn(visit(people, server->local(), request, stays));
  world.network.advance(1ms);
  Idler leaves;
  visitors.spawn(idle(people, server->local(), request, 100ms, AfterIdling::leaves, leaves));
  world.network.advance(5s);
  EXPECT_THAT(get("/a", "Cookie: " + clearance + "\r\n"), StartsWith("HTTP/1.1 200"));
}

// Whoever is let in already gains nothing by being let in: it would be sent in a circle.
TEST_F(GuardedEdgeTest, WhoIsClearedAndFindsNoPlaceComesAgainAndIsNotSentInACircle) {
  world.add_server(1).behaviour = [](const Asked& asked) {
    return Answer{.think = asked.target() == "/slow" ? 50s : 0s};
  };
  origin::Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  settings.pools[0].timeouts.queue = 1s;
  start_guarded(settings);
  besiege();
  const std::string clearance = cookie(clear(get("/a")), "tenfold_clear");
  ASSERT_NE(clearance, "");
  Visitor slow;
  const std::string slow_one = "GET /slow HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nCookie: ";
  visitors.spawn(visit(people, server->local(), slow_one + clearance + "\r\n\r\n", slow));
  world.network.advance(100ms);
  std::string cookies = "Cookie: " + clearance;
  for (int i = 0; i < 3; ++i) {
    const std::string again = get("/a", cookies + "\r\n");
    EXPECT_THAT(again, StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(field(again, "tenfold-queue"), StartsWith("v1; ahead=0; "));
    EXPECT_EQ(field(again, "retry-after"), "2");
    cookies = "Cookie: " + clearance + "; " + cookie(again, "tenfold_place");
    world.network.advance(2s);
  }
}

TEST_F(GuardedEdgeTest, ObservingDecidesAndDoesNotAct) {
  world.add_server(1);
  start_guarded(World::one_pool(1), GuardMode::observe);
  besiege();
  EXPECT_THAT(get("/a"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::stranger).asked, 1u);
  EXPECT_EQ(gatekeeper->window().challenges_shown, 1u);  // that would have been
}

// Who asks and leaves would hold a place at a hung server for the three seconds of a client that only half-closed.
TEST_F(GuardedEdgeTest, WhoLeftHoldsNoPlaceForLongWhereTheyAreShort) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 40s}; };
  start_guarded(World::one_pool(1));
  origin::PoolLoad& load = *world.directory->topology()->pools[0]->load;
  load.limit = 8;
  for (int i = 0; i < 3; ++i) visitors.spawn(ask_and_leave(people, server->local()));
  world.network.advance(2500ms);
  EXPECT_EQ(load.working, 3u);  // there is room: whoever half-closed is waited for
  for (int i = 0; i < 5; ++i) visitors.spawn(ask_and_leave(people, server->local()));
  world.network.advance(100ms);
  EXPECT_EQ(load.working, 8u);
  world.network.advance(150ms);
  EXPECT_LE(load.working, 5u);  // three are from before it was short, and there was room for one more then
  world.network.advance(3s);
  EXPECT_EQ(load.working, 0u);
}

TEST_F(GuardedEdgeTest, OffIsOff) {
  world.add_server(1);
  start_guarded(World::one_pool(1), GuardMode::off);
  besiege();
  EXPECT_THAT(get("/a"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/.tenfold/clear"), StartsWith("HTTP/1.1 404"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::stranger).asked, 0u);
}

TEST_F(GuardedEdgeTest, WhatIsStoredIsShownToEverybody) {
  world.add_server(1).behaviour = [](const Asked&) { return cacheable("page"); };
  start_guarded(World::one_pool(1), GuardMode::enforce, true);
  get("/a");
  besiege();
  EXPECT_THAT(get("/a"), HasSubstr("page"));
  EXPECT_THAT(get("/b"), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(world.server(1).requests(), 1);
}

TEST_F(GuardedEdgeTest, WhoFindsNoPlaceGetsOneInTheWaitingRoomAndIsLetIn) {
  world.add_server(1).behaviour = [](const Asked& asked) {
    return Answer{.think = asked.target() == "/slow" ? 20s : 0s};
  };
  origin::Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  settings.pools[0].timeouts.queue = 1s;
  start_guarded(settings);
  Visitor slow;
  visitors.spawn(
      visit(people, server->local(), "GET /slow HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n", slow));
  world.network.advance(100ms);
  const std::string turned = get("/a", "Accept: text/html\r\n");
  EXPECT_THAT(turned, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(field(turned, "tenfold-queue"), StartsWith("v1; ahead="));
  EXPECT_NE(field(turned, "retry-after"), "");
  std::string place = cookie(turned, "tenfold_place");
  ASSERT_NE(place, "");
  std::string answer;
  for (int i = 0; i < 30 && field(answer, "location").empty(); ++i) {
    world.network.advance(2s);
    answer = get("/.tenfold/wait?to=/a", "Cookie: " + place + "\r\n");
    if (const std::string next = cookie(answer, "tenfold_place"); !next.empty()) place = next;
  }
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 303"));
  EXPECT_EQ(field(answer, "location"), "/a");
  const std::string clearance = cookie(answer, "tenfold_clear");
  ASSERT_NE(clearance, "");
  besiege();
  world.network.advance(30s);
  EXPECT_THAT(get("/a", "Cookie: " + clearance + "\r\n"), StartsWith("HTTP/1.1 200"));
}

// Its eight seconds with the page that says what became of a form are part of its wait.
TEST_F(GuardedEdgeTest, WhoHasNoScriptWaitsFromItsChallengeOnAndNotTwice) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const std::string seed = seed_of(get("/a", "Accept: text/html\r\n"));
  ASSERT_NE(seed, "");
  EXPECT_THAT(get("/.tenfold/wait?to=/a&seed=" + seed), StartsWith("HTTP/1.1 503"));
  world.network.advance(8s);
  const std::string answer = get("/.tenfold/wait?to=/a&seed=" + seed);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 303"));
  EXPECT_EQ(field(answer, "location"), "/a");
  EXPECT_THAT(get("/a", "Cookie: " + cookie(answer, "tenfold_clear") + "\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/.tenfold/wait?to=/a&seed=0" + seed), StartsWith("HTTP/1.1 503")) << "not one of ours";
}

// Its page looks every few seconds, and would else be found to ask for what the shop has no time for.
TEST_F(GuardedEdgeTest, WhoAsksAfterItsPlaceAsksForNoTimeOfTheOrigins) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const std::string seed = seed_of(get("/a", "Accept: text/html\r\n"));
  const auto asked = [&] { return gatekeeper->window().meter.total().asked; };
  const auto before = asked();
  EXPECT_EQ(before, 1u);
  get("/.tenfold/wait?to=/a&seed=" + seed);
  get("/.tenfold/clear?to=/a&nonce=1&seed=" + seed);
  EXPECT_EQ(asked(), before);
}

TEST_F(GuardedEdgeTest, AnAppThatSpeaksJsonIsAnsweredInJson) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const std::string answer = get("/api", "Accept: application/json\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(field(answer, "content-type"), HasSubstr("json"));
  EXPECT_NE(seed_of(answer), "");
}

TEST_F(GuardedEdgeTest, AllowedIsServedWhateverIsDecided) {
  world.add_server(1);
  rules.allow = guard::AllowRules({{.name = "pay", .networks = {}, .paths = {{"POST", "/callback"}}}}, {});
  start_guarded(World::one_pool(1));
  besiege();
  EXPECT_THAT(ask("POST /callback HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/callback"), StartsWith("HTTP/1.1 503"));
}

}  // namespace
}  // namespace tenfold::edge
