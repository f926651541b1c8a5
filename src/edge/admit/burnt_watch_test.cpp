#include "edge/admit/burnt_watch.hpp"

#include <gtest/gtest.h>

#include "edge/admit/handshake_meter.hpp"
#include "edge/guarded_fixture.hpp"

namespace tenfold::edge {
namespace {

using http::Burning;
using http::Chore;

net::IpAddress address(std::string_view text) { return *net::IpAddress::parse(text); }

class BurntWatchTest : public GuardedEdgeTest {
 protected:
  void begin(GuardMode mode = GuardMode::enforce) {
    world.add_server(1);
    start_guarded(World::one_pool(1), mode);
    site->burnt_watch = std::make_unique<BurntWatch>(
        key, [this] { return wanted; }, limits);
  }
  BurntWatch& watch() { return *site->burnt_watch; }
  void strain() {
    state.posture = guard::judging::Posture::strained;
    publish();
  }
  // More than a client's share, and less than a network's.
  void burn_its_share(const net::IpAddress& client) { watch().charge(*site, client, limits.client.burst); }
  GuardWindow& window() { return gatekeeper->window(); }

  guard::BurntLimits limits;
  Duration wanted{};
  const net::IpAddress burner = address("203.0.113.7");
  const net::IpAddress neighbour = address("203.0.113.8");
};

TEST_F(BurntWatchTest, NobodyIsTurnedAwayWhileAllIsCalm) {
  begin();
  burn_its_share(burner);
  EXPECT_FALSE(watch().turns_away(*site, burner));
  EXPECT_EQ(watch().charge(*site, burner, cost(Chore::piece)), Burning::may_go_on);
  EXPECT_EQ(window().burnt_turned_away, 0u);
  EXPECT_EQ(window().burnt_us, 500'000u + 25 + 17);
}

TEST_F(BurntWatchTest, UnderStrainWhoIsOverItsShareIsTurnedAwayUntilItHasLeakedOut) {
  begin();
  burn_its_share(burner);
  strain();
  EXPECT_FALSE(watch().turns_away(*site, neighbour));
  EXPECT_TRUE(watch().turns_away(*site, burner));
  EXPECT_EQ(watch().charge(*site, burner, cost(Chore::piece)), Burning::ends);
  EXPECT_FALSE(watch().turns_away(*site, neighbour));
  EXPECT_EQ(window().burnt_turned_away, 1u);
  EXPECT_EQ(window().burnt_closed, 1u);
  world.network.advance(1s);
  EXPECT_FALSE(watch().turns_away(*site, burner));
}

TEST_F(BurntWatchTest, WhereNobodyElseIsHereItTakesNothingFromAnybody) {
  begin();
  burn_its_share(burner);
  strain();
  EXPECT_FALSE(watch().turns_away(*site, burner));
  EXPECT_FALSE(watch().turns_away(*site, neighbour));
  EXPECT_TRUE(watch().turns_away(*site, burner));
  burn_its_share(burner);
  world.network.advance(BurntWatch::here_for);
  EXPECT_FALSE(watch().turns_away(*site, burner)) << "the other has left";
  get("/a");  // of a third
  EXPECT_TRUE(watch().turns_away(*site, burner));
}

TEST_F(BurntWatchTest, AWorkerThatIsShortOfACoreIsStrainToo) {
  begin();
  EXPECT_FALSE(watch().turns_away(*site, neighbour));
  burn_its_share(burner);
  burn_its_share(burner);
  EXPECT_FALSE(watch().turns_away(*site, burner));
  wanted += 79ms;
  world.network.advance(100ms);
  EXPECT_FALSE(watch().turns_away(*site, burner));
  wanted += 81ms;
  world.network.advance(100ms);
  EXPECT_TRUE(watch().turns_away(*site, burner));
  EXPECT_TRUE(window().core_was_short);
  burn_its_share(burner);
  world.network.advance(CoreTime::remembered_for);
  EXPECT_FALSE(watch().turns_away(*site, burner));
}

TEST_F(BurntWatchTest, ObservingCountsWhomItWouldTurnAway) {
  begin(GuardMode::observe);
  strain();
  EXPECT_FALSE(watch().turns_away(*site, neighbour));
  burn_its_share(burner);
  EXPECT_FALSE(watch().turns_away(*site, burner));
  EXPECT_EQ(watch().charge(*site, burner, cost(Chore::piece)), Burning::may_go_on);
  EXPECT_EQ(window().burnt_turned_away, 1u);
  EXPECT_GE(window().burnt_closed, 1u);
}

TEST_F(BurntWatchTest, WhereTheGuardIsOffNothingIsCounted) {
  begin(GuardMode::off);
  strain();
  burn_its_share(burner);
  EXPECT_FALSE(watch().turns_away(*site, burner));
  EXPECT_EQ(window().burnt_us, 0u);
}

TEST_F(BurntWatchTest, ProxiesThatSpeakForOthersAndWhomTheOwnerLetsBeAreNeverTurnedAway) {
  trusted = {*net::IpNetwork::parse("203.0.113.7/32")};
  begin();
  const std::vector<guard::AllowRule> office{
      {.name = "office", .networks = {*net::IpNetwork::parse("203.0.113.8/32")}, .paths = {{"", "/*"}}}};
  rules.allow = guard::AllowRules(office, {});
  strain();
  for (const net::IpAddress& client : {burner, neighbour}) {
    burn_its_share(client);
    EXPECT_FALSE(watch().turns_away(*site, client));
  }
}

TEST_F(BurntWatchTest, AnAddressFromWhichACustomerOrderedHasALargerShare) {
  begin();
  const net::IpAddress shared = address("198.51.100.7");  // as `people` come
  const std::string seen =
      cookie(ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
             "tenfold_seen");
  ASSERT_NE(seen, "");
  world.network.advance(10min);
  strain();
  state.trouble_began = world.network.clock().wall_now();
  publish();
  get("/a", "Cookie: " + seen + "\r\n");
  ASSERT_EQ(window().of(guard::Standing::known).requests, 1u);
  burn_its_share(shared);
  EXPECT_FALSE(watch().turns_away(*site, shared));
  watch().charge(*site, shared, limits.network.burst);
  EXPECT_FALSE(watch().turns_away(*site, burner));
  EXPECT_TRUE(watch().turns_away(*site, shared));
}

TEST_F(BurntWatchTest, ACookieThatIsMerelyThereGivesItsAddressNoLargerShare) {
  begin();
  world.server(1).behaviour = [](const Asked&) { return Answer{.fields = "Content-Type: text/html\r\n"}; };
  const net::IpAddress visitors_own = address("198.51.100.7");
  const std::string fresh = cookie(get("/a"), "tenfold_seen");
  ASSERT_NE(fresh, "");
  get("/a", "Cookie: " + fresh + "\r\n");
  ASSERT_EQ(window().of(guard::Standing::known).requests, 1u);
  burn_its_share(visitors_own);
  strain();
  EXPECT_FALSE(watch().turns_away(*site, burner));
  EXPECT_TRUE(watch().turns_away(*site, visitors_own));
}

TEST_F(BurntWatchTest, AHandshakeIsChargedWhatItTakesStepByStepWithAPriceForEachWakeUp) {
  begin();
  HandshakeMeter meter(*site, burner, [this] { return wanted; });
  EXPECT_TRUE(meter.may_begin());
  EXPECT_EQ(window().burnt_us, 17u);
  EXPECT_EQ(meter.took(3ms), net::HandshakeWatch::Then::goes_on);
  EXPECT_EQ(window().burnt_us, 3000u + 2 * 17) << "at once, though the handshake is not finished";
  wanted = 5ms;
  EXPECT_EQ(meter.cpu_time(), 5ms);
}

TEST_F(BurntWatchTest, WhoIsOverItsShareIsEndedInTheMiddleOfAHandshakeAndBeginsNone) {
  begin();
  strain();
  EXPECT_FALSE(watch().turns_away(*site, neighbour));
  HandshakeMeter meter(*site, burner, [] { return Duration(); });
  ASSERT_TRUE(meter.may_begin());
  const Duration left = limits.client.burst - 2 * cost(Chore::piece);
  EXPECT_EQ(meter.took(left - 1us), net::HandshakeWatch::Then::goes_on);
  EXPECT_FALSE(meter.ended());
  EXPECT_EQ(meter.took(Duration()), net::HandshakeWatch::Then::ends);
  EXPECT_TRUE(meter.ended());
  EXPECT_FALSE(HandshakeMeter(*site, burner, [] { return Duration(); }).may_begin());
  EXPECT_TRUE(HandshakeMeter(*site, neighbour, [] { return Duration(); }).may_begin());
}

TEST_F(BurntWatchTest, WhomTheOwnerDeniesBurnsByAskingAllTheSame) {
  begin();
  rules.deny = guard::AllowRules({{.name = "pest", .networks = {*net::IpNetwork::parse("198.51.100.0/24")}}}, {});
  strain();
  EXPECT_EQ(window().burnt_us, 0u);
  const std::string denied = get("/a");
  EXPECT_TRUE(denied.starts_with("HTTP/1.1 403")) << denied;
  EXPECT_EQ(window().burnt_us, 25u);
}

}  // namespace
}  // namespace tenfold::edge
