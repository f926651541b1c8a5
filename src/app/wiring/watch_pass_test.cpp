#include "app/wiring/watch_pass.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/wiring/watch_settings.hpp"
#include "base/clock.hpp"
#include "guard/token/token_keys.hpp"
#include "guard/token/tokens.hpp"

namespace tenfold::app {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view secret = "0123456789abcdef";

class WatchPassTest : public testing::Test {
 protected:
  guard::Opened<guard::FirstSeen> opened(const std::string& cookie) {
    const std::string_view name_and_equals = "tenfold_seen=";
    EXPECT_THAT(cookie, StartsWith(std::string(name_and_equals)));
    const WallTime now = clock_.wall_now();
    return guard::open_first_seen(guard::TokenKeys(secret, now), cookie.substr(name_and_equals.size()), now);
  }

  ManualClock clock_;
  WatchPass pass_{clock_, std::string(secret)};
};

TEST_F(WatchPassTest, IsACustomersOfEarlierDaysHoweverLongTheProcessLives) {
  pass_.set_guarded(true);
  std::uint64_t id = 0;
  for (int day = 0; day < 100; ++day, clock_.advance(24h)) {
    const auto seen = opened(pass_.cookie());
    ASSERT_TRUE(seen) << guard::name(seen.error());
    EXPECT_TRUE(seen->deeds.has(guard::Deed::order));
    EXPECT_GE(clock_.wall_now() - seen->first_seen, 28 * 24h);
    EXPECT_FALSE(guard::should_renew(*seen, clock_.wall_now()));
    if (day > 0) EXPECT_EQ(seen->id, id) << "one customer, with one budget";
    id = seen->id;
  }
  WatchPass another(clock_, std::string(secret));
  another.set_guarded(true);
  EXPECT_NE(opened(another.cookie())->id, id) << "each process is one of its own";
}

TEST_F(WatchPassTest, SaysNothingWhereNoGuardWouldKnowIt) {
  EXPECT_THAT(pass_.cookie(), IsEmpty());
  pass_.set_guarded(true);
  EXPECT_THAT(pass_.cookie(), Not(IsEmpty()));
  pass_.set_guarded(false);
  EXPECT_THAT(pass_.cookie(), IsEmpty());
  WatchPass without(clock_, "");
  without.set_guarded(true);
  EXPECT_THAT(without.cookie(), IsEmpty());
  EXPECT_FALSE(watch_prober_options({}).own_cookie);
}

}  // namespace
}  // namespace tenfold::app
