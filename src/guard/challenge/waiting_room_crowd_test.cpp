// The waiting room with crowds in it, simulated: people who ask when they are told to, and bots that do as they please.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "guard/challenge/waiting_room.hpp"

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr WallTime doors_open{1'800'000'000s};
constexpr Duration crowd_step = 50ms;
constexpr Duration standing = 8s;

double seconds_between(WallTime from, WallTime to) { return std::chrono::duration<double>(to - from).count(); }

RoomVisitor guest_of(std::uint32_t network) {
  return {.network = Prefix::of(net::IpAddress::v4(0x0a000000 + (network << 8)), Level::network)};
}

// One who waits, from its first request on.
struct Guest {
  WallTime joins;
  RoomVisitor visitor;
  std::optional<Duration> asks_every{};  // as it is told
  WallTime leaves = WallTime::max();
  std::optional<RoomAnswer> last{};
  WallTime asks_at{};
  std::optional<WallTime> in{};
  std::chrono::seconds first_eta{};  // that it is told when it has a ticket
  struct Told {
    std::uint64_t ahead;
    std::size_t truly;
  };
  std::optional<Told> told_at_joining{};
  std::vector<Told> told{};  // from then on: how many are ahead

  double waited_s() const { return seconds_between(joins, *in); }
};

class Crowd {
 public:
  explicit Crowd(double visits_per_s, std::uint64_t seed = 1)
      : random_(seed), rate_(visits_per_s), room_({.visits_per_s = visits_per_s}, {15, 16}) {}

  std::vector<Guest> guests;
  Duration most_late{};                    // that people ask, each time
  std::optional<WallTime> stands_still{};  // since when nobody's question gets through
  std::size_t but_each = 0;                // but for each so manieth guest's; 0: nobody's
  double bots_join_per_s = 0;              // and never come back
  double bots_return_per_s = 0;            // join, come back once, and go

  WaitingRoom& room() { return room_; }
  WallTime now() const { return now_; }

  void run_for(Duration time) {
    for (const WallTime end = now_ + time; now_ < end; now_ += crowd_step) step();
  }
  bool all_in() const {
    return std::ranges::all_of(guests, [](const Guest& guest) { return guest.in.has_value(); });
  }
  double longest_wait_s() const {
    double longest = 0;
    for (const Guest& guest : guests) longest = std::max(longest, guest.waited_s());
    return longest;
  }

 private:
  void step() {
    room_.set_rate(rate_, now_);
    bots();
    const bool stands = stands_still && *stands_still <= now_ && now_ < *stands_still + standing;
    for (std::size_t i = 0; i < guests.size(); ++i) {
      Guest& guest = guests[i];
      if (stands && (but_each == 0 || i % but_each != but_each - 1)) continue;
      if (!guest.in && guest.joins <= now_ && now_ < guest.leaves) visit(guest);
    }
    // Never more than the rate, and three seconds of it that nobody took.
    const double most = rate_ * seconds_between(doors_open, now_) + std::max(3 * rate_, 2.0);
    ASSERT_LE(static_cast<double>(room_.state(now_).let_in), most);
  }
  void visit(Guest& guest) {
    if (!guest.last) {
      guest.last = room_.join(random_, now_);
      guest.told_at_joining = {guest.last->ahead, truly_ahead_of(guest)};
    } else if (now_ >= guest.asks_at) {
      const bool has_ticket = guest.last->place.step == PlaceStep::waiting;
      guest.last = room_.look(guest.last->place, guest.visitor, now_);
      if (!has_ticket) guest.first_eta = guest.last->eta.value_or(0s);
      if (guest.last->turn == Turn::let_in) guest.in = now_;
      if (guest.last->turn == Turn::wait) guest.told.push_back({guest.last->ahead, truly_ahead_of(guest)});
    } else {
      return;
    }
    guest.asks_at = now_ + guest.asks_every.value_or(guest.last->retry_after);
    guest.asks_at += std::chrono::duration_cast<Duration>(most_late * random_.unit());
  }
  std::size_t truly_ahead_of(const Guest& guest) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        guests, [&](const Guest& other) { return other.joins < guest.joins && !other.in && now_ < other.leaves; }));
  }
  void bots() {
    const double step_s = std::chrono::duration<double>(crowd_step).count();
    for (joining_ += bots_join_per_s * step_s; joining_ >= 1; joining_ -= 1) room_.join(random_, now_);
    for (returning_ += bots_return_per_s * step_s; returning_ >= 1; returning_ -= 1) {
      const auto network = static_cast<std::uint32_t>(random_.below(60'000));
      visitors_.push_back({room_.join(random_, now_).place, guest_of(network), now_ + 2s});
    }
    while (next_ < visitors_.size() && visitors_[next_].asks_at <= now_) {
      room_.look(visitors_[next_].place, visitors_[next_].visitor, now_);
      ++next_;
    }
  }

  struct Bot {
    Place place;
    RoomVisitor visitor;
    WallTime asks_at;
  };
  FastRandom random_;
  const double rate_;
  WaitingRoom room_;
  WallTime now_ = doors_open;
  double joining_ = 0;
  double returning_ = 0;
  std::vector<Bot> visitors_;
  std::size_t next_ = 0;
};

// People from networks of their own, one after the other.
void add_people(Crowd& crowd, std::uint32_t count, WallTime from, Duration apart) {
  for (std::uint32_t i = 0; i < count; ++i) {
    crowd.guests.push_back({.joins = from + i * apart, .visitor = guest_of(100'000 + i)});
  }
}

TEST(WaitingRoomCrowd, ARushIsServedInItsOrderAtTheFullRate) {
  // Given 300 people in ten seconds, and room for five a second
  Crowd crowd(5);
  add_people(crowd, 300, doors_open, 33ms);
  crowd.run_for(70s);
  ASSERT_TRUE(crowd.all_in());
  for (std::size_t i = 0; i < crowd.guests.size(); ++i) {
    const Guest& guest = crowd.guests[i];
    // Each comes in when its turn would be in an exact queue, give or take the time between two questions.
    const double fair_s = std::max(2.0, static_cast<double>(i) / 5 - seconds_between(doors_open, guest.joins));
    EXPECT_NEAR(guest.waited_s(), fair_s, 6) << i;
    // and the estimate was honest.
    EXPECT_NEAR(static_cast<double>(guest.first_eta.count() + 2), guest.waited_s(), 8) << i;
  }
}

// As many as are truly ahead, but for a third of them, or a few: those of one second are told apart by their share of
// it. And never more than before, but for so many.
void expect_honest_places(const Crowd& crowd, double few, std::uint64_t rise) {
  for (std::size_t i = 0; i < crowd.guests.size(); ++i) {
    std::uint64_t before = std::numeric_limits<std::uint64_t>::max() / 2;
    for (const Guest::Told& each : crowd.guests[i].told) {
      const auto truly = static_cast<double>(each.truly);
      EXPECT_NEAR(static_cast<double>(each.ahead), truly, std::max(few, truly / 3)) << i;
      EXPECT_LE(each.ahead, before + rise) << i;
      before = each.ahead;
    }
  }
}

TEST(WaitingRoomCrowd, PlacesAreHonestWhereTheMachineStandsStill) {
  // Given one turn a second, forty who join in eight seconds, and soon a machine that answers nobody for as long, or
  // hardly anybody
  for (const std::size_t but_each : {0, 3, 5, 10}) {
    for (const Duration most_late : {0s, 4s, 8s}) {
      Crowd crowd(1);
      crowd.most_late = most_late;
      crowd.stands_still = doors_open + 42s;
      crowd.but_each = but_each;
      add_people(crowd, 40, doors_open + 20s, 200ms);
      crowd.run_for(85s);
      ASSERT_TRUE(crowd.all_in());
      expect_honest_places(crowd, 5, 2);
    }
  }
}

TEST(WaitingRoomCrowd, PlacesAreHonestWhereAllAskLateByManySeconds) {
  Crowd crowd(2);
  crowd.most_late = 8s;
  add_people(crowd, 200, doors_open + 20s, 20ms);
  crowd.run_for(160s);
  ASSERT_TRUE(crowd.all_in());
  expect_honest_places(crowd, 10, 0);
}

TEST(WaitingRoomCrowd, ACrowdIsNotTakenForTheFloodBeforeIt) {
  // Given thousands who join and do not come back, and forty people half a minute later, all at once
  Crowd crowd(1);
  crowd.bots_join_per_s = 500;
  crowd.run_for(20s);
  crowd.bots_join_per_s = 1;
  crowd.run_for(25s);
  add_people(crowd, 40, crowd.now(), 20ms);
  crowd.run_for(60s);
  ASSERT_TRUE(crowd.all_in());
  for (std::size_t i = 0; i < crowd.guests.size(); ++i) {
    const Guest::Told& told = *crowd.guests[i].told_at_joining;
    EXPECT_NEAR(static_cast<double>(told.ahead), static_cast<double>(told.truly), 24) << i;
  }
  expect_honest_places(crowd, 12, 8);
}

TEST(WaitingRoomCrowd, PlacesAreHonestAndNeverFallBackWhereFewAreLetInAndManyAskLate) {
  // Given one turn a second, and forty people whose lines are slow, some of whom come later
  Crowd crowd(1);
  crowd.most_late = 4s;
  add_people(crowd, 30, doors_open + 15s, 200ms);
  add_people(crowd, 10, doors_open + 25s, 500ms);
  crowd.run_for(75s);
  ASSERT_TRUE(crowd.all_in());
  for (std::size_t i = 0; i < crowd.guests.size(); ++i) {
    const std::vector<Guest::Told>& told = crowd.guests[i].told;
    for (const Guest::Told& each : told) {
      const auto truly = static_cast<double>(each.truly);
      EXPECT_NEAR(static_cast<double>(each.ahead), truly, std::max(6.0, truly / 3)) << i;
    }
    EXPECT_TRUE(std::ranges::is_sorted(told, std::greater{}, &Guest::Told::ahead)) << i;
  }
}

TEST(WaitingRoomCrowd, AHundredThousandJoinsAMinuteThatNeverComeBackDelayNobody) {
  // Given bots that join, and 200 people who wait as they are told
  Crowd crowd(5);
  const std::size_t memory = crowd.room().memory_bytes();
  crowd.bots_join_per_s = 100'000.0 / 60;
  crowd.run_for(30s);
  add_people(crowd, 200, crowd.now(), 100ms);
  // When the people come for 20 s
  crowd.run_for(50s);
  // Then all are in as soon as the rate allows, and memory is what it was.
  ASSERT_TRUE(crowd.all_in());
  EXPECT_LE(crowd.longest_wait_s(), 200 / 5 - 20 + 6);
  EXPECT_GT(crowd.room().state(crowd.now()).joined, 130'000u);
  EXPECT_EQ(crowd.room().memory_bytes(), memory);
  EXPECT_LT(memory, 5'000'000u);
}

TEST(WaitingRoomCrowd, BotsThatComeBackOnceArePassedOver) {
  // Given a thousand bots a second that do all they can to look alive, once, and take turns as they find them
  Crowd crowd(5);
  crowd.bots_return_per_s = 1000;
  crowd.run_for(45s);
  add_people(crowd, 100, crowd.now(), 100ms);
  crowd.run_for(50s);
  // Then they wait little longer than an exact queue would have them wait.
  ASSERT_TRUE(crowd.all_in());
  EXPECT_LE(crowd.longest_wait_s(), 25);
}

TEST(WaitingRoomCrowd, ThoseWhoGiveUpKeepNobodyWaiting) {
  // Given 400 who leave after 30 s, and 20 who joined behind them
  Crowd crowd(2);
  add_people(crowd, 400, doors_open, 10ms);
  for (Guest& guest : crowd.guests) guest.leaves = doors_open + 30s;
  crowd.run_for(25s);
  const std::size_t first = crowd.guests.size();
  add_people(crowd, 20, crowd.now(), 100ms);
  crowd.run_for(60s);
  // Then the 20 wait for the rate and the time that it takes to notice, and not for 400 turns (200 s).
  for (std::size_t i = first; i < crowd.guests.size(); ++i) {
    ASSERT_TRUE(crowd.guests[i].in.has_value());
    EXPECT_LE(crowd.guests[i].waited_s(), 40) << i;
  }
}

TEST(WaitingRoomCrowd, WhoAsksAllTheTimeIsNoSoonerIn) {
  // Given people who ask as told, and as many, later, who ask twenty times a second
  Crowd crowd(2);
  add_people(crowd, 50, doors_open, 100ms);
  for (std::uint32_t i = 0; i < 200; ++i) {
    crowd.guests.push_back({.joins = doors_open + 5s + i * 20ms, .visitor = guest_of(1000 + i), .asks_every = 50ms});
  }
  crowd.run_for(140s);
  ASSERT_TRUE(crowd.all_in());
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_LE(crowd.guests[i].waited_s(), static_cast<double>(i) / 2 - 0.1 * static_cast<double>(i) + 8) << i;
  }
}

TEST(WaitingRoomCrowd, OneNetworksFloodWaitsBehindEverybodyElse) {
  // Given one network that joins 100 times a second and asks after all of its places, for 20 s
  Crowd crowd(5);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    crowd.guests.push_back({.joins = doors_open + i * 10ms, .visitor = guest_of(7)});
  }
  // and people who come two a second
  add_people(crowd, 60, doors_open + 5s, 500ms);
  crowd.run_for(60s);
  // Then they hardly notice: of five a second the network has two.
  for (std::size_t i = 2000; i < crowd.guests.size(); ++i) {
    ASSERT_TRUE(crowd.guests[i].in.has_value()) << i;
    EXPECT_LE(crowd.guests[i].waited_s(), 10) << i;
  }
}

TEST(WaitingRoomCrowd, HundredsBehindOneAddressGetIn) {
  // Given 300 people behind one address in a minute, and in the same minute a botnet of 300 networks that waits as well
  // as anybody; and room for half of them
  Crowd crowd(5);
  for (std::uint32_t i = 0; i < 300; ++i) {
    crowd.guests.push_back({.joins = doors_open + i * 200ms, .visitor = guest_of(7)});
    crowd.guests.push_back({.joins = doors_open + i * 200ms, .visitor = guest_of(1000 + i), .asks_every = 1s});
  }
  crowd.run_for(130s);
  // Then all are in when the last of both would be in an exact queue (120 s): of the people, who come faster than one
  // network's pace, the last are so.
  ASSERT_TRUE(crowd.all_in());
}

TEST(WaitingRoomCrowd, KnownCustomersBehindOneAddressDoNotWaitForEachOther) {
  Crowd crowd(10);
  for (std::uint32_t i = 0; i < 100; ++i) {
    RoomVisitor customer = guest_of(7);
    customer.bearer = 1000 + i;
    crowd.guests.push_back({.joins = doors_open + i * 10ms, .visitor = customer});
  }
  crowd.run_for(20s);
  ASSERT_TRUE(crowd.all_in());
  EXPECT_LE(crowd.longest_wait_s(), 14);
}

TEST(WaitingRoomCrowd, AFullRoomIsEmptiedAtLast) {
  // Given 5,000 who join in a quarter of a minute
  Crowd crowd(100);
  add_people(crowd, 5000, doors_open, 3ms);
  crowd.run_for(60s);
  EXPECT_TRUE(crowd.all_in());
}

}  // namespace
}  // namespace tenfold::guard
