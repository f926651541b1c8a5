// One fetch for all who wait, on two simulated loops.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "cache/cache.hpp"
#include "cache/test_requests.hpp"
#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"

namespace tenfold::cache {
namespace {

using namespace std::chrono_literals;
using namespace testing;

struct Asking {
  http::RequestHead request;
  Arena arena;
  Key key;
  std::optional<Found> answer;
};

net::Task<void> wait_for(Cache& cache, Wait waiting, Asking& asking, net::Loop& loop, TimePoint deadline,
                         net::CancelToken token) {
  Found found = co_await cache.wait(std::move(waiting), asking.key, asking.request, loop, deadline, token);
  asking.answer.emplace(std::move(found));
}

class WaitingTest : public ::testing::Test {
 protected:
  ~WaitingTest() override {
    network.advance(1h);
    asked.clear();
  }

  Found look(const http::RequestHead& request) {
    const auto key = cache.key_of(request, arena);
    return cache.lookup(*key, request, network.clock().now());
  }
  // Asks on one of the loops; where the cache says Wait, waits for five seconds at most.
  Asking& ask(net::Loop& loop, http::RequestHead request, net::CancelToken token = {}) {
    return ask_as(0, loop, std::move(request), 5s, token);
  }
  Asking& ask_as(std::uint64_t client, net::Loop& loop, http::RequestHead request, Duration waits = 10s,
                 net::CancelToken token = {}) {
    Asking& asking = asked.emplace_back();
    asking.request = std::move(request);
    asking.key = *cache.key_of(asking.request, asking.arena);
    Found found = cache.lookup(asking.key, asking.request, network.clock().now(), client);
    if (auto* wait = std::get_if<Wait>(&found)) {
      scope.spawn(wait_for(cache, std::move(*wait), asking, loop, network.clock().now() + waits, token));
    } else {
      asking.answer.emplace(std::move(found));
    }
    return asking;
  }
  FetchTimes now() { return {network.clock().now(), network.clock().now(), network.clock().wall_now()}; }
  template <class T>
  static bool got(const Asking& asking) {
    return asking.answer && std::holds_alternative<T>(*asking.answer);
  }
  static std::string_view body(const Asking& asking) { return std::get<Hit>(*asking.answer).entry->body(); }
  Fill& fill_of(Asking& asking) { return std::get<Miss>(*asking.answer).fill; }
  void store(Fill& fill, const http::RequestHead& request, Fields fields, std::string_view text) {
    ASSERT_EQ(fill.head(request, answer(200, fields), known(text.size()), now()), FillVerdict::store);
    fill.body(text);
    fill.finish();
  }

  net::sim::SimNetwork network;
  net::sim::SimLoop& one = network.make_loop();
  net::sim::SimLoop& two = network.make_loop();
  Cache cache{{}, network.clock()};
  Arena arena;
  net::Scope scope;
  std::list<Asking> asked;
};

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

// A session that is locked at the origin: the page takes as long as its owner pleases.
class LockedSession : public WaitingTest {
 protected:
  static http::RequestHead with_cookie(std::string_view value = "session=locked") {
    return get("/", {{"Cookie", value}});
  }
};

TEST_F(LockedSession, OneWithoutCookiesFetchesBesideAfterASecond) {
  Asking& fetcher = ask(one, with_cookie());
  Asking& other = ask(two, with_cookie());
  Asking& a = ask(one, get("/"));
  Asking& b = ask(two, get("/"));
  network.advance(900ms);
  EXPECT_FALSE(a.answer || b.answer);
  network.advance(200ms);
  ASSERT_TRUE(got<Miss>(a) != got<Miss>(b)) << "exactly one";
  EXPECT_FALSE(other.answer);
  Asking& second = got<Miss>(a) ? a : b;
  Asking& waiting = got<Miss>(a) ? b : a;
  network.advance(1800ms);
  EXPECT_FALSE(waiting.answer) << "the second depends on nobody's session";
  store(fill_of(second), second.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  ASSERT_TRUE(got<Hit>(waiting));
  ASSERT_TRUE(got<Hit>(other));
  // What the first gets in the end is stored too, and its end is nothing to anybody.
  store(fill_of(fetcher), fetcher.request, {{"Cache-Control", "max-age=60"}}, "late");
  EXPECT_EQ(cache.snapshot().stored, 2u);
  EXPECT_EQ(cache.snapshot().waiting, 0u);
}

TEST_F(LockedSession, TheFirstMayStillLandForAll) {
  Asking& fetcher = ask(one, with_cookie());
  Asking& second = ask(one, get("/"));
  Asking& waiting = ask(two, get("/"));
  network.advance(1100ms);
  ASSERT_TRUE(got<Miss>(second));
  store(fill_of(fetcher), fetcher.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  ASSERT_TRUE(got<Hit>(waiting));
  second.answer.reset();  // gives up: nobody is left to take over
  EXPECT_TRUE(got<Hit>(ask(one, get("/"))));
}

TEST_F(LockedSession, WhoeverFailsLeavesItToTheOther) {
  Asking& fetcher = ask(one, with_cookie());
  Asking& second = ask(one, get("/"));
  Asking& waiting = ask(two, get("/"));
  network.advance(1100ms);
  ASSERT_TRUE(got<Miss>(second));
  fill_of(second).fail();
  network.settle();
  EXPECT_FALSE(waiting.answer);
  fetcher.answer.reset();
  network.settle();
  EXPECT_TRUE(got<Miss>(waiting)) << "takes over from the last";
}

TEST_F(LockedSession, AmongCookiesOneJoinsEveryTwoSeconds) {
  Asking& fetcher = ask(one, with_cookie());
  static const std::vector<std::string> sessions{"s=0", "s=1", "s=2", "s=3", "s=4", "s=5", "s=6", "s=7", "s=8", "s=9"};
  for (int i = 0; i < 20; ++i) ask(two, with_cookie(sessions[i % 10]));
  network.advance(4500ms);
  const auto fetching =
      std::count_if(asked.begin(), asked.end(), [](const Asking& asking) { return got<Miss>(asking); });
  EXPECT_EQ(fetching, 3);
  store(fill_of(fetcher), fetcher.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  EXPECT_EQ(std::count_if(asked.begin(), asked.end(), [](const Asking& asking) { return got<Hit>(asking); }), 18);
}

TEST_F(LockedSession, WhoWasWithoutCookiesAndHasLeftIsNotWaitedFor) {
  Asking& fetcher = ask(one, with_cookie());
  Asking& second = ask(one, get("/"));
  Asking& a = ask(two, get("/"));
  network.advance(1100ms);
  ASSERT_NE(got<Miss>(second), got<Miss>(a));
  Asking& leaving = got<Miss>(second) ? second : a;
  Asking& waiting = got<Miss>(second) ? a : second;
  leaving.answer.reset();  // reloads the page
  network.advance(2100ms);
  EXPECT_TRUE(got<Miss>(waiting)) << "the one who still fetches has cookies";
  EXPECT_TRUE(got<Miss>(fetcher));
}

TEST_F(LockedSession, NoSessionLeadsTwice) {
  ask(one, with_cookie());
  Asking& again = ask(two, with_cookie());
  Asking& other = ask(two, with_cookie("session=other"));
  network.advance(2100ms);
  EXPECT_FALSE(again.answer);
  EXPECT_TRUE(got<Miss>(other));
}

// What an origin says to cookies is said to them: those without go on sharing, and what is stored stays.
TEST_F(LockedSession, AnAnswerForCookiesReleasesThoseWithCookies) {
  Asking& fetcher = ask(one, with_cookie());
  Asking& other = ask(two, with_cookie());
  Asking& a = ask(one, get("/"));
  Asking& b = ask(two, get("/"));
  fill_of(fetcher).head(fetcher.request, answer(200, {{"Cache-Control", "private"}}), known(9), now());
  network.settle();
  EXPECT_TRUE(got<Miss>(other));
  ASSERT_NE(got<Miss>(a), got<Miss>(b)) << "one takes over, the other waits on";
  EXPECT_TRUE(got<Miss>(ask(one, with_cookie()))) << "remembered for cookies";
  Asking& late = ask(one, get("/"));
  EXPECT_FALSE(late.answer) << "and for nobody else";
  Asking& leading = got<Miss>(a) ? a : b;
  store(fill_of(leading), leading.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  EXPECT_TRUE(got<Hit>(got<Miss>(a) ? b : a));
  EXPECT_TRUE(got<Hit>(late));
}

TEST_F(LockedSession, AnAnswerForCookiesTakesNoStoredPageAway) {
  Asking& first = ask(one, get("/"));
  store(fill_of(first), first.request, {{"Cache-Control", "max-age=60, stale-if-error=600"}, {"ETag", "\"a\""}},
        "page");
  network.advance(61s);
  Asking& fetcher = ask(one, with_cookie());
  fill_of(fetcher).head(fetcher.request, answer(200, {{"Cache-Control", "private"}}), known(9), now());
  Asking& next = ask(one, get("/"));
  ASSERT_TRUE(got<Miss>(next));
  EXPECT_TRUE(fill_of(next).stale());
  // A part in place of the whole is due to the request too.
  fill_of(next).head(next.request, answer(206, {{"Cache-Control", "max-age=60"}, {"Content-Range", "bytes 0-0/4"}}),
                     known(1), now());
  Asking& last = ask(two, get("/"));
  ASSERT_TRUE(got<Miss>(last));
  EXPECT_TRUE(fill_of(last).stale());
}

// While it is served stale, nobody's locked session keeps it from being refreshed.
TEST_F(LockedSession, ARefreshWithCookiesMakesWayAfterTwoSeconds) {
  Asking& first = ask(one, get("/"));
  store(fill_of(first), first.request, {{"Cache-Control", "max-age=1, stale-while-revalidate=600"}}, "page");
  network.advance(2s);
  const auto refreshes = [](Asking& asking) { return static_cast<bool>(std::get<Stale>(*asking.answer).refresh); };
  Asking& locked = ask(one, with_cookie());
  ASSERT_TRUE(refreshes(locked));
  EXPECT_FALSE(refreshes(ask(one, get("/"))));
  network.advance(2100ms);
  EXPECT_FALSE(refreshes(ask(one, with_cookie()))) << "those without go first";
  EXPECT_TRUE(refreshes(ask(one, get("/"))));
}

// An origin that answers one client slowly, with cookies or without.
class SlowForOne : public LockedSession {
 protected:
  int fetching() const {
    return static_cast<int>(
        std::count_if(asked.begin(), asked.end(), [](const Asking& asking) { return got<Miss>(asking); }));
  }
  int served() const {
    return static_cast<int>(
        std::count_if(asked.begin(), asked.end(), [](const Asking& asking) { return got<Hit>(asking); }));
  }
  // The one that fetches and is not `other`.
  Asking& fetching_beside(const Asking& other) {
    return *std::find_if(asked.begin(), asked.end(),
                         [&](const Asking& asking) { return got<Miss>(asking) && &asking != &other; });
  }
};

TEST_F(SlowForOne, AnotherClientFetchesBesideAfterTwoSeconds) {
  Asking& slow = ask_as(1, one, get("/"));
  for (std::uint64_t client = 2; client <= 101; ++client) ask_as(client, client % 2 == 0 ? one : two, get("/"));
  network.advance(1900ms);
  EXPECT_EQ(fetching(), 1);
  network.advance(200ms);
  ASSERT_EQ(fetching(), 2);
  Asking& second = fetching_beside(slow);
  store(fill_of(second), second.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  EXPECT_EQ(served(), 99);
  // What the slow one gets in the end is nothing to anybody.
  slow.answer.reset();
  EXPECT_EQ(cache.snapshot().waiting, 0u);
}

TEST_F(SlowForOne, AnOriginThatIsSlowForAllSeesTwoFetches) {
  Asking& first = ask_as(1, one, get("/"));
  for (std::uint64_t client = 2; client <= 101; ++client) ask_as(client, client % 2 == 0 ? one : two, get("/"));
  network.advance(9s);
  EXPECT_EQ(fetching(), 2);
  store(fill_of(first), first.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  EXPECT_EQ(served(), 99);
}

// Their sessions may be locked too: one every three seconds.
TEST_F(SlowForOne, AnOriginThatIsSlowForAllSeesFewFetchesWithCookies) {
  static const auto sessions = [] {
    std::vector<std::string> made;
    for (int i = 0; i < 100; ++i) made.push_back("s=" + std::to_string(i));
    return made;
  }();
  Asking& first = ask_as(1, one, get("/"));
  for (std::uint64_t i = 0; i < 100; ++i) ask_as(i + 2, two, with_cookie(sessions[i]));
  network.advance(2900ms);
  EXPECT_EQ(fetching(), 1);
  network.advance(6100ms);
  EXPECT_EQ(fetching(), 4);
  store(fill_of(first), first.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  EXPECT_EQ(served(), 97);
}

// Reloads the page, or keeps others from fetching.
TEST_F(SlowForOne, NoClientFetchesBesideItself) {
  Asking& slow = ask_as(1, one, get("/"));
  Asking& again = ask_as(1, one, get("/"));
  Asking& with_session = ask_as(1, two, with_cookie());
  network.advance(4s);
  EXPECT_FALSE(again.answer || with_session.answer);
  Asking& other = ask_as(2, two, get("/"));
  network.advance(100ms);
  ASSERT_TRUE(got<Miss>(other));
  store(fill_of(other), other.request, {{"Cache-Control", "max-age=60"}}, "page");
  network.settle();
  EXPECT_TRUE(got<Hit>(again));
  EXPECT_TRUE(got<Hit>(with_session));
  EXPECT_TRUE(got<Miss>(slow));
}

TEST_F(SlowForOne, WhenTheSecondLeavesAThirdTakesItsPlace) {
  Asking& slow = ask_as(1, one, get("/"));
  Asking& second = ask_as(2, one, get("/"));
  network.advance(2100ms);
  ASSERT_TRUE(got<Miss>(second));
  Asking& waiting = ask_as(3, two, get("/"));
  network.advance(2s);
  EXPECT_FALSE(waiting.answer) << "two at a time";
  second.answer.reset();
  network.advance(2100ms);
  EXPECT_TRUE(got<Miss>(waiting));
  EXPECT_TRUE(got<Miss>(slow));
}

// The origin has spent time on it, which those who wait need not lose.
TEST_F(SlowForOne, TheFirstIsAwaitedAlsoWhileASecondFetches) {
  Asking& first = ask_as(1, one, get("/"));
  Asking& second = ask_as(2, one, get("/"));
  network.advance(2100ms);
  ASSERT_TRUE(got<Miss>(second));
  EXPECT_FALSE(fill_of(first).awaited()) << "nobody waits any more";
  ask_as(3, two, get("/"));
  EXPECT_TRUE(fill_of(first).awaited());
  EXPECT_TRUE(fill_of(second).awaited());
}

TEST_F(SlowForOne, AValidationToo) {
  Asking& first = ask_as(1, one, get("/"));
  store(fill_of(first), first.request, {{"Cache-Control", "max-age=1, must-revalidate"}, {"ETag", "\"a\""}}, "page");
  network.advance(2s);
  Asking& slow = ask_as(1, one, get("/"));
  Asking& second = ask_as(2, two, get("/"));
  Asking& waiting = ask_as(3, two, get("/"));
  ASSERT_TRUE(got<Miss>(slow));
  network.advance(2100ms);
  ASSERT_NE(got<Miss>(second), got<Miss>(waiting));
  Asking& leading = got<Miss>(second) ? second : waiting;
  ASSERT_TRUE(fill_of(leading).stored());
  EXPECT_EQ(fill_of(leading).head(leading.request, answer(304, {{"ETag", "\"a\""}}), known(0), now()),
            FillVerdict::not_modified);
  fill_of(leading).finish();
  network.settle();
  EXPECT_TRUE(got<Hit>(got<Miss>(second) ? waiting : second));
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

}  // namespace
}  // namespace tenfold::cache
