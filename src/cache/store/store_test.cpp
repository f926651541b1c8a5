#include "cache/store/store.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.hpp"
#include "cache/store/hold.hpp"
#include "cache/store/purge_marks.hpp"
#include "cache/test_requests.hpp"

namespace tenfold::cache {
namespace {

using testing::answer;
using testing::get;

constexpr std::size_t memory_bytes = 2 * 1024 * 1024;

class StoreTest : public ::testing::Test {
 protected:
  Key key(const std::string& text) const { return {text, key_hash(text, 1)}; }

  Ref<Entry> make(std::size_t body_bytes, std::size_t key_bytes) {
    const auto response = answer(200, {{"Content-Type", "text/html"}});
    auto entry = EntryMaker::make(store, {200,
                                          response.headers,
                                          "",
                                          nullptr,
                                          {.lifetime_s = 1000},
                                          {clock.now(), clock.now(), clock.wall_now()},
                                          key_bytes});
    BodyWriter body(store, memory_bytes);
    if (!entry || !body.append(std::string(body_bytes, 'x'))) return {};
    EntryMaker::set_body(*entry, body.finish());
    return entry;
  }
  bool put(const std::string& text, std::size_t body_bytes) {
    auto entry = make(body_bytes, text.size());
    return entry && store.publish(key(text), std::move(entry));
  }
  EntryPtr find(const std::string& text) {
    Variant variant;
    return store.select(key(text), get("/"), variant).entry;
  }

  ManualClock clock;
  Ledger ledger{memory_bytes};
  Store store{ledger, clock, 16};
};

TEST_F(StoreTest, CountsAllThatItHoldsAndGivesItBack) {
  const std::size_t at_rest = ledger.used_bytes();
  ASSERT_TRUE(put("https://a/1", 10'000));
  EXPECT_GT(ledger.used_bytes(), at_rest + 10'000 + sizeof(Entry) + sizeof(Resource));
  const std::size_t with_one = ledger.used_bytes();
  ASSERT_TRUE(put("https://a/1", 10'000));
  EXPECT_EQ(ledger.used_bytes(), with_one);
  EXPECT_EQ(store.entries(), 1u);
  EXPECT_EQ(store.remove_key(key("https://a/1")), 1u);
  EXPECT_LT(ledger.used_bytes(), with_one - 10'000);
}

TEST_F(StoreTest, AnEntryThatIsBeingSentOutlivesItsRemovalAndStaysCounted) {
  ASSERT_TRUE(put("https://a/1", 100'000));
  EntryPtr sending = find("https://a/1");
  const std::size_t before = ledger.used_bytes();
  store.remove_key(key("https://a/1"));
  EXPECT_EQ(sending->body().size(), 100'000u);
  EXPECT_EQ(ledger.used_bytes(), before);
  sending = nullptr;
  EXPECT_LT(ledger.used_bytes(), before - 100'000);
}

TEST_F(StoreTest, WhatIsBeingSentIsNotEvicted) {
  std::vector<EntryPtr> sending;
  for (int i = 0; i < 17; ++i) {
    const std::string name = "https://a/" + std::to_string(i);
    if (put(name, 100'000)) sending.push_back(find(name));
  }
  const std::size_t entries = store.entries();
  EXPECT_FALSE(store.reserve(memory_bytes / 2));
  EXPECT_EQ(store.entries(), entries);
  sending.clear();
  EXPECT_TRUE(store.reserve(memory_bytes / 2));
  ledger.give_back(memory_bytes / 2);
}

TEST_F(StoreTest, WhatWasFetchedBeforeAPurgeIsNotListed) {
  PurgeMarks marks;
  const std::string name = "https://a/1";
  const FetchBegan began{&marks, key(name).hash, marks.now()};
  auto entry = make(10, name.size());
  marks.purged(key(name).hash);
  EXPECT_FALSE(store.publish(key(name), entry, began));
  ASSERT_TRUE(put(name, 10));
  EXPECT_FALSE(store.replace(find(name), make(10, name.size()), began));
  const FetchBegan later{&marks, key(name).hash, marks.now()};
  EXPECT_TRUE(store.publish(key(name), entry, later));
}

TEST_F(StoreTest, MoreThanThereIsIsRefusedAtOnce) {
  ASSERT_TRUE(put("https://a/1", 1000));
  EXPECT_FALSE(store.reserve(memory_bytes + 1));
  EXPECT_TRUE(find("https://a/1"));
}

TEST_F(StoreTest, ScanLeavesTheHotSet) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 50; ++i) {
      const std::string name = "https://a/hot" + std::to_string(i);
      if (!find(name)) put(name, 10'000);
    }
  }
  // Ten times what fits.
  for (int i = 0; i < 2000; ++i) put("https://a/scan" + std::to_string(i), 10'000);
  int left = 0;
  for (int i = 0; i < 50; ++i) left += find("https://a/hot" + std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(left, 50);
}

// Variants of one page, as clients make them by what they ask for.
class VariantsTest : public StoreTest {
 protected:
  static constexpr int most = 16;  // as the store is made with

  bool put_variant(const std::string& language, Seconds lifetime_s = 1000) {
    const auto response = answer(200, {{"Vary", "Accept-Language"}});
    const auto spec = VarySpec::read(response.headers, {}).spec;
    Variant variant;
    EXPECT_TRUE(variant.select(spec.get(), get("/", {{"Accept-Language", language}})));
    auto entry = EntryMaker::make(store, {200,
                                          response.headers,
                                          variant.text(),
                                          spec,
                                          {.lifetime_s = lifetime_s},
                                          {clock.now(), clock.now(), clock.wall_now()},
                                          page.size()});
    return entry && store.publish(key(page), std::move(entry));
  }
  bool use(const std::string& language) {
    Variant variant;
    return store.select(key(page), get("/", {{"Accept-Language", language}}), variant).entry != nullptr;
  }
  void fill_with_used_ones() {
    for (int i = 0; i < most; ++i) {
      ASSERT_TRUE(put_variant("used" + std::to_string(i)));
      ASSERT_TRUE(use("used" + std::to_string(i)));
    }
  }

  const std::string page = "https://a/page";
};

TEST_F(VariantsTest, OneThatIsUsedOutlivesAnyNumberOfNewcomers) {
  ASSERT_TRUE(put_variant("de"));
  ASSERT_TRUE(use("de"));
  for (int i = 0; i < 10 * most; ++i) EXPECT_TRUE(put_variant("x" + std::to_string(i)));
  EXPECT_TRUE(use("de"));
  EXPECT_EQ(store.entries(), static_cast<std::size_t>(most));
  EXPECT_TRUE(use("x" + std::to_string(10 * most - 1)));
  EXPECT_FALSE(use("x0")) << "the one that has gone unused longest goes first";
}

TEST_F(VariantsTest, WhereAllAreUsedANewcomerIsPassedOn) {
  fill_with_used_ones();
  clock.advance(std::chrono::seconds(10));
  ASSERT_TRUE(put_variant("first")) << "each had been used once, which has been taken off";
  ASSERT_TRUE(use("first"));
  for (int i = 1; i < most; ++i) ASSERT_TRUE(use("used" + std::to_string(i)));
  clock.advance(std::chrono::milliseconds(9999));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(put_variant("x" + std::to_string(i)));
  for (int i = 1; i < most; ++i) EXPECT_TRUE(use("used" + std::to_string(i)));
}

TEST_F(VariantsTest, WhatNobodyUsesAnyMoreMakesRoom) {
  fill_with_used_ones();
  for (int round = 0; round < 6; ++round) {
    EXPECT_TRUE(use("used3"));
    clock.advance(std::chrono::seconds(10));
    put_variant("new" + std::to_string(round));
  }
  EXPECT_TRUE(use("used3"));
  EXPECT_TRUE(use("new5"));
  EXPECT_FALSE(use("used0"));
}

TEST_F(VariantsTest, WhatIsTooOldMakesRoomHoweverUsed) {
  ASSERT_TRUE(put_variant("old", 1));
  for (int i = 0; i < 5; ++i) use("old");
  for (int i = 1; i < most; ++i) {
    ASSERT_TRUE(put_variant("used" + std::to_string(i)));
    for (int uses = 0; uses < 3; ++uses) use("used" + std::to_string(i));
  }
  clock.advance(std::chrono::seconds(5));
  EXPECT_TRUE(put_variant("new"));
  EXPECT_FALSE(use("old"));
}

TEST_F(VariantsTest, ASuccessorKeepsTheUsesOfItsPredecessor) {
  ASSERT_TRUE(put_variant("de"));
  ASSERT_TRUE(use("de"));
  ASSERT_TRUE(put_variant("de"));
  for (int i = 0; i < most; ++i) ASSERT_TRUE(put_variant("x" + std::to_string(i)));
  EXPECT_TRUE(use("de"));
}

TEST(OneVariant, IsReplacedByTheNext) {
  ManualClock clock;
  Ledger ledger{memory_bytes};
  Store store{ledger, clock, 1};
  const auto response = answer(200, {{"Vary", "X"}});
  const auto spec = VarySpec::read(response.headers, {}).spec;
  const Key key{"https://a/", key_hash("https://a/", 1)};
  for (const std::string_view value : {"1", "2"}) {
    Variant variant;
    ASSERT_TRUE(variant.select(spec.get(), get("/", {{"X", value}})));
    ASSERT_TRUE(store.publish(key, EntryMaker::make(store, {200,
                                                            response.headers,
                                                            variant.text(),
                                                            spec,
                                                            {.lifetime_s = 1000},
                                                            {clock.now(), clock.now(), clock.wall_now()},
                                                            key.text.size()})));
    EXPECT_EQ(store.entries(), 1u);
    EXPECT_TRUE(store.select(key, get("/", {{"X", value}}), variant).entry);
  }
}

// Property: whatever is done, the bound holds, and in the end everything is given back.
TEST_F(StoreTest, TheBoundHoldsUnderRandomOperations) {
  const std::size_t at_rest = ledger.used_bytes();
  FastRandom random(20260101);
  std::vector<EntryPtr> sending(8);
  for (int step = 0; step < 30'000; ++step) {
    const std::string name = "https://a/" + std::to_string(random.below(600));
    switch (random.below(8)) {
      case 0: store.remove_key(key(name)); break;
      case 1: sending[random.below(8)] = find(name); break;
      case 2: sending[random.below(8)] = nullptr; break;
      case 3: {
        const EntryPtr entry = find(name);
        if (entry) store.remove(key(name), *entry);
        break;
      }
      case 4: {
        const EntryPtr old = find(name);
        if (old) {
          auto renewed = make(random.below(2000), name.size());
          if (renewed) store.replace(old, std::move(renewed));
        }
        break;
      }
      default: put(name, random.below(random.below(20) == 0 ? 400'000 : 20'000)); break;
    }
    ASSERT_LE(ledger.used_bytes(), memory_bytes) << "step " << step;
  }
  EXPECT_GT(store.evictions(), 1000u);
  sending.clear();
  store.remove_prefix("https://a/");
  EXPECT_EQ(store.entries(), 0u);
  // What stays are the tables of 64 shards.
  EXPECT_LT(ledger.used_bytes(), at_rest + 64 * 2048);
}

TEST_F(StoreTest, ManySmallKeysKeepTheBoundWhileTheTablesGrow) {
  for (int i = 0; i < 20'000; ++i) {
    put("https://a/" + std::to_string(i), 1);
    ASSERT_LE(ledger.used_bytes(), memory_bytes);
  }
  EXPECT_GT(store.entries(), 1000u);
}

TEST(BodyWriter, TrimsToItsSizeAndRefusesWhatIsTooLong) {
  ManualClock clock;
  Ledger ledger{memory_bytes};
  Store store{ledger, clock, 1};
  const std::size_t before = ledger.used_bytes();
  {
    BodyWriter writer(store, 40'000);
    EXPECT_TRUE(writer.append(std::string(20'000, 'a')));
    EXPECT_TRUE(writer.append(std::string(1, 'b')));
    EXPECT_FALSE(writer.append(std::string(20'000, 'c')));
    const auto body = writer.finish();
    EXPECT_EQ(body->bytes().size(), 20'001u);
    EXPECT_EQ(body->bytes().back(), 'b');
    EXPECT_LT(body->charged_bytes(), 20'200u);
    EXPECT_FALSE(writer.finish());
    EXPECT_FALSE(writer.expect(40'001));
    EXPECT_TRUE(writer.expect(40'000));
  }
  EXPECT_EQ(ledger.used_bytes(), before);
}

}  // namespace
}  // namespace tenfold::cache
