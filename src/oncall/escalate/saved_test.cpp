#include "oncall/escalate/saved.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "oncall/escalate/book_test.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

AlertBook loaded(const AlertBook& book) {
  auto made = AlertBook::load(book.plan(), book.save());
  EXPECT_TRUE(made) << made.error().text();
  return std::move(*made);
}

// One random thing that may happen; the same for the same random numbers and the same book.
std::vector<Order> step(AlertBook& book, Random& random, WallTime& now, std::vector<Order>& recent) {
  const auto source = "check-" + std::to_string(random.below(6));
  const auto id = static_cast<std::int64_t>(random.below(8) + 1);
  const std::string who = random.below(3) == 0 ? "uplink" : "ada";
  std::vector<Order> orders;
  switch (random.below(10)) {
    case 0: orders = book.trouble(critical(source), now); break;
    case 1: orders = book.trouble(warning(source), now); break;
    case 2:
    case 3: orders = book.over(source, now); break;
    case 4: orders = book.acknowledge(id, who, "digit 1", now); break;
    case 5: orders = book.escalate(id, who, now); break;
    case 6: orders = book.silence(id, now + std::chrono::minutes(random.below(100)), now); break;
    case 7: orders = book.drill(random.below(2) == 0 ? "all" : "other", now); break;
    case 8:
      if (!recent.empty()) orders = book.failed(recent[random.below(recent.size())], now);
      break;
    default: break;
  }
  now += std::chrono::seconds(random.below(400));
  const auto ticked = book.tick(now);
  orders.insert(orders.end(), ticked.begin(), ticked.end());
  return orders;
}

// A book that is saved and loaded at any moment goes on as one that was not.
TEST(Saved, ALoadedBookBehavesTheSameAtEveryState) {
  const std::uint64_t seed = entropy_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (std::uint64_t walk = 0; walk < 20; ++walk) {
    FastRandom one(seed + walk), other(seed + walk);
    AlertBook kept(test_plan()), stored(test_plan());
    WallTime kept_now{}, stored_now{};
    std::vector<Order> kept_recent, stored_recent;
    for (int i = 0; i < 150; ++i) {
      stored = loaded(stored);
      const auto expected = step(kept, one, kept_now, kept_recent);
      const auto got = step(stored, other, stored_now, stored_recent);
      ASSERT_EQ(got, expected) << "walk " << walk << ", step " << i;
      ASSERT_EQ(stored.next_tick(), kept.next_tick()) << "walk " << walk << ", step " << i;
      ASSERT_EQ(stored.alerts(), kept.alerts()) << "walk " << walk << ", step " << i;
      for (const Order& order : got) kept_recent.push_back(order), stored_recent.push_back(order);
    }
    const auto saved = kept.save();
    ASSERT_EQ(loaded(kept).save().alerts, saved.alerts);
  }
}

TEST(Saved, AnOrderComesBackAsItWas) {
  const Order order{7,
                    Message::Kind::gap,
                    {.who = "Jürgen \"J\"",
                     .because = "step 2",
                     .language = Language::es,
                     .contact = {ChannelKind::telegram, "@j", 90s},
                     .after = 5min,
                     .kind = Recipient::Kind::outside_party,
                     .customer_number = "K-1"},
                    3,
                    2};
  const auto back = load_order(saved(order));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, order);
}

struct BadCase {
  const char* what;
  const char* cut_out;  // of a good alert
  const char* put_in;
};

TEST(Saved, WhatIsWrongIsNamed) {
  AlertBook book(test_plan());
  book.trouble(critical("front-page"), WallTime());
  const auto good = book.save();
  const BadCase cases[] = {
      {"is not known", "\"ringing\"", "\"rung\""},
      {"is not known", "\"kind\":\"trouble\"", "\"kind\":\"x\""},
      {"yet to be given", "\"id\":1", "\"id\":2"},
      {"not a number that fits", "\"id\":1", "\"id\":9223372036854775808"},
      {"not a number that fits", "\"id\":1", "\"id\":1.5"},
      {"not a number that fits", "\"repeats\":2", "\"repeats\":-2"},
      {"not a number that fits", "\"round\":0", "\"round\":2147483648"},
      {"out of all bounds", "\"began\":0", "\"began\":9223372036854775807"},
      {"key 'rang' not found", "\"rang\"", "\"rung\""},
  };
  for (const auto& each : cases) {
    auto bad = good;
    std::string& text = bad.alerts.at(0);
    const auto place = text.find(each.cut_out);
    ASSERT_NE(place, std::string::npos) << each.cut_out << " in " << text;
    text.replace(place, std::string_view(each.cut_out).size(), each.put_in);
    const auto made = AlertBook::load(test_plan(), bad);
    ASSERT_FALSE(made) << each.put_in;
    EXPECT_EQ(made.error().code, Errc::invalid);
    EXPECT_THAT(made.error().detail, HasSubstr(each.what));
  }
  for (const std::string head : {"", "{", "[]", "{}", "{\"version\":2,\"next_id\":2}", "{\"version\":1}"}) {
    EXPECT_FALSE(AlertBook::load(test_plan(), {head, good.alerts})) << head;
  }
  EXPECT_FALSE(AlertBook::load(test_plan(), {good.book, {good.alerts[0], good.alerts[0]}}));
  EXPECT_FALSE(load_order("{}"));
  EXPECT_FALSE(load_order("nonsense"));
}

}  // namespace
}  // namespace tenfold::oncall
