#include "cache/policy/reuse.hpp"

#include <gtest/gtest.h>

#include "cache/test_requests.hpp"

namespace tenfold::cache {
namespace {

using namespace std::chrono_literals;
using testing::Fields;
using testing::get;

constexpr TimePoint received{1h};

Reuse at(Duration later, const Terms& terms, Fields request = {}, ClientDirectives client = ClientDirectives::ignore) {
  return reuse(terms, received, request_terms(get("/", request)), client, received + later);
}

// RFC 9111, 4.2: fresh while the lifetime is greater than the age.
TEST(Reuse, FreshJustUnderTheLifetime) {
  const Terms terms{.lifetime_s = 60, .initial_age_s = 10};
  EXPECT_EQ(at(49s, terms).use, Use::fresh);
  EXPECT_EQ(at(49s, terms).ttl_s, 1);
  EXPECT_EQ(at(50s, terms).use, Use::validate);
  EXPECT_EQ(at(50s, terms).age_s, 60);
  EXPECT_EQ(at(55s, terms).ttl_s, -5);
}

// RFC 5861, 3 and 4.
TEST(Reuse, StaleJustUnderTheStaleTimes) {
  const Terms terms{.lifetime_s = 60, .stale_while_revalidate_s = 10, .stale_if_error_s = 20};
  EXPECT_EQ(at(60s, terms).use, Use::stale_while_revalidate);
  EXPECT_EQ(at(69s, terms).use, Use::stale_while_revalidate);
  EXPECT_EQ(at(70s, terms).use, Use::validate);
  EXPECT_TRUE(at(79s, terms).stale_if_error);
  EXPECT_FALSE(at(80s, terms).stale_if_error);
}

// RFC 9111, 5.2.2.4.
TEST(Reuse, NoCacheIsAlwaysValidated) {
  EXPECT_EQ(at(0s, {.lifetime_s = 60, .validate_always = true}).use, Use::validate);
}

// RFC 9111, 3.5.
TEST(Reuse, AuthorizedRequestsNeedPermission) {
  EXPECT_EQ(at(0s, {.lifetime_s = 60}, {{"Authorization", "x"}}).use, Use::never);
  EXPECT_EQ(at(0s, {.lifetime_s = 60, .allows_authorized = true}, {{"Authorization", "x"}}).use, Use::fresh);
}

TEST(Reuse, AGuessIsNotForRequestsWithACookie) {
  const Terms terms{.lifetime_s = 60, .stale_if_error_s = 20, .heuristic = true};
  EXPECT_EQ(at(0s, terms).use, Use::fresh);
  EXPECT_EQ(at(0s, terms, {{"Cookie", "a=b"}}).use, Use::validate);
  EXPECT_TRUE(at(0s, terms, {{"Cookie", "a=b"}}).stale_if_error);
}

TEST(Reuse, ClientsAreHeardOnlyWhenTheOwnerSaysSo) {
  const Terms terms{.lifetime_s = 60};
  for (const std::string_view control : {"no-cache", "max-age=0", "min-fresh=60", "no-store"}) {
    EXPECT_EQ(at(1s, terms, {{"Cache-Control", control}}).use, Use::fresh) << control;
  }
}

// RFC 9111, 5.2.1; RFC 8246.
TEST(Reuse, ClientsThatAreHeard) {
  const auto heard = [](Duration later, const Terms& terms, std::string_view control) {
    return at(later, terms, {{"Cache-Control", control}}, ClientDirectives::revalidate).use;
  };
  const Terms terms{.lifetime_s = 60};
  EXPECT_EQ(heard(0s, terms, "no-cache"), Use::validate);
  EXPECT_EQ(heard(10s, terms, "max-age=10"), Use::fresh);
  EXPECT_EQ(heard(11s, terms, "max-age=10"), Use::validate);
  EXPECT_EQ(heard(50s, terms, "min-fresh=10"), Use::fresh);
  EXPECT_EQ(heard(51s, terms, "min-fresh=10"), Use::validate);
  EXPECT_EQ(heard(65s, terms, "max-stale=5"), Use::stale_while_revalidate);
  EXPECT_EQ(heard(66s, terms, "max-stale=5"), Use::validate);
  EXPECT_EQ(heard(65s, {.lifetime_s = 60, .never_stale = true}, "max-stale=5"), Use::validate);
  EXPECT_EQ(heard(0s, {.lifetime_s = 0}, "max-stale"), Use::validate) << "it was never for others";
  EXPECT_EQ(heard(0s, {.lifetime_s = 60, .initial_age_s = 60}, "max-stale"), Use::validate);
  EXPECT_EQ(heard(1s, {.lifetime_s = 60, .immutable = true}, "max-age=0"), Use::fresh);
  EXPECT_EQ(heard(1s, {.lifetime_s = 60, .immutable = true}, "no-cache"), Use::validate);
}

}  // namespace
}  // namespace tenfold::cache
