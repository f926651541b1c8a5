#include "oncall/service/inbox.hpp"

#include <gtest/gtest.h>

#include <map>

namespace tenfold::oncall {
namespace {

Inbox::News down(std::string source) { return {source, Trouble{.source = source, .what = "down"}}; }
Inbox::News over(std::string source) { return {std::move(source), {}}; }

TEST(Inbox, KeepsTheOrderWhileThereIsRoom) {
  Inbox inbox;
  EXPECT_EQ(inbox.put(down("a")), Inbox::Put::first);
  EXPECT_EQ(inbox.put(over("a")), Inbox::Put::waits);
  for (std::size_t i = 2; i < Inbox::in_order; ++i) inbox.put(i % 2 == 0 ? down("a") : over("a"));
  const auto all = inbox.fetch();
  ASSERT_EQ(all.size(), Inbox::in_order);
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i].trouble.has_value(), i % 2 == 0) << i;
  EXPECT_TRUE(inbox.fetch().empty());
  EXPECT_EQ(inbox.put(down("b")), Inbox::Put::first);
}

TEST(Inbox, PastItKeepsTheNewestOfEach) {
  Inbox inbox;
  inbox.put(down("still down"));
  inbox.put(down("well again"));
  inbox.put(over("well again"));
  for (std::size_t i = 3; i <= Inbox::in_order; ++i) inbox.put(i % 2 == 0 ? down("flaps") : over("flaps"));
  const auto all = inbox.fetch();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].source, "still down");
  EXPECT_TRUE(all[0].trouble);
  EXPECT_EQ(all[1].source, "well again");
  EXPECT_FALSE(all[1].trouble);
  EXPECT_EQ(all[3].source, "flaps");
  EXPECT_TRUE(all[3].trouble) << "the last word";
}

TEST(Inbox, LosesNoneOfMoreSourcesThanItsRoom) {
  Inbox inbox;
  const std::size_t sources = 3 * Inbox::in_order;
  std::size_t most = 0;
  for (int time = 0; time < 4; ++time) {
    for (std::size_t i = 0; i < sources; ++i)
      inbox.put(time == 3 && i % 2 == 0 ? over(std::to_string(i)) : down(std::to_string(i)));
  }
  std::map<std::string, bool> last;
  for (const auto& news : inbox.fetch()) {
    last[news.source] = news.trouble.has_value();
    ++most;
  }
  EXPECT_LE(most, 2 * sources);
  ASSERT_EQ(last.size(), sources);
  for (std::size_t i = 0; i < sources; ++i) ASSERT_EQ(last[std::to_string(i)], i % 2 != 0) << i;
}

}  // namespace
}  // namespace tenfold::oncall
