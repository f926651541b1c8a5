#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "cache/coalesce/backing.hpp"
#include "cache/coalesce/waiting_fixture.hpp"

namespace tenfold::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST_F(WaitingTest, AThousandWaitForOneFetch) {
  Asking& fetcher = ask(one, get("/"));
  ASSERT_TRUE(got<Miss>(fetcher));
  for (int i = 0; i < 1000; ++i) ask(i % 2 == 0 ? one : two, get("/"));
  network.advance(1s);
  EXPECT_EQ(cache.snapshot().waiting, 1000u);
  store(fill_of(fetcher), fetcher.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  for (const Asking& asking : asked) {
    if (&asking == &fetcher) continue;
    ASSERT_TRUE(got<Hit>(asking));
    EXPECT_EQ(body(asking), "page");
    EXPECT_TRUE(std::get<Hit>(*asking.answer).collapsed);
  }
  EXPECT_EQ(cache.snapshot().collapsed, 1000u);
  EXPECT_EQ(cache.snapshot().misses, 1u);
  EXPECT_EQ(cache.snapshot().waiting, 0u);
}

TEST_F(WaitingTest, AnUncacheableAnswerReleasesAllAtItsHead) {
  Asking& fetcher = ask(one, get("/"));
  Asking& a = ask(one, get("/"));
  Asking& b = ask(two, get("/"));
  EXPECT_EQ(fill_of(fetcher).head(fetcher.request, answer(200, {{"Cache-Control", "private"}}), known(9), now()),
            FillVerdict::pass);
  network.settle();
  EXPECT_TRUE(got<Miss>(a));
  EXPECT_TRUE(got<Miss>(b));
  EXPECT_TRUE(got<Miss>(ask(one, get("/"))));
  EXPECT_TRUE(got<Miss>(ask(one, get("/"))));
}

// One request with any password at all would make a crowd of every herd.
TEST_F(WaitingTest, WhatComesToAPasswordEndsNoSharing) {
  const auto authorized = [] { return get("/", {{"Authorization", "Basic x"}}); };
  Asking& refused = ask(one, authorized());
  fill_of(refused).head(refused.request, answer(200, {{"Cache-Control", "private"}}), known(9), now());
  Asking& stale_as_it_comes = ask(one, authorized());
  store(fill_of(stale_as_it_comes), stale_as_it_comes.request,
        {{"Cache-Control", "max-age=0, must-revalidate"}, {"ETag", "\"a\""}}, "page");
  ASSERT_TRUE(cache.purge("https://shop.example/"));
  Asking& fetcher = ask(one, get("/"));
  Asking& waiting = ask(two, get("/"));
  ASSERT_TRUE(got<Miss>(fetcher));
  EXPECT_FALSE(waiting.answer);
  store(fill_of(fetcher), fetcher.request, {{"Cache-Control", "public, max-age=60"}}, "page");
  network.settle();
  EXPECT_TRUE(got<Hit>(waiting));
}

TEST_F(WaitingTest, AnAnswerThatIsStaleAsItComesIsNotShared) {
  Asking& fetcher = ask(one, get("/"));
  Asking& waiting = ask(two, get("/"));
  store(fill_of(fetcher), fetcher.request, {{"Cache-Control", "no-cache"}, {"ETag", "\"a\""}}, "page");
  network.settle();
  EXPECT_TRUE(got<Miss>(waiting));
}

TEST_F(WaitingTest, AFetcherThatLeavesHandsOverToOne) {
  Asking& fetcher = ask(one, get("/"));
  Asking& a = ask(one, get("/"));
  Asking& b = ask(two, get("/"));
  fetcher.answer.reset();
  network.settle();
  ASSERT_TRUE(got<Miss>(a));
  EXPECT_FALSE(b.answer);
  store(fill_of(a), a.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  ASSERT_TRUE(got<Hit>(b));
}

TEST_F(WaitingTest, AFailedOriginIsAskedOnceMoreAndThenAllShareTheFailure) {
  Asking& fetcher = ask(one, get("/"));
  Asking& a = ask(one, get("/"));
  Asking& b = ask(two, get("/"));
  Asking& c = ask(two, get("/"));
  EXPECT_FALSE(fill_of(fetcher).fail());
  network.settle();
  ASSERT_TRUE(got<Miss>(a));
  EXPECT_FALSE(b.answer || c.answer);
  EXPECT_FALSE(fill_of(a).fail());
  network.settle();
  ASSERT_TRUE(got<Unavailable>(b));
  ASSERT_TRUE(got<Unavailable>(c));
  EXPECT_EQ(std::get<Unavailable>(*b.answer).reason, Unavailable::Reason::fetch_failed);
  EXPECT_TRUE(got<Miss>(ask(one, get("/"))));
}

// Two in a row may both have been asked for by clients whose requests an origin cannot bear.
TEST_F(WaitingTest, AnOriginThatGivesNoAnswerIsAskedOnceMoreAndThenAllAreReleased) {
  Asking& fetcher = ask(one, get("/"));
  Asking& a = ask(one, get("/"));
  Asking& b = ask(two, get("/"));
  EXPECT_FALSE(fill_of(fetcher).fail(Failure::unanswered));
  network.settle();
  ASSERT_TRUE(got<Miss>(a));
  EXPECT_FALSE(b.answer);
  EXPECT_FALSE(fill_of(a).fail(Failure::unanswered));
  network.settle();
  EXPECT_TRUE(got<Miss>(b));
}

TEST_F(WaitingTest, AnErrorThatBlamesTheFetcherIsPassedByOneWhoWaits) {
  Asking& fetcher = ask(one, get("/"));
  Asking& a = ask(one, get("/"));
  Asking& b = ask(two, get("/"));
  EXPECT_EQ(fill_of(fetcher).head(fetcher.request, answer(431, {{"Cache-Control", "max-age=60"}}), known(0), now()),
            FillVerdict::pass);
  network.settle();
  ASSERT_TRUE(got<Miss>(a));
  EXPECT_FALSE(b.answer);
  store(fill_of(a), a.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  EXPECT_TRUE(got<Hit>(b));
}

// Some origins look for a word in Accept-Encoding, and give what the request does not take.
TEST_F(WaitingTest, ACodingThatTheFetcherDoesNotTakeIsPassedByOneWhoWaits) {
  Asking& fetcher = ask(one, get("/", {{"Accept-Encoding", "gzip, br;q=0"}}));
  Asking& a = ask(one, get("/", {{"Accept-Encoding", "gzip"}}));
  Asking& b = ask(two, get("/", {{"Accept-Encoding", "gzip"}}));
  const Fields in_br = {{"Cache-Control", "max-age=60"}, {"Vary", "Accept-Encoding"}, {"Content-Encoding", "br"}};
  EXPECT_EQ(fill_of(fetcher).head(fetcher.request, answer(200, in_br), known(4), now()), FillVerdict::pass);
  network.settle();
  ASSERT_NE(got<Miss>(a), got<Miss>(b)) << "one takes over, the other waits on";
  Asking& next = got<Miss>(a) ? a : b;
  store(fill_of(next), next.request,
        {{"Cache-Control", "max-age=60"}, {"Vary", "Accept-Encoding"}, {"Content-Encoding", "gzip"}}, "page");
  network.settle();
  EXPECT_TRUE(got<Hit>(got<Miss>(a) ? b : a));
}

TEST_F(WaitingTest, TheFillKnowsWhetherSomebodyWaits) {
  net::CancelSource source;
  Asking& fetcher = ask(one, get("/"));
  EXPECT_TRUE(fill_of(fetcher).shared());
  EXPECT_FALSE(fill_of(fetcher).awaited());
  ask(two, get("/"), source.token());
  EXPECT_TRUE(fill_of(fetcher).awaited());
  source.cancel();
  network.settle();
  EXPECT_FALSE(fill_of(fetcher).awaited());
}

// What came before a body outgrew the cache is still there for the one who asked.
TEST_F(WaitingTest, WhatWasGatheredStaysReadableWhenTheRestIsRefused) {
  Asking& fetcher = ask(one, get("/"));
  Asking& waiting = ask(two, get("/"));
  Fill& fill = fill_of(fetcher);
  ASSERT_EQ(fill.head(fetcher.request, answer(200, {{"Cache-Control", "max-age=60"}}), unknown(), now()),
            FillVerdict::store);
  EXPECT_TRUE(fill.body("begin"));
  EXPECT_EQ(fill.gathered(), "begin");
  EXPECT_FALSE(fill.body(std::string(9 * 1024 * 1024, 'x')));
  network.settle();
  EXPECT_TRUE(got<Miss>(waiting));
  EXPECT_EQ(fill.gathered(), "begin");
}

TEST_F(WaitingTest, AnErrorAnswerGivesOneMoreTryAndThenReleasesAll) {
  Asking& fetcher = ask(one, get("/"));
  Asking& a = ask(one, get("/"));
  Asking& b = ask(two, get("/"));
  EXPECT_EQ(fill_of(fetcher).head(fetcher.request, answer(503), known(0), now()), FillVerdict::pass);
  network.settle();
  ASSERT_TRUE(got<Miss>(a));
  EXPECT_FALSE(b.answer);
  EXPECT_EQ(fill_of(a).head(a.request, answer(503), known(0), now()), FillVerdict::pass);
  network.settle();
  EXPECT_TRUE(got<Miss>(b));
  // An error is no reason to stop collapsing.
  EXPECT_TRUE(got<Miss>(ask(one, get("/"))));
  EXPECT_FALSE(ask(one, get("/")).answer);
}

TEST_F(WaitingTest, WithAStaleEntryAllWhoWaitGetItAtOnce) {
  {
    Asking& first = ask(one, get("/"));
    store(fill_of(first), first.request, {{"Cache-Control", "max-age=60"}}, "window");
  }
  network.advance(61s);
  Asking& fetcher = ask(one, get("/"));
  Asking& a = ask(one, get("/"));
  Asking& b = ask(two, get("/"));
  EXPECT_TRUE(fill_of(fetcher).fail());
  network.settle();
  ASSERT_TRUE(got<Stale>(a));
  ASSERT_TRUE(got<Stale>(b));
  EXPECT_EQ(std::get<Stale>(*b.answer).reason, Stale::Reason::origin_failed);
}

TEST_F(WaitingTest, AtTheDeadlineTheStaleEntryIsServed) {
  {
    Asking& first = ask(one, get("/"));
    store(fill_of(first), first.request, {{"Cache-Control", "max-age=60"}}, "window");
  }
  network.advance(61s);
  Asking& hung = ask_as(1, one, get("/"));
  Asking& waiting = ask_as(1, two, get("/"), 5s);
  network.advance(4s);
  EXPECT_FALSE(waiting.answer);
  network.advance(2s);
  EXPECT_TRUE(got<Stale>(waiting));
  EXPECT_TRUE(got<Miss>(hung));
}

TEST_F(WaitingTest, AtTheDeadlineWithNothingStaleOneFetchesForItself) {
  Asking& hung = ask(one, get("/"));
  Asking& waiting = ask(two, get("/"));
  network.advance(6s);
  ASSERT_TRUE(got<Miss>(waiting));
  store(fill_of(waiting), waiting.request, {{"Cache-Control", "max-age=60"}}, "page");
  EXPECT_TRUE(got<Hit>(ask(one, get("/"))));
  EXPECT_TRUE(got<Miss>(hung));
}

TEST_F(WaitingTest, AWaitCanBeCancelled) {
  net::CancelSource source;
  Asking& fetcher = ask(one, get("/"));
  Asking& waiting = ask(two, get("/"), source.token());
  source.cancel();
  network.settle();
  ASSERT_TRUE(got<Unavailable>(waiting));
  EXPECT_EQ(std::get<Unavailable>(*waiting.answer).reason, Unavailable::Reason::cancelled);
  EXPECT_EQ(cache.snapshot().waiting, 0u);
  EXPECT_TRUE(got<Miss>(fetcher));
}

TEST_F(WaitingTest, AnotherVariantIsFetchedByItself) {
  const Fields vary = {{"Cache-Control", "max-age=60"}, {"Vary", "Accept-Language"}};
  Asking& fetcher = ask(one, get("/", {{"Accept-Language", "de"}}));
  Asking& same = ask(one, get("/", {{"Accept-Language", "de"}}));
  Asking& other = ask(two, get("/", {{"Accept-Language", "en"}}));
  Asking& like_other = ask(two, get("/", {{"Accept-Language", "en"}}));
  store(fill_of(fetcher), fetcher.request, vary, "deutsch");
  network.settle();
  EXPECT_TRUE(got<Hit>(same));
  ASSERT_TRUE(got<Miss>(other));
  EXPECT_EQ(std::get<Miss>(*other.answer).forward, Forward::vary_miss);
  EXPECT_FALSE(like_other.answer);
  store(fill_of(other), other.request, vary, "english");
  network.settle();
  ASSERT_TRUE(got<Hit>(like_other));
  EXPECT_EQ(body(like_other), "english");
}

TEST_F(WaitingTest, NobodyJoinsAFetchOlderThanAPurge) {
  Asking& old = ask(one, get("/"));
  Asking& before = ask(two, get("/"));
  ASSERT_TRUE(cache.purge("https://shop.example/"));
  Asking& fresh = ask(one, get("/"));
  ASSERT_TRUE(got<Miss>(fresh));
  store(fill_of(old), old.request, {{"Cache-Control", "max-age=60"}}, "old");
  network.settle();
  ASSERT_TRUE(got<Hit>(before));
  EXPECT_EQ(body(before), "old");
  EXPECT_FALSE(ask(two, get("/")).answer);
  store(fill_of(fresh), fresh.request, {{"Cache-Control", "max-age=60"}}, "new");
  network.settle();
  EXPECT_EQ(body(asked.back()), "new");
}

TEST_F(WaitingTest, NobodyJoinsAFetchOlderThanAMinute) {
  Asking& lost = ask(one, get("/"));
  network.advance(59s);
  EXPECT_FALSE(ask(two, get("/")).answer);
  network.advance(1s);
  EXPECT_TRUE(got<Miss>(ask(two, get("/"))));
  EXPECT_TRUE(got<Miss>(lost));
}

// ---- what those who wait have at stake ----

struct Ear {
  std::vector<std::pair<std::uint8_t, std::uint64_t>> told;  // rank and flow
  static void hear(void* self, const Stake& stake) {
    static_cast<Ear*>(self)->told.emplace_back(stake.rank, stake.flow);
  }
};

TEST_F(WaitingTest, TheFetcherHearsOfBetterStakesOnItsLoop) {
  Asking& fetcher = ask(one, get("/"));
  Ear ear;
  Backing backing(fill_of(fetcher), one, {}, &Ear::hear, &ear);
  ask_for({.rank = 3, .flow = 30}, two, get("/"));
  ask_for({.rank = 4, .flow = 40}, one, get("/"));
  ask_for({.rank = 1, .flow = 10}, two, get("/"));
  ask_for({.rank = 1, .flow = 10}, two, get("/"));
  ask_for({.rank = 1, .flow = 11}, two, get("/"));
  network.settle();
  EXPECT_THAT(ear.told, ElementsAre(Pair(3, 30), Pair(1, 10), Pair(1, 11)));
}

TEST_F(WaitingTest, ACrowdOfEqualsIsToldOfSoManyTimesAndNoMore) {
  Asking& fetcher = ask(one, get("/"));
  Ear ear;
  Backing backing(fill_of(fetcher), one, {}, &Ear::hear, &ear);
  for (std::uint64_t i = 0; i < 100; ++i) ask_for({.rank = 3, .flow = i + 1}, two, get("/"));
  network.settle();
  EXPECT_EQ(ear.told.size(), 1u + Backing::most_equals);
}

TEST_F(WaitingTest, WhoHasGoneIsToldNothing) {
  Asking& fetcher = ask(one, get("/"));
  Ear ear;
  std::optional<Backing> backing(std::in_place, fill_of(fetcher), one, Stake(), &Ear::hear, &ear);
  ask_for({.rank = 1, .flow = 10}, two, get("/"));
  backing.reset();  // word to it is under way
  network.settle();
  EXPECT_TRUE(ear.told.empty());
}

TEST_F(WaitingTest, TheBestOfThoseWhoWaitTakesOver) {
  Asking& fetcher = ask(one, get("/"));
  Asking& stranger = ask_for({.rank = 3}, one, get("/"));
  Asking& customer = ask_for({.rank = 1}, two, get("/", {{"Cookie", "a=b"}}));
  Asking& cleared = ask_for({.rank = 2}, two, get("/"));
  fetcher.answer.reset();
  network.settle();
  EXPECT_TRUE(got<Miss>(customer));
  customer.answer.reset();
  network.settle();
  ASSERT_TRUE(got<Miss>(cleared));
  EXPECT_FALSE(stranger.answer);
  Ear ear;
  const Backing backing(fill_of(cleared), two, {}, &Ear::hear, &ear);
  EXPECT_THAT(ear.told, ElementsAre(Pair(2, 0))) << "nobody better waits any more";
}

TEST_F(WaitingTest, WhereAStrangerIsTurnedAwayABetterOneTakesOverAndEqualsShareIt) {
  Asking& fetcher = ask(one, get("/"));
  Asking& a = ask_for({.rank = 3}, one, get("/"));
  Asking& b = ask_for({.rank = 3}, two, get("/"));
  Asking& c = ask_for({.rank = 3}, two, get("/"));
  Asking& customer = ask_for({.rank = 1}, two, get("/"));
  EXPECT_FALSE(fill_of(fetcher).turn_away(3));
  network.settle();
  ASSERT_TRUE(got<Miss>(customer));
  EXPECT_FALSE(fill_of(customer).turn_away(1));
  network.settle();
  ASSERT_TRUE(got<Miss>(a)) << "one more tries";
  EXPECT_FALSE(fill_of(a).turn_away(3));
  network.settle();
  for (Asking* const asking : {&b, &c}) {
    ASSERT_TRUE(got<Unavailable>(*asking));
    EXPECT_EQ(std::get<Unavailable>(*asking->answer).reason, Unavailable::Reason::turned_away);
  }
}

TEST_F(WaitingTest, TheFetcherIsToldOfNothingLessThanItsOwnAndTheBestIsKnown) {
  Asking& fetcher = ask(one, get("/"));
  Ear ear;
  const Backing backing(fill_of(fetcher), one, {.rank = 2, .flow = 20}, &Ear::hear, &ear);
  Asking& equal = ask_for({.rank = 2, .flow = 20}, two, get("/"));
  Asking& less = ask_for({.rank = 3, .flow = 30}, two, get("/"));
  Asking& best = ask_for({.rank = 1, .flow = 10}, two, get("/"));
  Asking& other = ask_for({.rank = 1, .flow = 11}, two, get("/"));
  network.settle();
  EXPECT_THAT(ear.told, ElementsAre(Pair(1, 10), Pair(1, 11)));
  store(fill_of(fetcher), fetcher.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  for (Asking* const asking : {&equal, &less, &best, &other}) {
    EXPECT_EQ(std::get<Hit>(*asking->answer).backed, asking == &best);
  }
}

}  // namespace
}  // namespace tenfold::cache
