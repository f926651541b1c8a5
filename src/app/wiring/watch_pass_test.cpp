#include "app/wiring/watch_pass.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "app/wiring/watch_settings.hpp"
#include "base/clock.hpp"
#include "guard/token/id_watch.hpp"
#include "guard/token/token_keys.hpp"
#include "guard/token/tokens.hpp"

namespace tenfold::app {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view secret = "0123456789abcdef";

config::Replaceable guarded(config::GuardMode mode = config::GuardMode::enforce) {
  config::Replaceable live;
  live.listen = {{.address = {"127.0.0.1", 8080}}};
  live.guard.mode = mode;
  return live;
}

class WatchPassTest : public testing::Test {
 protected:
  WatchPassTest() { pass_.follow(guarded()); }

  guard::Opened<guard::FirstSeen> opened(const std::string& cookie) {
    const std::string_view name_and_equals = "tenfold_seen=";
    EXPECT_THAT(cookie, StartsWith(std::string(name_and_equals)));
    const WallTime now = clock_.wall_now();
    return guard::open_first_seen(guard::TokenKeys(secret, now), cookie.substr(name_and_equals.size()), now);
  }
  std::uint64_t id() { return opened(pass_.cookie(here_))->id; }

  const watch::Destination here_{.scheme = "http", .host = "127.0.0.1", .port = 8080, .addresses = {"127.0.0.1"}};
  ManualClock clock_;
  WatchPass pass_{clock_, std::string(secret)};
};

TEST_F(WatchPassTest, IsACustomersOfEarlierDaysHoweverLongTheProcessLives) {
  for (int day = 0; day < 100; ++day, clock_.advance(24h)) {
    const auto seen = opened(pass_.cookie(here_));
    ASSERT_TRUE(seen) << guard::name(seen.error());
    EXPECT_TRUE(seen->deeds.has(guard::Deed::order));
    EXPECT_GE(clock_.wall_now() - seen->first_seen, 28 * 24h);
    EXPECT_FALSE(guard::should_renew(*seen, clock_.wall_now()));
  }
}

TEST_F(WatchPassTest, IsAnotherCustomersEachHour) {
  clock_.advance(1h - clock_.wall_now().time_since_epoch() % 1h);
  const std::uint64_t first = id();
  clock_.advance(59min);
  EXPECT_EQ(id(), first) << "one customer, with one budget";
  clock_.advance(1min);
  EXPECT_NE(id(), first);
  WatchPass another(clock_, std::string(secret));
  another.follow(guarded());
  EXPECT_NE(opened(another.cookie(here_))->id, id()) << "each process is one of its own";
}

TEST_F(WatchPassTest, IsKnownAgainAtOnceAfterOthersHadItRevoked) {
  guard::IdWatch ids({}, {1, 2});
  const auto network = [](int n) {
    return guard::Prefix::of(*net::IpAddress::parse(fmt::format("198.51.{}.1", n)), guard::Level::network);
  };
  const auto pass = std::make_shared<WatchPass>(clock_, std::string(secret));
  const auto options = watch_prober_options({}, pass);
  pass->follow(guarded());
  const std::uint64_t before = opened(options.own_cookie(here_))->id;
  for (int n = 0; n < 9; ++n) ids.see(before, network(n), clock_.now());
  ASSERT_EQ(ids.see(before, network(100), clock_.now()), guard::IdVerdict::revoked);
  options.own_cookie_refused();
  const auto after = opened(options.own_cookie(here_));
  EXPECT_EQ(ids.see(after->id, network(100), clock_.now()), guard::IdVerdict::fine);
  EXPECT_GE(clock_.wall_now() - after->first_seen, 28 * 24h) << "a customer of earlier days all the same";
}

TEST_F(WatchPassTest, GoesToThisEdgeAlone) {
  EXPECT_THAT(pass_.cookie(here_), Not(IsEmpty()));
  watch::Destination elsewhere = here_;
  elsewhere.port = 9001;
  EXPECT_THAT(pass_.cookie(elsewhere), IsEmpty());
  elsewhere = here_;
  elsewhere.addresses = {"192.0.2.1"};
  EXPECT_THAT(pass_.cookie(elsewhere), IsEmpty());
}

TEST_F(WatchPassTest, SaysNothingWhereNoGuardWouldKnowIt) {
  pass_.follow(guarded(config::GuardMode::off));
  EXPECT_THAT(pass_.cookie(here_), IsEmpty());
  pass_.follow(guarded(config::GuardMode::observe));
  EXPECT_THAT(pass_.cookie(here_), Not(IsEmpty()));
  WatchPass early(clock_, std::string(secret));
  EXPECT_THAT(early.cookie(here_), IsEmpty());
  WatchPass without(clock_, "");
  without.follow(guarded());
  EXPECT_THAT(without.cookie(here_), IsEmpty());
  EXPECT_FALSE(watch_prober_options({}).own_cookie);
}

}  // namespace
}  // namespace tenfold::app
