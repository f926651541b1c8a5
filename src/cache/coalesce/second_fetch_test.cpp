#include "cache/coalesce/waiting_fixture.hpp"

namespace tenfold::cache {
namespace {

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

}  // namespace
}  // namespace tenfold::cache
