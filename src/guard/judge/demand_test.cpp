#include "guard/judge/demand.hpp"

#include <gtest/gtest.h>

#include <chrono>

using namespace std::chrono_literals;

namespace tenfold::guard::judging {
namespace {

using Learn = Demand::Learn;

// A shop whose pool works on twenty requests at once: 20,000 ms of origin time a second.
class DemandTest : public testing::Test {
 protected:
  static constexpr Duration window = 100ms;

  // 100 requests a second of known customers and as many of strangers, 20 ms each.
  static Samples usual() {
    Samples samples;
    samples.window = window;
    samples.pools.push_back({.limit = 20, .most_active = 6, .served = 20});
    samples.totals.known = {.requests = 10, .asked = 10, .answered = 10, .origin_ms = 200};
    samples.totals.stranger = {.requests = 10, .asked = 10, .answered = 10, .origin_ms = 200};
    return samples;
  }
  static Samples overloaded() {
    Samples samples = usual();
    samples.pools[0].strangers_wait_median = 25ms;
    return samples;
  }
  static Samples half_failing() {
    Samples samples = overloaded();
    samples.pools[0].served = samples.pools[0].errors = 10;
    return samples;
  }
  Signals see(const Samples& samples, int windows = 1, Learn learn = Learn::nothing) {
    Signals signals;
    for (int i = 0; i < windows; ++i) signals = demand_.take(samples, learn);
    return signals;
  }
  void learn_usual() { see(usual(), 600, Learn::usual); }

  Demand demand_{DemandPolicy()};
};

TEST_F(DemandTest, OverloadIsStrangersWaitOverTwentyMilliseconds) {
  Samples samples = usual();
  EXPECT_FALSE(see(samples).overloaded);
  samples.pools[0].strangers_wait_median = 20ms;
  EXPECT_FALSE(see(samples).overloaded);
  samples.pools[0].strangers_wait_median = 20ms + 1ns;
  EXPECT_TRUE(see(samples).overloaded);
  EXPECT_EQ(see(samples).strangers_wait, 20ms + 1ns);
}

TEST_F(DemandTest, OrOneInTenOverAHundred) {
  Samples samples = usual();
  samples.pools[0].strangers_wait_p90 = 100ms;
  EXPECT_FALSE(see(samples).overloaded);
  samples.pools[0].strangers_wait_p90 = 100ms + 1ns;
  EXPECT_TRUE(see(samples).overloaded);
}

TEST_F(DemandTest, OrSomebodyIsSentAway) {
  Samples samples = usual();
  samples.pools[0].shed = 1;
  EXPECT_TRUE(see(samples).overloaded);
}

TEST_F(DemandTest, OrTwiceAsManyWaitAsCanBeWorkedOn) {
  Samples samples = usual();
  samples.pools[0].most_waiting = 40;
  EXPECT_FALSE(see(samples).overloaded);
  samples.pools[0].most_waiting = 41;
  EXPECT_TRUE(see(samples).overloaded);
}

TEST_F(DemandTest, APoolThatNobodyUsesIsNobodysCapacity) {
  Samples samples = usual();
  samples.pools.push_back({.limit = 100});
  EXPECT_EQ(see(samples).capacity_ms_per_s, 20'000);
  samples.pools[1].most_active = 1;
  EXPECT_EQ(see(samples).capacity_ms_per_s, 120'000);
}

TEST_F(DemandTest, WhatIsLeftForStrangersIsWhatCustomersDoNotTake) {
  const Signals signals = see(usual(), 100);
  EXPECT_NEAR(signals.left_ms_per_s, 18'000, 1);
  EXPECT_NEAR(signals.strangers_ask_ms_per_s, 2000, 1);
  EXPECT_NEAR(signals.stranger_cost_ms, 20, 0.01);
  EXPECT_NEAR(signals.asked_per_s, 200, 0.1);
  EXPECT_FALSE(signals.exceeds);
  EXPECT_FALSE(signals.presses);
}

TEST_F(DemandTest, StrangersExceedJustOverWhatIsLeft) {
  // given: 900 requests a second of 20 ms are as much as is left
  Samples samples = usual();
  samples.totals.stranger.asked = 89;
  EXPECT_FALSE(see(samples, 100).exceeds);
  EXPECT_TRUE(see(samples).presses);
  samples.totals.stranger.asked = 91;
  // when, then
  EXPECT_TRUE(see(samples, 100).exceeds);
}

TEST_F(DemandTest, StrangersPressJustOverSevenTenthsOfIt) {
  Samples samples = usual();
  samples.totals.stranger.asked = 62;
  EXPECT_FALSE(see(samples, 100).presses);
  samples.totals.stranger.asked = 64;
  EXPECT_TRUE(see(samples, 100).presses);
}

// As in a siege while no customer is there: strangers are challenged and nobody is answered.
TEST_F(DemandTest, StrangersPressWhileNobodyIsAnswered) {
  see(usual(), 50);
  Samples samples;
  samples.window = window;
  samples.pools.push_back({.limit = 20});
  samples.totals.stranger = {.requests = 200, .asked = 200};
  Signals signals = see(samples, 600);
  EXPECT_NEAR(signals.stranger_cost_ms, 20, 0.01);
  EXPECT_EQ(signals.capacity_ms_per_s, 20'000);
  EXPECT_TRUE(signals.presses);
  samples.totals.stranger = {};
  EXPECT_FALSE(see(samples, 100).presses);
}

// What a few very costly ones took tells less and less of those that come: in quiet hours it would keep a siege on.
TEST_F(DemandTest, WhatAStrangersRequestCostsFadesToTheUsualWhileNobodyIsAnswered) {
  learn_usual();
  Samples nothing;
  nothing.window = window;
  see(nothing, 1'000);
  Samples costly;
  costly.window = window;
  costly.pools.push_back({.limit = 20, .most_active = 20, .served = 1});
  costly.totals.stranger = {.requests = 1, .asked = 1, .answered = 1, .origin_ms = 5'000};
  see(costly, 50);
  Samples quiet;
  quiet.window = window;
  quiet.pools.push_back({.limit = 20});
  quiet.totals.stranger = {.requests = 1, .asked = 1};  // ten a second
  EXPECT_TRUE(see(quiet, 100).presses) << "ten seconds later";
  const Signals later = see(quiet, 800);
  EXPECT_FALSE(later.presses);
  EXPECT_LT(later.stranger_cost_ms, 1'000);
  EXPECT_NEAR(see(quiet, 3'000).stranger_cost_ms, 20, 1);
}

// Customers' pages say nothing of the searches that are kept from them: a siege would end as soon as it is met.
TEST_F(DemandTest, NorDoesItJumpToWhatCustomersRequestsTake) {
  learn_usual();
  Samples searches = usual();
  searches.totals.stranger = {.requests = 10, .asked = 10, .answered = 2, .origin_ms = 1'000};
  see(searches, 200);
  searches.totals.stranger.answered = 0;
  searches.totals.stranger.origin_ms = 0;
  EXPECT_GT(see(searches, 100).stranger_cost_ms, 300);
  EXPECT_LT(see(searches, 500).stranger_cost_ms, 130);
  EXPECT_NEAR(see(searches, 2'000).stranger_cost_ms, 20, 1);
}

// A handful of dear requests, and then no more than newcomers who ask for pages.
TEST_F(DemandTest, WhatNewcomersAskForDoesNotPressAtThePriceOfWhatWasAskedForBefore) {
  learn_usual();
  Samples dear = usual();
  dear.totals.stranger = {.requests = 1, .asked = 1, .answered = 1, .origin_ms = 5'000};
  see(dear, 50);
  Samples newcomers = usual();
  newcomers.totals.stranger = {.requests = 5, .asked = 5};
  EXPECT_TRUE(see(newcomers, 100).presses) << "as long as it is not known what they ask for";
  newcomers.totals.stranger.priced = 5;
  newcomers.totals.stranger.priced_ms = 100;
  const Signals pages = see(newcomers, 100);
  EXPECT_NEAR(pages.strangers_press_ms_per_s, 1'000, 50);
  EXPECT_FALSE(pages.presses);
  newcomers.totals.stranger.priced_ms = 25'000;
  const Signals as_before = see(newcomers, 20);
  EXPECT_TRUE(as_before.presses) << "as dear as before";
  EXPECT_LE(as_before.strangers_press_ms_per_s, as_before.strangers_ask_ms_per_s + 1) << "and no dearer";
  newcomers.totals.stranger.priced = 0;
  newcomers.totals.stranger.priced_ms = 0;
  const Signals unknown = see(newcomers, 100);
  EXPECT_NEAR(unknown.strangers_press_ms_per_s, unknown.strangers_ask_ms_per_s, 1);
}

TEST_F(DemandTest, WhereNothingIsUsualItFadesToWhatIsAssumed) {
  Samples costly;
  costly.window = window;
  costly.totals.stranger = {.requests = 1, .asked = 1, .answered = 1, .origin_ms = 5'000};
  see(costly, 50);
  Samples quiet;
  quiet.window = window;
  EXPECT_NEAR(see(quiet, 6'000).stranger_cost_ms, 20, 1);
}

TEST_F(DemandTest, SuspectsAreStrangers) {
  Samples samples = usual();
  samples.totals.suspect = {.requests = 90, .asked = 90};
  EXPECT_TRUE(see(samples, 100).exceeds);
}

TEST_F(DemandTest, WhoIsSentAwayExceedsWhateverTheCostsSay) {
  Samples samples = usual();
  samples.pools[0].shed = 2;
  EXPECT_FALSE(see(samples, 100).exceeds);
  samples.pools[0].shed = 3;
  EXPECT_TRUE(see(samples, 100).exceeds);
}

TEST_F(DemandTest, AnOverloadIsTakenAtItsWordWhereNoLimitIsKnown) {
  Samples samples = overloaded();
  samples.pools[0].limit = 0;
  EXPECT_TRUE(see(samples).exceeds);
  samples.pools[0].strangers_wait_median = 1ms;
  EXPECT_FALSE(see(samples).exceeds);
}

TEST_F(DemandTest, OverloadWithSlowOriginsAndNoRiseInDemandIsAFault) {
  // given
  learn_usual();
  Samples samples = overloaded();
  samples.totals.stranger.asked = 89;  // 990 a second in all: nearly five times the usual
  samples.pools[0].relative_origin_time = 1.49;
  EXPECT_FALSE(see(samples, 50).fault);
  samples = overloaded();
  samples.pools[0].relative_origin_time = 1.51;
  // when
  const Signals signals = see(samples, 50);
  // then
  EXPECT_TRUE(signals.fault);
  EXPECT_TRUE(signals.suffering);
  EXPECT_FALSE(signals.exceeds);
}

TEST_F(DemandTest, AFaultOfOneRouteShowsInTheMean) {
  learn_usual();
  Samples samples = overloaded();
  samples.pools[0].relative_origin_time_mean = 1.51;
  EXPECT_TRUE(see(samples, 50).fault);
}

TEST_F(DemandTest, HalfOfTheOriginsMissingIsAFault) {
  learn_usual();
  Samples samples = overloaded();
  samples.pools[0].limit = 14;
  EXPECT_FALSE(see(samples).fault);
  samples.pools[0].limit = 13;
  EXPECT_TRUE(see(samples).fault);
}

TEST_F(DemandTest, FailingOriginsSufferAtATwentiethAndAreImpairedAtATenth) {
  // given: 200 answers within the last second
  learn_usual();
  Samples samples = overloaded();
  samples.pools[0].served = 20;
  samples.pools[0].errors = 1;
  EXPECT_FALSE(see(samples, 100).suffering);  // 1 of 21
  samples.pools[0].timeouts = 1;
  EXPECT_TRUE(see(samples, 100).suffering);  // 2 of 22
  EXPECT_FALSE(see(samples).impaired);
  samples.pools[0].errors = 2;
  EXPECT_TRUE(see(samples, 100).impaired);  // 3 of 23
  EXPECT_TRUE(see(samples).fault);
}

TEST_F(DemandTest, FewFailuresSayNothing) {
  Samples samples = usual();
  samples.pools[0].served = 0;
  samples.pools[0].errors = 2;
  EXPECT_FALSE(see(samples).suffering);
  EXPECT_TRUE(see(samples).suffering);
}

TEST_F(DemandTest, ARiseInDemandIsNoFault) {
  // given: usual are 200 a second, risen is over 405
  learn_usual();
  Samples samples = overloaded();
  samples.pools[0].relative_origin_time = 3;
  samples.totals.stranger.asked = 30;
  EXPECT_TRUE(see(samples, 5).fault);
  samples.totals.stranger.asked = 200;
  // when
  const Signals signals = see(samples, 4);
  // then
  EXPECT_FALSE(signals.fault);
}

// Told before the limiter has found out whether it is a queue: what is asked for is what origins coped with before.
TEST_F(DemandTest, OriginsThatAreSlowByThemselvesAreNoDemand) {
  // given
  learn_usual();
  Samples slow = overloaded();
  slow.totals.known.origin_ms *= 12;
  slow.totals.stranger.origin_ms *= 12;
  slow.pools[0].over_usual = 12;
  // when
  const Signals signals = see(slow, 50);
  // then
  EXPECT_TRUE(signals.fault);
  EXPECT_FALSE(signals.exceeds);
  EXPECT_NEAR(signals.slowness, 12, 0.1);
  EXPECT_NEAR(signals.usual_price_ms_per_s, 4'000, 600);
}

// The queue that a flood makes at the servers slows every route as well.
TEST_F(DemandTest, AFloodThatMakesOriginsSlowIsDemand) {
  learn_usual();
  Samples flood = overloaded();
  flood.pools[0].over_usual = 8;
  flood.totals.stranger.asked = 39;
  flood.totals.stranger.answered = 10;
  flood.totals.stranger.origin_ms = 10 * 80 * 8;  // searches, of 80 ms each
  const Signals signals = see(flood, 50);
  EXPECT_FALSE(signals.fault) << "half as many requests again, and eight times as much work";
  EXPECT_TRUE(signals.exceeds);
}

// What its kind usually takes does not tell a dear search from a cheap one: whoever has taught that it is cheap asks
// more often than strangers do.
TEST_F(DemandTest, StrangersWhoAskMoreOftenThanUsualAreNoFault) {
  learn_usual();
  Samples dear = overloaded();
  dear.pools[0].over_usual = 50;
  dear.totals.stranger.origin_ms *= 50;
  EXPECT_TRUE(see(dear, 50).impaired);
  dear.totals.stranger.asked = 24;  // of usually ten in each window; twice that is let pass in a fault
  const Signals signals = see(dear, 100);
  EXPECT_FALSE(signals.impaired);
  EXPECT_TRUE(signals.exceeds);
}

// Of the limit that a pool begins with nothing is known, so that one that is found to be lower is not short of it.
TEST_F(DemandTest, ALimitThatWasNeverFoundIsNotWhatIsUsual) {
  Samples guessed = usual();
  guessed.pools[0].limit = 32;
  guessed.pools[0].limit_found = false;
  see(guessed, 600, Learn::usual);
  Samples found = overloaded();
  found.pools[0].limit = 7;
  EXPECT_FALSE(see(found, 10).impaired);
}

// A shop that bears four, while the limit is the 32 that every pool begins with.
TEST_F(DemandTest, ALimitThatWasNeverFoundIsNoCapacityEither) {
  // given
  Samples guessed = usual();
  guessed.pools[0].limit = 32;
  guessed.pools[0].limit_found = false;
  see(guessed, 600, Learn::usual);
  EXPECT_EQ(see(guessed).capacity_ms_per_s, 32'000);
  Samples flood = guessed;
  flood.pools[0].strangers_wait_median = 25ms;
  flood.pools[0].over_usual = 8;
  flood.totals.stranger = {.requests = 100, .asked = 100, .answered = 10, .origin_ms = 10 * 160};
  // when
  see(flood, 10);
  // then
  EXPECT_NEAR(see(flood).capacity_ms_per_s, 4'000, 100);
  Samples held_off = guessed;
  held_off.totals.stranger = {.requests = 30, .asked = 30};
  EXPECT_TRUE(see(held_off, 300).presses) << "6,000 ms a second are a fifth of what 32 could do";
  EXPECT_NEAR(see(guessed, 6'000).capacity_ms_per_s, 32'000, 2'000) << "it fades";
  held_off.pools[0].limit_found = true;
  EXPECT_EQ(see(held_off, 2).capacity_ms_per_s, 32'000);
}

// A few searches of seconds, behind which all pages wait.
TEST_F(DemandTest, AndNeverLessThanFour) {
  Samples guessed = usual();
  guessed.pools[0].limit = 32;
  guessed.pools[0].limit_found = false;
  see(guessed, 600, Learn::usual);
  guessed.pools[0].strangers_wait_median = 25ms;
  guessed.pools[0].over_usual = 250;
  guessed.totals.stranger = {.requests = 100, .asked = 100, .answered = 10, .origin_ms = 10 * 5'000};
  see(guessed, 10);
  EXPECT_NEAR(see(guessed).capacity_ms_per_s, 4'000, 100);
}

// Strangers who are all challenged are not answered, and nothing tells that origins have recovered.
TEST_F(DemandTest, NobodyPressesWhoAsksForNoMoreThanOriginsCopedWith) {
  learn_usual();
  Samples slow = overloaded();
  slow.totals.known.origin_ms *= 12;
  slow.totals.stranger.origin_ms *= 12;
  slow.pools[0].over_usual = 12;
  see(slow, 50);
  Samples held_off = usual();
  held_off.pools[0] = {.limit = 20};
  held_off.totals = {};
  held_off.totals.stranger = {.requests = 10, .asked = 10};
  const Signals signals = see(held_off, 100);
  EXPECT_FALSE(signals.presses);
  EXPECT_FALSE(signals.exceeds);
}

TEST_F(DemandTest, WhatAMeasureRefusesIsNoDemandOnOrigins) {
  Samples samples = usual();
  samples.totals.suspect = {.requests = 200, .asked = 200};
  EXPECT_TRUE(see(samples, 100).exceeds);
  samples.totals.asked_refused = 195;
  EXPECT_FALSE(see(samples, 100).presses);
}

// Half of them fail, but they are one network's: the origins are well.
TEST_F(DemandTest, WhatFewMakeFailIsNoFault) {
  learn_usual();
  Samples samples = half_failing();
  samples.pools[0].known = {.answered = 4, .failed = 0};
  samples.pools[0].others = {.answered = 16, .failed = 2};
  EXPECT_EQ(see(samples, 100).failing_share, 0);
  samples.pools[0].others.failed = 3;
  const Signals signals = see(samples);
  EXPECT_NEAR(signals.failing_share, 0.15, 0.001);
  EXPECT_TRUE(signals.fault);
}

// However many networks ask for what fails: known customers fare well.
TEST_F(DemandTest, WhatKnownCustomersDoNotMeetIsNoFault) {
  learn_usual();
  Samples samples = half_failing();
  samples.pools[0].known = {.answered = 8, .failed = 0};
  samples.pools[0].others = {.answered = 500, .failed = 500};
  EXPECT_FALSE(see(samples, 100).suffering);
  samples.pools[0].known.answered = 7;
  EXPECT_TRUE(see(samples).fault) << "too few to tell";
  samples.pools[0].known = {.answered = 20, .failed = 2};
  EXPECT_TRUE(see(samples).fault);
}

// Twenty a second more that take a second each are no few, although they are a tenth of all.
TEST_F(DemandTest, DemandRisesInOriginTimeToo) {
  learn_usual();
  Samples samples = overloaded();
  samples.pools[0].errors = 10;
  EXPECT_TRUE(see(samples, 20).fault);
  samples.totals.stranger.asked += 2;
  samples.totals.stranger.answered += 2;
  samples.totals.stranger.origin_ms += 2'000;
  EXPECT_FALSE(see(samples, 20).fault);
}

TEST_F(DemandTest, WhereKnownCustomersAreAsSlowItIsTheOriginsDoing) {
  learn_usual();
  Samples samples = overloaded();
  samples.pools[0].errors = 10;
  samples.totals.known.origin_ms *= 20;
  samples.totals.stranger.origin_ms *= 20;
  EXPECT_TRUE(see(samples, 50).fault);
}

TEST_F(DemandTest, CustomersWhoReloadInAFaultAreNoRise) {
  // given: the fault has lasted for a second; now risen is over 605
  learn_usual();
  Samples samples = overloaded();
  samples.pools[0].relative_origin_time = 3;
  see(samples, 10);
  // when
  samples.totals.stranger.asked = 50;
  EXPECT_TRUE(see(samples, 100).fault);
  samples.totals.stranger.asked = 51;
  // then
  EXPECT_FALSE(see(samples, 100).fault);
}

TEST_F(DemandTest, WhatIsUsualIsNotLearnedWhileOverloaded) {
  learn_usual();
  Samples samples = overloaded();
  samples.totals.stranger.asked = 500;
  see(samples, 3000, Learn::usual);
  EXPECT_NEAR(see(usual()).usual_asked_per_s, 200, 1);
}

TEST_F(DemandTest, WhatIsUsualRisesSlowlyAndFallsFaster) {
  // given
  learn_usual();
  Samples more = usual();
  more.totals.stranger.asked = 30;  // 400 a second
  // when: ten minutes
  const double risen = see(more, 6000, Learn::usual).usual_asked_per_s;
  const double fallen = see(usual(), 6000, Learn::usual).usual_asked_per_s;
  // then
  EXPECT_NEAR(risen, 200 + 200 * 0.154, 2);
  EXPECT_NEAR(fallen, 200 + 30.8 * 0.368, 2);
}

TEST_F(DemandTest, ManyIgnoreFromTwentyASecondIfTheyAreMost) {
  Samples samples = usual();
  samples.totals.challenges_ignored = 2;
  samples.totals.challenges_solved = 1;
  samples.window = 99ms;
  EXPECT_TRUE(see(samples, 100).many_ignore);
  samples.totals.challenges_solved = 3;
  EXPECT_FALSE(see(samples, 100).many_ignore);
  samples.totals.challenges_solved = 0;
  samples.window = 101ms;
  EXPECT_FALSE(see(samples, 100).many_ignore);
}

TEST_F(DemandTest, PeopleSolveSevenOfTen) {
  Samples samples = usual();
  samples.totals.challenges_ignored = 3;
  samples.totals.challenges_solved = 7;
  EXPECT_FALSE(see(samples, 5).people_solve);  // too few
  EXPECT_TRUE(see(samples, 30).people_solve);
  samples.totals.challenges_ignored = 4;
  EXPECT_FALSE(see(samples, 100).people_solve);
}

TEST_F(DemandTest, ARushLoadsAssetsAndComesFromNetworksOfCustomers) {
  Samples samples = usual();
  samples.totals.pages = 5;
  samples.totals.assets = 5;
  samples.totals.in_known_networks = 5;
  EXPECT_TRUE(see(samples, 100).rush_like);
  EXPECT_FALSE(see(samples).bot_like);
  samples.totals.in_known_networks = 4;
  EXPECT_FALSE(see(samples, 100).rush_like);
  samples.totals.in_known_networks = 5;
  samples.totals.assets = 4;
  EXPECT_FALSE(see(samples, 100).rush_like);
  EXPECT_FALSE(see(samples).bot_like);
  samples.totals.assets = 2;
  EXPECT_TRUE(see(samples, 100).bot_like);
}

TEST_F(DemandTest, AWindowWithoutLengthSaysNothing) { EXPECT_EQ(see(Samples()).capacity_ms_per_s, 0); }

}  // namespace
}  // namespace tenfold::guard::judging
