#include "guard/known/customer_book.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace tenfold::guard {
namespace {

using std::chrono::days;

constexpr std::string_view secret = "the installation's own secret";
constexpr Day first_day{days(20'000)};

net::IpAddress customer(const char* text) { return *net::IpAddress::parse(text); }
net::IpAddress customer(std::uint32_t number) { return net::IpAddress::v4(number); }

Past past(CustomerBook& book, const char* client, Day today) {
  return book.snapshot(today)->past_of(customer(client), today);
}

TEST(CustomerBook, RemembersDaysAndNotOrders) {
  CustomerBook book(secret);
  // given two orders on one day and one on another
  book.note_order(customer("192.0.2.7"), first_day);
  book.note_order(customer("192.0.2.7"), first_day);
  book.note_order(customer("192.0.2.7"), first_day + days(2));
  // when it is the third day after
  const Day today = first_day + days(3);
  // then two days are known of the client; its neighbours know the network; others nothing
  EXPECT_EQ(past(book, "192.0.2.7", today), (Past{2, 2}));
  EXPECT_EQ(past(book, "192.0.2.8", today), (Past{0, 2}));
  EXPECT_EQ(past(book, "192.0.3.7", today), (Past{0, 0}));
}

TEST(CustomerBook, OfIpv6AClientIsASlash64AndANetworkASlash56) {
  CustomerBook book(secret);
  book.note_order(customer("2001:db8:0:1234::1"), first_day);
  const Day today = first_day + days(1);
  EXPECT_EQ(past(book, "2001:db8:0:1234:ffff::9", today), (Past{1, 1}));
  EXPECT_EQ(past(book, "2001:db8:0:12ff::1", today), (Past{0, 1}));
  EXPECT_EQ(past(book, "2001:db8:0:1334::1", today), (Past{0, 0}));
}

TEST(CustomerBook, OnlyDaysBeforeTheTroubleCount) {
  CustomerBook book(secret);
  for (int i = 0; i < 5; ++i) book.note_order(customer("192.0.2.7"), first_day + days(i));
  const auto known = book.snapshot(first_day + days(4));
  const auto days_before = [&](int day) {
    return int{known->past_of(customer("192.0.2.7"), first_day + days(day)).client_days};
  };
  EXPECT_EQ(days_before(5), 5);  // a snapshot of yesterday
  EXPECT_EQ(days_before(4), 4);  // today's does not count today
  EXPECT_EQ(days_before(1), 1);
  EXPECT_EQ(days_before(0), 0);
  EXPECT_EQ(days_before(-1), 0);
  EXPECT_EQ(days_before(-100), 0);
  EXPECT_EQ(days_before(100), 5);
}

TEST(CustomerBook, ForgetsADayAfterThirty) {
  CustomerBook book(secret);
  book.note_order(customer("192.0.2.7"), first_day);
  EXPECT_EQ(past(book, "192.0.2.7", first_day + days(29)), (Past{1, 1}));
  EXPECT_EQ(book.size(), 2u);
  EXPECT_EQ(past(book, "192.0.2.7", first_day + days(30)), (Past{0, 0}));
  EXPECT_EQ(book.size(), 0u);
}

TEST(CustomerBook, ADayIsTakenUpAgainWhereItStood) {
  CustomerBook book(secret);
  // given a clock that went on, and was set back
  book.note_order(customer("192.0.2.7"), first_day);
  book.note_order(customer("192.0.2.8"), first_day + days(1));
  book.note_order(customer("192.0.2.9"), first_day);
  // then both days are whole, and what is of tomorrow does not count today
  EXPECT_EQ(book.size(), 5u);
  const auto known = book.snapshot(first_day);
  EXPECT_EQ(known->past_of(customer("192.0.2.8"), first_day + days(5)), (Past{0, 1}));
  EXPECT_EQ(past(book, "192.0.2.8", first_day + days(2)), (Past{1, 2}));
  EXPECT_EQ(past(book, "192.0.2.9", first_day + days(2)), (Past{1, 2}));
}

TEST(CustomerBook, ComesBackAsItWasSaved) {
  CustomerBook book(secret);
  FastRandom random(1);
  for (int i = 0; i < 40; ++i) {
    for (int n = 0; n < 50; ++n) {
      book.note_order(customer(static_cast<std::uint32_t>(random.below(500) << 8)), first_day + days(i));
    }
  }
  const Day today = first_day + days(39);
  // when it is saved on its last day, and loaded
  const std::string saved = book.save(today);
  CustomerBook again(secret);
  ASSERT_TRUE(again.load(saved, today));
  // then it says the same, and saves the same
  EXPECT_EQ(again.size(), book.size());
  EXPECT_EQ(again.save(today), saved);
  const auto one = book.snapshot(today);
  const auto other = again.snapshot(today);
  for (std::uint32_t n = 0; n < 500; ++n) {
    EXPECT_EQ(one->past_of(customer(n << 8), today), other->past_of(customer(n << 8), today)) << n;
  }
  // and goes on with the day
  again.note_order(customer("203.0.113.9"), today);
  EXPECT_EQ(again.size(), book.size() + 2);
}

TEST(CustomerBook, HasNoAddressesInIt) {
  CustomerBook book(secret);
  book.note_order(customer("192.0.2.7"), first_day);
  const std::string saved = book.save(first_day);
  EXPECT_EQ(saved.find("\xc0\x00\x02\x07"), std::string::npos);
  // of another secret's book not a byte of the prints is the same
  CustomerBook other("another secret of an installation");
  other.note_order(customer("192.0.2.7"), first_day);
  EXPECT_NE(book.save(first_day).substr(20), other.save(first_day).substr(20));
}

TEST(CustomerBook, IsEmptyWhenWhatIsLoadedIsNoBookOfIts) {
  CustomerBook book(secret);
  book.note_order(customer("192.0.2.7"), first_day);
  const std::string saved = book.save(first_day);
  std::string damaged = saved;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 4);
  CustomerBook other("another secret of an installation");
  for (const std::string& text : {damaged, saved.substr(0, saved.size() - 1), std::string(), other.save(first_day)}) {
    CustomerBook loaded(secret);
    loaded.note_order(customer("192.0.2.7"), first_day);
    EXPECT_EQ(loaded.load(text, first_day).error().code, Errc::invalid);
    EXPECT_EQ(loaded.size(), 0u);
    loaded.note_order(customer("192.0.2.7"), first_day);
    EXPECT_EQ(loaded.size(), 2u);
  }
}

TEST(CustomerBook, ADayHasABound) {
  CustomerBook book(secret);
  // given as many clients of one network as a day takes
  for (std::uint32_t n = 0; book.left_out() == 0; ++n) book.note_order(customer((n << 8) | 1), first_day);
  EXPECT_LE(book.size(), CustomerBook::most_a_day);
  EXPECT_GT(book.size(), CustomerBook::most_a_day - 2);
  // then further ones are left out, that day
  book.note_order(customer("203.0.113.9"), first_day);
  EXPECT_EQ(book.left_out(), 2u);
  book.note_order(customer("203.0.113.9"), first_day + days(1));
  EXPECT_EQ(past(book, "203.0.113.9", first_day + days(2)), (Past{1, 1}));
  // and a book at its bound can be loaded
  CustomerBook again(secret);
  EXPECT_TRUE(again.load(book.save(first_day + days(1)), first_day + days(1)));
}

TEST(KnownCustomers, TakesHardlyAStrangerForOne) {
  CustomerBook book(secret);
  FastRandom random(9);
  // given 200,000 customers, below 128.0.0.0
  for (int i = 0; i < 200'000; ++i) {
    book.note_order(customer(static_cast<std::uint32_t>(random.below(std::uint64_t(1) << 31))),
                    first_day + days(i / 20'000));
  }
  const Day today = first_day + days(10);
  const auto known = book.snapshot(today);
  // when 400,000 strangers from above come
  int mistaken = 0;
  for (int i = 0; i < 400'000; ++i) {
    const auto number = static_cast<std::uint32_t>(random.below(std::uint64_t(1) << 31) | (std::uint64_t(1) << 31));
    mistaken += known->past_of(customer(number), today) != Past{} ? 1 : 0;
  }
  // then one in 2^32 / entries is, for each of its two prefixes: here some 70
  EXPECT_GT(mistaken, 20);
  EXPECT_LT(mistaken, 150);
}

TEST(KnownCustomers, OfNothingKnowsNobody) {
  EXPECT_EQ(KnownCustomers().past_of(customer("192.0.2.7"), first_day), Past{});
  EXPECT_TRUE(CustomerBook(secret).snapshot(first_day)->empty());
}

}  // namespace
}  // namespace tenfold::guard
