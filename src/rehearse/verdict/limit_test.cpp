#include "rehearse/verdict/limit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rehearse/verdict/simulated_shop.hpp"

namespace tenfold::rehearse {
namespace {

using testing::HasSubstr;
using testing_shop::run;
using testing_shop::Shop;

class LimitTest : public testing::Test {
 protected:
  Result<LimitResult> find(const Shop& shop, double start, double most = 1e6) {
    const RunLoad play = [&](double load, Step::Purpose purpose) -> Result<RunRecord> {
      loads.push_back(load);
      auto record = run(shop, load, purpose == Step::Purpose::validate ? validate_s : 15, ++seed);
      if (loads.size() == misjudged) record->total.failed[5] = record->judged[0].counts.failed[5] = 20;
      if (loads.size() == interrupted) record->ended = RunRecord::Ended::interrupted;
      if (load > driver_limit || loads.size() == disturbed) record->total.unsent = record->total.planned / 2;
      return *record;
    };
    return find_limit(play, *parse_slo("p99<800ms,errors<0.5%"), {.start = start, .most = most});
  }
  std::uint64_t seed = 0;
  double driver_limit = 1e9;
  std::size_t disturbed = 0;    // number of the run that says nothing
  std::size_t misjudged = 0;    // of that in which the shop fails a few by chance
  std::size_t interrupted = 0;  // and of that in which a person ends it
  double validate_s = 30;
  std::vector<double> loads;
};

TEST_F(LimitTest, FindsTheKneeWithinFivePercent) {
  for (const Shop& shop : {Shop{20, 0.04}, Shop{8, 0.01}, Shop{50, 0.12}}) {
    for (const double start : {0.1, 1.0, 2.5}) {
      const auto found = find(shop, shop.capacity() * start);
      ASSERT_TRUE(found);
      EXPECT_NEAR(found->knee.load / shop.capacity(), 1, 0.05) << shop.capacity() << " from " << start;
      EXPECT_EQ(found->knee.found, Knee::Found::bracketed);
      EXPECT_FALSE(found->knee.gave_way.empty());
      EXPECT_NEAR(found->knee.requests_per_s, found->knee.load, found->knee.load * 0.05);
      EXPECT_EQ(found->steps.back().purpose, Step::Purpose::validate);
    }
  }
}

TEST_F(LimitTest, SaysWhenTheDriverWasTheLimit) {
  driver_limit = 300;
  const auto found = find(Shop{}, 50);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->knee.found, Knee::Found::driver_was_the_limit);
  EXPECT_EQ(found->knee.load, 200);
}

TEST_F(LimitTest, ADisturbanceIsNoLimit) {
  disturbed = 4;
  const auto found = find(Shop{}, 200);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->knee.found, Knee::Found::bracketed);
  EXPECT_NEAR(found->knee.load / Shop{}.capacity(), 1, 0.05);
  EXPECT_EQ(loads.at(3), loads.at(4));
}

TEST_F(LimitTest, OneBadStepDoesNotEndTheSearch) {
  misjudged = 1;
  const auto found = find(Shop{}, 100);
  ASSERT_TRUE(found);
  EXPECT_EQ(loads.at(0), loads.at(1));
  EXPECT_NEAR(found->knee.load / Shop{}.capacity(), 1, 0.05);
}

// 407/s on a server of 400/s is borne for 15 s, and not for long.
TEST_F(LimitTest, TheKneeIsBorneForLong) {
  validate_s = in_seconds(validation_length(*parse_slo("p99<800ms,errors<0.5%")));
  EXPECT_EQ(validate_s, 80);
  const Shop shop{.workers = 8, .service_s = 0.02};
  for (int i = 0; i < 5; ++i) {
    const auto found = find(shop, 97 + 11 * i);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->knee.load / shop.capacity(), 0.985, 0.025);
    EXPECT_EQ(judge(*run(shop, found->knee.load, 60, ++seed), *parse_slo("p99<800ms")).verdict, Verdict::pass)
        << found->knee.load;
  }
}

TEST_F(LimitTest, AnInterruptionKeepsWhatWasFound) {
  interrupted = 3;
  const auto found = find(Shop{}, 100);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->knee.found, Knee::Found::interrupted);
  EXPECT_EQ(found->knee.load, 200);
  EXPECT_EQ(found->steps.size(), 3u);
}

TEST_F(LimitTest, AShopThatIsNotThereIsNotSoughtIn) {
  const RunLoad play = [&](double load, Step::Purpose) -> Result<RunRecord> {
    loads.push_back(load);
    auto record = run(Shop{}, load, 15, 1);
    record->total.answered = 0;
    record->total.failed[static_cast<std::size_t>(Failure::connect)] = record->total.planned;
    return *record;
  };
  const auto found = find_limit(play, *parse_slo("p99<1s"), {.start = 100});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->knee.found, Knee::Found::not_seen);
  EXPECT_EQ(loads.size(), 1u);
}

TEST_F(LimitTest, EndsAtTheMost) {
  const auto found = find(Shop{.workers = 1000}, 100, 1000);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->knee.found, Knee::Found::beyond_most);
  EXPECT_EQ(found->knee.load, 800);
}

TEST_F(LimitTest, AShopThatBearsNothing) {
  const auto found = find(Shop{.workers = 1, .service_s = 2}, 50);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->knee.found, Knee::Found::below_start);
  EXPECT_EQ(found->knee.load, 0);
  EXPECT_THAT(found->knee.gave_way, HasSubstr("GET /page"));
}

TEST_F(LimitTest, ErrorsOfARunEndTheSearch) {
  const RunLoad play = [](double, Step::Purpose) -> Result<RunRecord> { return fail(Errc::refused, "not yours"); };
  const auto found = find_limit(play, *parse_slo("p99<1s"), {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::refused);
}

}  // namespace
}  // namespace tenfold::rehearse
