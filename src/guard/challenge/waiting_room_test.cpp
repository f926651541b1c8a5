#include "guard/challenge/waiting_room.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr SipKey room_key{13, 14};
constexpr WallTime opening{1'800'000'000s};

RoomVisitor stranger_of(std::uint32_t number) {
  return {.network = Prefix::of(net::IpAddress::v4(0x0a000000 + (number << 8)), Level::network)};
}

struct WaitingRoomTest : ::testing::Test {
  Place join(WallTime at) { return room.join(random, at).place; }
  RoomAnswer look(const Place& place, std::uint32_t network, WallTime at) {
    return room.look(place, stranger_of(network), at);
  }
  // Somebody who has waited since `at`, and is behind all who did before.
  Place waiting_since(WallTime at, std::uint32_t network) { return look(join(at), network, at + 2s).place; }

  FastRandom random{1};
  WaitingRoom room{{.visits_per_s = 1}, room_key};
};

TEST_F(WaitingRoomTest, WhoComesBackToAnEmptyRoomIsLetIn) {
  room.set_rate(1, opening);
  const RoomAnswer joined = room.join(random, opening + 10s);
  EXPECT_EQ(joined.turn, Turn::wait);
  EXPECT_EQ(joined.ahead, 0u);
  EXPECT_EQ(joined.eta, 1s);
  EXPECT_EQ(joined.retry_after, 2s);
  EXPECT_EQ(look(joined.place, 1, opening + 10s + 999ms).turn, Turn::wait);  // it was not to ask yet
  const RoomAnswer back = look(joined.place, 1, opening + 11s);
  EXPECT_EQ(back.turn, Turn::let_in);
  EXPECT_EQ(room.state(opening + 11s).let_in, 1u);
}

TEST_F(WaitingRoomTest, WhoComesFromAChallengeHasComeBack) {
  room.set_rate(1, opening);
  const Place place{.id = 7, .step = PlaceStep::joined, .ticket = opening + 10s, .refreshed = opening + 10s};
  EXPECT_EQ(room.join_since(place, stranger_of(1), opening + 10s + 999ms).turn, Turn::wait);
  EXPECT_EQ(room.join_since(place, stranger_of(1), opening + 18s).turn, Turn::let_in);
}

TEST_F(WaitingRoomTest, WhoComesFromAChallengeIsBeforeThoseWhoJoinedSince) {
  room.set_rate(0, opening);
  for (std::uint32_t i = 0; i < 10; ++i) waiting_since(opening + 12s, i);
  const Place place{.id = 7, .step = PlaceStep::joined, .ticket = opening + 10s, .refreshed = opening + 10s};
  const RoomAnswer first = room.join_since(place, stranger_of(90), opening + 18s);
  EXPECT_EQ(first.ahead, 0u);
  // One challenge is one place, however often it is brought.
  const std::uint64_t living = room.state(opening + 18s).living;
  for (int i = 0; i < 20; ++i) room.join_since(place, stranger_of(90), opening + 18s);
  EXPECT_EQ(room.state(opening + 18s + 200ms).living, living + 1);
}

TEST_F(WaitingRoomTest, AsLongAsAChallengeIsGoodItIsLetInOnce) {
  room.set_rate(1, opening);
  const Place place{.id = 7, .step = PlaceStep::joined, .ticket = opening + 10s, .refreshed = opening + 10s};
  EXPECT_EQ(room.join_since(place, stranger_of(1), opening + 11s).turn, Turn::let_in);
  for (WallTime now = opening + 11s; now <= opening + 10s + Seed::life + clock_skew; now += 1s) {
    EXPECT_EQ(room.join_since(place, stranger_of(1), now).turn, Turn::let_in);
  }
  EXPECT_EQ(room.state(opening + 5min).let_in, 1u) << "turns that others wait for";
}

TEST_F(WaitingRoomTest, WhoIsLetInGetsAClearanceForItsPlace) {
  const Place place = join(opening);
  const Clearance clearance = clearance_for_waiting(place, opening + 2s);
  EXPECT_EQ(clearance.id, place.id);
  EXPECT_EQ(clearance.kind, ClearanceKind::waited);
  EXPECT_EQ(clearance.expires, opening + 2s + Clearance::usual_life);
}

TEST_F(WaitingRoomTest, NobodyIsLetInPastTheRate) {
  // Given 100 who wait, from networks of their own, and no turn left
  room.set_rate(0, opening);
  std::vector<Place> places;
  for (std::uint32_t i = 0; i < 100; ++i) places.push_back(waiting_since(opening + i * 10ms, i));
  // When all ask all the time
  room.set_rate(5, opening + 4s);
  std::vector<std::size_t> let_in;
  for (WallTime now = opening + 4s; now < opening + 14s; now += 10ms) {
    for (std::uint32_t i = 0; i < 100; ++i) {
      if (places[i].id == 0) continue;
      const RoomAnswer answer = look(places[i], i, now);
      places[i] = answer.place;
      if (answer.turn != Turn::let_in) continue;
      let_in.push_back(i);
      places[i].id = 0;
    }
    EXPECT_LE(static_cast<double>(let_in.size()), 5 * std::chrono::duration<double>(now - opening - 4s).count() + 1);
  }
  // Then ten seconds let 49 in (one turn is kept for the first), in their order.
  EXPECT_GE(let_in.size(), 48u);
  EXPECT_LE(let_in.size(), 50u);
  for (std::size_t i = 0; i < let_in.size(); ++i)
    EXPECT_NEAR(static_cast<double>(let_in[i]), static_cast<double>(i), 3);
}

TEST_F(WaitingRoomTest, TurnsThatNobodyTookAddUpToThreeSeconds) {
  room.set_rate(10, opening);
  int let_in = 0;
  std::vector<Place> places;
  for (std::uint32_t i = 0; i < 100; ++i) places.push_back(join(opening + 1h));
  for (std::uint32_t i = 0; i < 100; ++i) let_in += look(places[i], i, opening + 1h + 2s).turn == Turn::let_in ? 1 : 0;
  EXPECT_EQ(let_in, 30);
}

TEST_F(WaitingRoomTest, AtNoRateNobodyIsLetInAndNobodyKnowsWhen) {
  room.set_rate(0, opening);
  const RoomAnswer answer = look(join(opening + 1h), 1, opening + 1h + 2s);
  EXPECT_EQ(answer.turn, Turn::wait);
  EXPECT_EQ(answer.eta, std::nullopt);
  EXPECT_EQ(answer.ahead, 0u);
}

TEST_F(WaitingRoomTest, TheEstimateIsOfThoseAheadAndTheRate) {
  room.set_rate(0, opening);
  for (std::uint32_t i = 0; i < 100; ++i) waiting_since(opening + i * 10ms, i);
  room.set_rate(2, opening + 5s);
  const RoomAnswer answer = look(join(opening + 5s), 500, opening + 7s);
  EXPECT_EQ(answer.ahead, 100u);
  EXPECT_EQ(answer.eta, 51s);
  // It is to ask well within a window of counting, and not all in one second.
  EXPECT_LE(answer.retry_after, 15s);
  EXPECT_GE(answer.retry_after, 11s);
}

TEST_F(WaitingRoomTest, TheEstimateIsTwoHoursAtMost) {
  room.set_rate(0.0001, opening);
  EXPECT_EQ(room.join(random, opening).eta, 2h);
}

TEST_F(WaitingRoomTest, ThoseWhoHaveJustJoinedAreInTheEstimate) {
  room.set_rate(2, opening);
  for (int i = 0; i < 100; ++i) join(opening + 1s);
  EXPECT_EQ(room.join(random, opening + 2s).ahead, 100u);
}

TEST_F(WaitingRoomTest, WhoIsLetInStaysSoForAMinute) {
  // Given one who was let in, whose answer was lost
  room.set_rate(1, opening);
  const Place place = join(opening + 1min);
  ASSERT_EQ(look(place, 1, opening + 1min + 2s).turn, Turn::let_in);
  // When it asks again, as often as it likes
  for (int i = 0; i < 100; ++i) EXPECT_EQ(look(place, 1, opening + 1min + 4s).turn, Turn::let_in);
  // Then that has taken one turn.
  EXPECT_EQ(room.state(opening + 1min + 4s).let_in, 1u);
}

TEST_F(WaitingRoomTest, OnePlaceCountsOnceHoweverOftenItIsShown) {
  room.set_rate(0, opening);
  const Place joined = join(opening);
  const Place old = look(joined, 1, opening + 2s).place;
  // When both of its cookies are shown a thousand times, in this window and in the next
  for (WallTime now = opening + 3s; now < opening + 33s; now += 30ms) {
    look(joined, 1, now);
    look(old, 1, now);
  }
  EXPECT_EQ(room.state(opening + 33s).living, 1u);
  // and its ticket is the one that it had first.
  EXPECT_EQ(look(joined, 1, opening + 34s).place.ticket, old.ticket);
}

TEST_F(WaitingRoomTest, StrangersOfOneNetworkAreApart) {
  room.set_rate(0, opening);
  const Place first = waiting_since(opening, 1);
  const Place second = waiting_since(opening + 100ms, 1);
  const Place third = waiting_since(opening + 5s, 1);
  EXPECT_EQ(first.ticket, opening);
  EXPECT_EQ(second.ticket, opening + 500ms);
  EXPECT_EQ(third.ticket, opening + 5s);
  EXPECT_EQ(waiting_since(opening + 5s + 1ms, 2).ticket, opening + 5s + 1ms);
}

TEST_F(WaitingRoomTest, WhoOnlyJoinsPutsNobodyBack) {
  room.set_rate(0, opening);
  for (int i = 0; i < 10'000; ++i) join(opening);
  EXPECT_EQ(waiting_since(opening, 1).ticket, opening);
}

TEST_F(WaitingRoomTest, WhoBearsATokenWaitsForItselfAlone) {
  room.set_rate(0, opening);
  for (int i = 0; i < 100; ++i) waiting_since(opening, 1);
  RoomVisitor customer = stranger_of(1);
  customer.bearer = 77;
  EXPECT_EQ(room.look(join(opening), customer, opening + 2s).place.ticket, opening);
  EXPECT_EQ(room.look(join(opening), customer, opening + 2s).place.ticket, opening + 500ms);
}

TEST_F(WaitingRoomTest, NoPlaceIsPutBackByMoreThanAnHour) {
  WaitingRoom slow({.visits_per_s = 0, .a_network = 1min}, room_key);
  Place last;
  for (int i = 0; i < 100; ++i) last = slow.look(slow.join(random, opening).place, stranger_of(1), opening + 1s).place;
  EXPECT_LT(last.ticket, opening + 1s + 1h);
  EXPECT_GT(last.ticket, opening + 59min);
}

TEST_F(WaitingRoomTest, ClocksOfWorkersThatDifferMakeNoTurnsAndForgetNobody) {
  // Given 300 who wait, at two workers of which one's clock is 5 ms behind
  room.set_rate(0, opening);
  std::vector<Place> places;
  for (std::uint32_t i = 0; i < 300; ++i) places.push_back(waiting_since(opening + i * 1ms, i));
  room.set_rate(5, opening + 5s);
  // When all ask twenty times a second, at one and the other, over the end of a window
  for (WallTime now = opening + 5s; now < opening + 25s; now += 50ms) {
    for (std::uint32_t i = 0; i < 300; ++i) {
      const RoomAnswer answer = look(places[i], i, i % 2 == 0 ? now : now - 5ms);
      if (answer.turn == Turn::wait) places[i] = answer.place;
    }
  }
  // Then 20 s let 100 in, and the others are still counted.
  EXPECT_NEAR(static_cast<double>(room.state(opening + 25s).let_in), 100, 2);
  EXPECT_NEAR(static_cast<double>(room.state(opening + 25s).living), 200, 2);
}

TEST_F(WaitingRoomTest, GoesOnAfterARestart) {
  room.set_rate(0, opening);
  const Place early = waiting_since(opening, 1);
  const Place late = waiting_since(opening + 1s, 2);
  // When another room is handed their places
  WaitingRoom other({.visits_per_s = 0}, {1, 1});
  for (WallTime now = opening + 21s; now < opening + 61s; now += 5s) {
    other.look(early, stranger_of(1), now);
    other.look(late, stranger_of(2), now);
  }
  // Then it knows who is ahead of whom.
  EXPECT_EQ(other.look(early, stranger_of(1), opening + 61s).ahead, 0u);
  EXPECT_EQ(other.look(late, stranger_of(2), opening + 61s).ahead, 1u);
}

TEST_F(WaitingRoomTest, AClockThatLeapsLetsInNoMoreThanWasLeftOver) {
  room.set_rate(10, opening);
  room.set_rate(0, opening + 1s);
  room.set_rate(10, opening + 1s);
  WallTime now = opening + 1s;
  for (const Duration leap : {1h, -1h, 24h, -48h}) {
    now += leap;
    const std::uint64_t before = room.state(now).let_in;
    for (std::uint32_t i = 0; i < 100; ++i) {
      const Place place{.id = random.next(), .step = PlaceStep::waiting, .ticket = now, .refreshed = now - 30s};
      look(place, i, now);
    }
    EXPECT_LE(room.state(now).let_in - before, 30u);
  }
}

}  // namespace
}  // namespace tenfold::guard
