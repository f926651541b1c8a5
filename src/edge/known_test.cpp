// Whom the guard knows on a request's walk, in a simulated network: customers of earlier days, crawlers, the owner's
// lists, and those who are merely old.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/sha256.hpp"
#include "edge/guarded_fixture.hpp"
#include "guard/challenge/ration.hpp"
#include "guard/known/address_set.hpp"
#include "guard/known/crawler_verdicts.hpp"
#include "guard/known/customer_book.hpp"
#include "guard/known/owner_lists.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {
namespace {

using guard::Standing;
using testing::StartsWith;

// Some have ordered yesterday.
class EarlierCustomersTest : public GuardedEdgeTest {
 protected:
  void start_with_customers() {
    trusted.push_back(
        *net::IpNetwork::parse("198.51.100.0/24"));  // the visitors' own: so that they may say who they are
    world.add_server(1);
    start_guarded(World::one_pool(1));
    state.today = std::chrono::floor<std::chrono::days>(world.network.clock().wall_now());
    guard::CustomerBook book("0123456789abcdef");
    book.note_order(*net::IpAddress::parse("203.0.113.5"), state.today - std::chrono::days(1));
    book.note_order(*net::IpAddress::parse("203.0.114.6"), state.today);
    state.customers = book.snapshot(state.today);
    besiege();
  }
  std::string get_from(const std::string& address) { return get("/a", "X-Forwarded-For: " + address + "\r\n"); }
};

TEST_F(EarlierCustomersTest, WhoOrderedFromThatAddressOnEarlierDaysIsSparedTheChallengeAndNobodyElse) {
  start_with_customers();
  EXPECT_THAT(get_from("203.0.113.5"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::cleared).asked, 1u) << "less than who shows a cookie";
  EXPECT_THAT(get_from("203.0.113.6"), StartsWith("HTTP/1.1 503")) << "a neighbour";
  EXPECT_THAT(get_from("203.0.114.6"), StartsWith("HTTP/1.1 503")) << "whoever ordered today may be part of it";
  EXPECT_EQ(gatekeeper->window().strangers_in_known_networks, 1u);
}

TEST_F(EarlierCustomersTest, AllBehindSuchAnAddressHaveOneShareTogether) {
  start_with_customers();
  world.server(1).behaviour = [](const Asked&) { return Answer{.think = 4s}; };
  EXPECT_THAT(get_from("203.0.113.5"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get_from("203.0.113.5"), StartsWith("HTTP/1.1 503"));
}

TEST_F(EarlierCustomersTest, WhatIsOnItsNetworkIsNotOnIt) {
  start_with_customers();
  const std::uint64_t client = guard::client_key(*net::IpAddress::parse("203.0.113.5"));
  auto measures = std::make_shared<Measures>();
  const auto network = subject_of(guard::Level::network, guard::key_at(guard::Level::network, client));
  measures->emplace(network, MeasureOn{.step = Step::refuse, .until = world.loop.now() + 1h});
  state.measures = measures;
  publish();
  EXPECT_THAT(get_from("203.0.113.5"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get_from("203.0.113.6"), StartsWith("HTTP/1.1 429"));
}

TEST_F(GuardedEdgeTest, WhomTheOwnerShutsOutIsRefusedInCalmTooButForWhatIsToBeLetBe) {
  trusted.push_back(*net::IpNetwork::parse("198.51.100.0/24"));  // the visitors' own: so that they may say who they are
  world.add_server(1);
  start_guarded(World::one_pool(1));
  const auto network = *net::IpNetwork::parse("203.0.113.0/24");
  rules.deny = guard::AllowRules({{.name = "scrapers", .networks = {network}, .paths = {}}}, {});
  rules.allow = guard::AllowRules({{.name = "callback", .networks = {network}, .paths = {{"", "/callback"}}}},
                                  {{.name = "app", .header = "X-Key", .hashes = {sha256("a long key of an app")}}});
  publish();
  const std::string from = "X-Forwarded-For: 203.0.113.9\r\n";
  EXPECT_THAT(get("/a", from), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(get("/.tenfold/wait?to=/", from), StartsWith("HTTP/1.1 403"));
  EXPECT_EQ(world.server(1).requests(), 0);
  EXPECT_THAT(get("/callback", from), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/a", from + "x-key: a long key of an app\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/a", "X-Forwarded-For: 203.0.114.9\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().denied, 2u);

  rules.mode = GuardMode::observe;
  publish();
  EXPECT_THAT(get("/a", from), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().denied, 3u);
}

guard::AddressSet set_of(std::string_view network) {
  const net::IpNetwork networks[] = {*net::IpNetwork::parse(network)};
  return guard::AddressSet(networks);
}

TEST_F(GuardedEdgeTest, TheOwnersListsOfTheApiHoldLikeThoseOfTheConfiguration) {
  trusted.push_back(*net::IpNetwork::parse("198.51.100.0/24"));  // the visitors' own: so that they may say who they are
  world.add_server(1);
  start_guarded(World::one_pool(1));
  state.lists = std::make_shared<const guard::OwnerNetworks>(
      guard::OwnerNetworks{.deny = set_of("203.0.113.0/24"), .allow = set_of("203.0.113.7")});
  besiege();
  EXPECT_THAT(get("/a", "X-Forwarded-For: 203.0.113.9\r\n"), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(get("/a", "X-Forwarded-For: 203.0.113.7\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/a", "X-Forwarded-For: 203.0.114.7\r\n"), StartsWith("HTTP/1.1 503"));
}

// As everybody else, by the IPv4 address: it is the one that is shown.
TEST_F(GuardedEdgeTest, WhoComesThroughATranslatorIsOnTheOwnersLists) {
  trusted.push_back(*net::IpNetwork::parse("198.51.100.0/24"));  // the visitors' own: so that they may say who they are
  world.add_server(1);
  start_guarded(World::one_pool(1));
  rules.deny = guard::AllowRules(
      {{.name = "scrapers", .networks = {*net::IpNetwork::parse("203.0.113.0/24")}, .paths = {}}}, {});
  rules.allow = guard::AllowRules({{.name = "bank", .networks = {*net::IpNetwork::parse("203.0.115.7")}}}, {});
  state.lists = std::make_shared<const guard::OwnerNetworks>(
      guard::OwnerNetworks{.deny = set_of("203.0.114.9"), .allow = set_of("64:ff9b::203.0.116.0/120")});
  besiege();
  const auto get_by = [&](std::string_view v4) {
    return get("/a", "X-Forwarded-For: 64:ff9b::" + std::string(v4) + "\r\n");
  };
  EXPECT_THAT(get_by("203.0.113.9"), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(get_by("203.0.114.9"), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(get_by("203.0.115.7"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get_by("203.0.116.7"), StartsWith("HTTP/1.1 200")) << "as it was written";
  EXPECT_THAT(get_by("203.0.117.7"), StartsWith("HTTP/1.1 503"));
}

GuardFacts facts_of(Standing standing, guard::Rank rank) {
  GuardFacts facts{.standing = standing, .rank = rank};
  facts.above_rest = true;
  facts.seen.emplace().deeds.add(guard::Deed::cart);
  return facts;
}

// A thousand who solve and put something into a cart would else come before all customers who begin.
TEST(GoesOn, WhoWasLetIntoTheCustomersRankForWhatItBuysIsNotBeforeThemToo) {
  EXPECT_TRUE(goes_on(facts_of(Standing::known, guard::Rank::basket)));
  EXPECT_TRUE(goes_on(facts_of(Standing::known, guard::Rank::known)));
  EXPECT_FALSE(goes_on(facts_of(Standing::cleared, guard::Rank::known)));
  EXPECT_TRUE(goes_on(facts_of(Standing::cleared, guard::Rank::cleared))) << "before those who begin in its own";
}

// A payment provider's word that an order is paid waited behind all who buy.
TEST(GoesOn, WhomTheOwnerLetsBeIsNotBehindThoseWhoBuyAndACrawlerIs) {
  GuardFacts facts{.standing = Standing::allowed, .rank = guard::Rank::basket};
  facts.allowed_by = "payments";
  EXPECT_TRUE(goes_on(facts));
  GuardFacts crawler{.standing = Standing::allowed, .rank = guard::Rank::cleared};
  EXPECT_FALSE(goes_on(crawler));
}

TEST(GoesOn, WhoHasSpentItsBudgetOrIsUnderAMeasureIsBeforeNobody) {
  EXPECT_FALSE(goes_on(facts_of(Standing::stranger, guard::Rank::stranger)));
  GuardFacts has_waited{.standing = Standing::cleared, .rank = guard::Rank::cleared};
  has_waited.clearance.emplace().kind = guard::ClearanceKind::waited;
  EXPECT_TRUE(goes_on(has_waited));
  has_waited.standing = Standing::stranger;
  has_waited.rank = guard::Rank::stranger;
  EXPECT_FALSE(goes_on(has_waited));
  has_waited.standing = Standing::suspect;
  has_waited.rank = guard::Rank::last;
  EXPECT_FALSE(goes_on(has_waited));
}

// Browsers send both, the older one first.
TEST_F(GuardedEdgeTest, WhatWasSetForTheNameHidesNothingThatIsSetForItsDomain) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.fields = "Content-Type: text/html\r\n"}; };
  start_guarded(World::one_pool(1));
  const std::string for_name = cookie(get("/a"), "tenfold_seen");
  ASSERT_NE(for_name, "");
  rules.cookie_domain = "shop.example";
  publish();
  world.network.advance(1min);
  const auto fill_cart = [&](const std::string& cookies) {
    return cookie(ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nCookie: " + cookies +
                      "\r\nConnection: close\r\n\r\n"),
                  "tenfold_seen");
  };
  const std::string for_domain = fill_cart(for_name);
  ASSERT_NE(for_domain, "");
  EXPECT_EQ(fill_cart(for_name + "; " + for_domain), "") << "it is known";
  besiege();
  EXPECT_THAT(get("/a", "Cookie: " + for_name + "; " + for_domain + "\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(GuardedEdgeTest, OfTwoClearancesTheNewerCounts) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 4s}; };
  start_guarded(World::one_pool(1));
  besiege();
  const std::string for_name = cookie(clear(get("/a")), "tenfold_clear");
  EXPECT_THAT(get("/a", "Cookie: " + for_name + "\r\n"), StartsWith("HTTP/1.1 200"));
  const std::string spent = get("/a", "Cookie: " + for_name + "\r\n");
  ASSERT_THAT(spent, StartsWith("HTTP/1.1 503"));
  const std::string for_domain = cookie(clear(spent, "/a", "Cookie: " + for_name + "\r\n"), "tenfold_clear");
  ASSERT_NE(for_domain, "");
  EXPECT_THAT(get("/a", "Cookie: " + for_name + "; " + for_domain + "\r\n"), StartsWith("HTTP/1.1 200"));
}

class CrawlersTest : public GuardedEdgeTest {
 protected:
  void start_with_crawlers() {
    trusted.push_back(
        *net::IpNetwork::parse("198.51.100.0/24"));  // the visitors' own: so that they may say who they are
    world.add_server(1);
    start_guarded(World::one_pool(1));
    const TimePoint until = world.loop.now() + 1h;
    state.crawlers = std::make_shared<const guard::CrawlerVerdicts>(guard::CrawlerVerdicts::Table{
        {net::IpAddress::parse("203.0.113.5")->bytes(), {guard::Crawler::google, until, until}},
        {net::IpAddress::parse("203.0.113.6")->bytes(), {guard::Crawler::none, until, until}}});
    besiege();
  }
  std::string get_as(const std::string& agent, const std::string& address) {
    return get("/a", "User-Agent: " + agent + "\r\nX-Forwarded-For: " + address + "\r\n");
  }
  const std::string googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
};

TEST_F(CrawlersTest, WhoIsProvenIsAllowedAndWhoOnlySaysSoIsAnybody) {
  start_with_crawlers();
  EXPECT_THAT(get_as(googlebot, "203.0.113.5"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::allowed).asked, 1u);
  EXPECT_THAT(get_as(googlebot, "64:ff9b::203.0.113.5"), StartsWith("HTTP/1.1 200")) << "through a translator";
  EXPECT_THAT(get_as(googlebot, "203.0.113.6"), StartsWith("HTTP/1.1 503")) << "refuted";
  EXPECT_THAT(get_as("Mozilla/5.0", "203.0.113.5"), StartsWith("HTTP/1.1 503")) << "does not say so";
  EXPECT_THAT(get_as("bingbot/2.0", "203.0.113.5"), StartsWith("HTTP/1.1 503")) << "another's";
  EXPECT_TRUE(rooms.crawler_claims.take().empty()) << "all of that is known";
}

TEST_F(CrawlersTest, OfWhomNothingIsKnownIsLookedUpAndMeanwhileAnybody) {
  start_with_crawlers();
  EXPECT_THAT(get_as(googlebot, "203.0.114.7"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get_as(googlebot, "203.0.114.7"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(rooms.crawler_claims.take(), testing::ElementsAre(*net::IpAddress::parse("203.0.114.7")));
}

TEST_F(GuardedEdgeTest, ANetworkGetsSoManyFirstSeenCookiesAnHourAndNoMore) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.fields = "Content-Type: text/html\r\n"}; };
  start_guarded(World::one_pool(1));
  const auto given = [&](std::uint32_t visitors) {
    std::uint32_t cookies = 0;
    for (std::uint32_t i = 0; i < visitors; ++i) cookies += cookie(get("/a"), "tenfold_seen").empty() ? 0 : 1;
    return cookies;
  };
  EXPECT_EQ(given(guard::first_seen_ration().a_network + 20), guard::first_seen_ration().a_network);
  world.network.advance(2h);
  EXPECT_EQ(given(5), 5u);
}

TEST_F(GuardedEdgeTest, CookiesGatheredInOneNetworkAreWorthOneShareTogetherUnlessTheirBearersDidSomething) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.fields = "Content-Type: text/html\r\n"}; };
  start_guarded(World::one_pool(1));
  const std::string one = "Cookie: " + cookie(get("/a"), "tenfold_seen") + "\r\n";
  const std::string other = "Cookie: " + cookie(get("/a"), "tenfold_seen") + "\r\n";
  const std::string basket = cookie(ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n"
                                        "Connection: close\r\n\r\n"),
                                    "tenfold_seen");
  world.network.advance(age_of_a_customer);
  besiege();
  EXPECT_THAT(get("/a", one), StartsWith("HTTP/1.1 200"));
  const std::uint64_t network = subject_hash(key, net::IpAddress::v4(0xc6336407), guard::Level::network);
  site->guard_memory->age_budget.spend(network, GuardMemory::of_age().burst + 500ms, world.loop.now());
  EXPECT_THAT(get("/a", one), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get("/a", other), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get("/a", "Cookie: " + basket + "\r\n"), StartsWith("HTTP/1.1 200"));
  world.network.advance(2s);
  EXPECT_THAT(get("/a", other), StartsWith("HTTP/1.1 200"));
}

// Until it is known how much the servers bear, a queue stands there: that is not the customers' doing.
TEST_F(GuardedEdgeTest, WhatACustomerWaitsInTheServersQueueIsNotTakenOffItsBudget) {
  world.add_server(1).behaviour = [](const Asked&) {
    return Answer{.think = 2s, .fields = "Content-Type: text/html\r\n"};
  };
  start_guarded(World::one_pool(1));
  const std::string basket = "Cookie: " +
                             cookie(ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n"
                                        "Connection: close\r\n\r\n"),
                                    "tenfold_seen") +
                             "\r\n";
  world.network.advance(1min);
  besiege();
  const auto served = [&] {
    int count = 0;
    while (count < 10 && get("/a", basket).starts_with("HTTP/1.1 200")) ++count;
    return count;
  };
  EXPECT_LE(served(), 2) << "what it did take";
  world.network.advance(1min);
  const auto& load = site->upstreams.route("GET", "shop.example", "/a")->pools.front()->load;
  load->late_ns = Duration(1980ms).count();
  EXPECT_EQ(served(), 10);
}

TEST_F(EarlierCustomersTest, TheKernelIsNotToldOfWhomAProxyTells) {
  start_with_customers();
  const std::uint64_t client = guard::client_key(*net::IpAddress::parse("203.0.113.77"));
  for (const Step step : {Step::refuse, Step::drop}) {
    auto measures = std::make_shared<Measures>();
    measures->emplace(subject_of(guard::Level::client, client),
                      MeasureOn{.step = step, .until = world.loop.now() + 1h});
    state.measures = measures;
    publish();
    EXPECT_THAT(get_from("203.0.113.77"), StartsWith("HTTP/1.1 429"));
    EXPECT_TRUE(gatekeeper->window().senders.empty()) << "its packets come from the proxy";
  }
}

}  // namespace
}  // namespace tenfold::edge
