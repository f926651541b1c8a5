#include "guard/token/tokens.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/text/letters.hpp"

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr std::string_view token_secret = "a secret of thirty-two characters";
constexpr WallTime noon{1'800'000'000s};

Prefix network_of(std::string_view address) {
  return Prefix::of(net::IpAddress::parse(address).value(), Level::network);
}
const Prefix home = network_of("192.0.2.7");
const Prefix elsewhere = network_of("198.51.100.7");

TokenKeys token_keys() { return {token_secret, noon}; }

FirstSeen a_first_seen() {
  FirstSeen seen{.id = 0x0123456789abcdef, .first_seen = noon - days(100), .deeds = {}, .issued = noon};
  seen.deeds.add(Deed::order);
  return seen;
}
Clearance a_clearance() {
  return {.id = 77, .kind = ClearanceKind::waited, .issued = noon, .expires = noon + Clearance::usual_life};
}
Place a_place() { return {.id = 78, .step = PlaceStep::waiting, .ticket = noon - 90s + 123ms, .refreshed = noon}; }
Seed a_seed() { return {.bits = 13, .number = 0xdeadbeef, .issued = noon}; }

// The four kinds, for what holds for each.
struct Kind {
  std::string text;  // issued at noon, for home
  std::function<std::optional<TokenFault>(std::string_view text, const Prefix& network, WallTime now)> fault;
  Duration life;
};

template <class T>
std::optional<TokenFault> fault_in(const Opened<T>& opened) {
  return opened ? std::nullopt : std::optional(opened.error());
}

std::vector<Kind> kinds() {
  const TokenKeys keys = token_keys();
  return {
      {.text = seal(keys, a_first_seen()),
       .fault = [keys](auto text, auto&, auto now) { return fault_in(open_first_seen(keys, text, now)); },
       .life = FirstSeen::life},
      {.text = seal(keys, a_clearance(), home),
       .fault = [keys](auto text, auto& at, auto now) { return fault_in(open_clearance(keys, text, at, now)); },
       .life = Clearance::usual_life},
      {.text = seal(keys, a_place(), home),
       .fault = [keys](auto text, auto& at, auto now) { return fault_in(open_place(keys, text, at, now)); },
       .life = Place::life},
      {.text = seal(keys, a_seed(), home),
       .fault = [keys](auto text, auto& at, auto now) { return fault_in(open_seed(keys, text, at, now)); },
       .life = Seed::life},
  };
}

TEST(Tokens, SayWhatWasSealed) {
  const TokenKeys keys = token_keys();
  EXPECT_EQ(open_first_seen(keys, seal(keys, a_first_seen()), noon), a_first_seen());
  EXPECT_EQ(open_clearance(keys, seal(keys, a_clearance(), home), home, noon), a_clearance());
  EXPECT_EQ(open_place(keys, seal(keys, a_place(), home), home, noon), a_place());
  EXPECT_EQ(open_seed(keys, seal(keys, a_seed(), home), home, noon), a_seed());
}

// While an owner changes the secret: cookies of before are good, and what is signed from now on is signed anew.
TEST(Tokens, OfThePreviousSecretAreOpenedAndNoneIsSignedWithIt) {
  const TokenKeys before("the secret before, of thirty-two", noon);
  const TokenKeys keys(token_secret, noon, "the secret before, of thirty-two");
  EXPECT_EQ(open_first_seen(keys, seal(before, a_first_seen()), noon), a_first_seen());
  EXPECT_EQ(open_clearance(keys, seal(before, a_clearance(), home), home, noon), a_clearance());
  EXPECT_EQ(open_place(keys, seal(before, a_place(), home), home, noon), a_place());
  EXPECT_EQ(open_seed(keys, seal(before, a_seed(), home), home, noon), a_seed());
  // as good as they were, and no better
  EXPECT_EQ(fault_in(open_clearance(keys, seal(before, a_clearance(), home), elsewhere, noon)),
            TokenFault::other_network);
  EXPECT_EQ(fault_in(open_clearance(keys, seal(before, a_clearance(), home), home, noon + Clearance::usual_life)),
            TokenFault::expired);
  const TokenKeys others("somebody else's secret of thirty", noon);
  EXPECT_EQ(fault_in(open_first_seen(keys, seal(others, a_first_seen()), noon)), TokenFault::forged);
  // nothing is signed with it, and without it nothing of it is good
  EXPECT_EQ(seal(keys, a_first_seen()), seal(token_keys(), a_first_seen()));
  EXPECT_EQ(fault_in(open_first_seen(before, seal(keys, a_first_seen()), noon)), TokenFault::forged);
  EXPECT_EQ(fault_in(open_first_seen(token_keys(), seal(before, a_first_seen()), noon)), TokenFault::forged);
}

// Old cookies must open after an update. Computed apart from this program, from what sealed.hpp says.
TEST(Tokens, AreWrittenAsEver) {
  const TokenKeys keys = token_keys();
  EXPECT_EQ(seal(keys, a_first_seen()), "116b49d2000123456789abcdef6ac5fc00026ad2bfa55b074c7ea36248b78d7ff6f8");
  EXPECT_EQ(seal(keys, a_clearance(), home),
            "126b49d200000000000000004d026b49d908337564441bb0b4eadc0da13de31511ef17c4");
  EXPECT_EQ(seal(keys, a_place(), home),
            "136b49d200000000000000004e0201a3185af0ebdb39aa5d106739cfa327d4f59856b317fd3a");
  EXPECT_EQ(seal(keys, a_seed(), home), "146b49d2000ddeadbeef31d6379573097fe0fe6bb9b55135");
}

TEST(Tokens, AreCookieValuesOfUnder120Characters) {
  for (const Kind& kind : kinds()) {
    EXPECT_LE(kind.text.size(), longest_token);
    EXPECT_TRUE(std::ranges::all_of(kind.text, is_letter_or_digit)) << kind.text;
  }
  EXPECT_EQ(seal(token_keys(), a_seed(), home).size(), 48u);
}

TEST(Tokens, LiveToTheSecond) {
  for (const Kind& kind : kinds()) {
    EXPECT_EQ(kind.fault(kind.text, home, noon + kind.life - 1ns), std::nullopt) << kind.text;
    EXPECT_EQ(kind.fault(kind.text, home, noon + kind.life), TokenFault::expired) << kind.text;
  }
}

TEST(Tokens, OfTheFutureAreRefusedPastTheSkewOfClocks) {
  for (const Kind& kind : kinds()) {
    EXPECT_EQ(kind.fault(kind.text, home, noon - clock_skew), std::nullopt) << kind.text;
    EXPECT_EQ(kind.fault(kind.text, home, noon - clock_skew - 1ns), TokenFault::from_future) << kind.text;
    EXPECT_EQ(kind.fault(kind.text, home, WallTime(-1h)), TokenFault::from_future) << kind.text;
  }
}

TEST(Tokens, OfOnePurposeAreNoneOfAnother) {
  const std::vector<Kind> all = kinds();
  for (const Kind& kind : all) {
    for (const Kind& other : all) {
      if (&kind == &other) continue;
      EXPECT_EQ(kind.fault(other.text, home, noon), TokenFault::other_purpose) << other.text;
    }
  }
}

TEST(Tokens, OfAnotherPurposeAreNotMadeRightByTheirFirstByte) {
  const TokenKeys keys = token_keys();
  std::string text = seal(keys, a_clearance(), home);
  text.replace(0, 2, "13");
  EXPECT_FALSE(open_place(keys, text, home, noon).has_value());
}

TEST(Tokens, OfAnotherReleaseAreToldSo) {
  for (const Kind& kind : kinds()) {
    EXPECT_EQ(kind.fault("2" + kind.text.substr(1), home, noon), TokenFault::other_version);
  }
}

TEST(Tokens, WithAnyDigitChangedAreRefused) {
  for (const Kind& kind : kinds()) {
    for (std::size_t i = 0; i < kind.text.size(); ++i) {
      std::string other = kind.text;
      other[i] = other[i] == '0' ? '1' : '0';
      EXPECT_NE(kind.fault(other, home, noon), std::nullopt) << other;
    }
  }
}

TEST(Tokens, CutOffOrDoubledOrWrittenOtherwiseAreMalformed) {
  for (const Kind& kind : kinds()) {
    const std::string& text = kind.text;
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_EQ(kind.fault(text.substr(0, size), home, noon), TokenFault::malformed) << size;
    }
    std::string capitals = text;
    std::ranges::transform(capitals, capitals.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    for (const std::string& bad : {text + text, text + "0", text + "00", " " + text, "\"" + text + "\"", capitals,
                                   text.substr(0, 10) + text.substr(2), std::string(text.size(), 'g')}) {
      EXPECT_EQ(kind.fault(bad, home, noon), TokenFault::malformed) << bad;
    }
  }
}

TEST(Tokens, OfOtherKeysAreForged) {
  const TokenKeys others("another secret", noon);
  const TokenKeys keys = token_keys();
  EXPECT_EQ(fault_in(open_first_seen(keys, seal(others, a_first_seen()), noon)), TokenFault::forged);
}

TEST(Tokens, BoundToANetworkAreGoodThereOnly) {
  const std::vector<Kind> all = kinds();
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_EQ(all[i].fault(all[i].text, network_of("192.0.2.200"), noon), std::nullopt);
    EXPECT_EQ(all[i].fault(all[i].text, elsewhere, noon), TokenFault::other_network);
  }
}

// Two networks in 65,536 have one mark; the signature is over the whole network.
TEST(Tokens, OfANetworkWithTheSameMarkAreRefusedToo) {
  const TokenKeys keys = token_keys();
  const std::string text = seal(keys, a_clearance(), home);
  int forged = 0;
  for (std::uint32_t i = 0; i < 300'000; ++i) {
    const Prefix network = Prefix::of(net::IpAddress::v4(0x0a000000 + (i << 8)), Level::network);
    const auto opened = open_clearance(keys, text, network, noon);
    ASSERT_FALSE(opened.has_value());
    if (opened.error() == TokenFault::forged) ++forged;
  }
  EXPECT_GT(forged, 0);
}

TEST(Tokens, ATabLeftOpenOverTheKeysRotationGetsIn) {
  // Given a clearance and a seed of the last second of a period
  const WallTime rotation{std::chrono::hours(12) * 41'667};
  const TokenKeys before(token_secret, rotation - 1s);
  const std::string clearance =
      seal(before, Clearance{.id = 1, .issued = rotation - 1s, .expires = rotation + 29min}, home);
  const std::string seed = seal(before, Seed{.bits = 13, .number = 1, .issued = rotation - 1s}, home);
  const std::string seen = seal(before, first_seen_now(5, rotation - 1s));
  // When the keys are those of the next, whether the brain has made them or is late
  for (const TokenKeys& keys : {before, before.refreshed(rotation)}) {
    EXPECT_TRUE(open_clearance(keys, clearance, home, rotation + 29min - 1s).has_value());
    EXPECT_TRUE(open_seed(keys, seed, home, rotation + 1min).has_value());
    EXPECT_TRUE(open_first_seen(keys, seen, rotation + days(29)).has_value());
  }
}

TEST(Tokens, OfAnEdgeWhoseClockIsInTheNextPeriodAreGood) {
  const WallTime rotation{std::chrono::hours(12) * 41'667};
  const TokenKeys ahead(token_secret, rotation + 20s);
  const TokenKeys behind(token_secret, rotation - 20s);
  const std::string seed = seal(ahead, Seed{.bits = 13, .number = 1, .issued = rotation + 20s}, home);
  EXPECT_TRUE(open_seed(behind, seed, home, rotation - 20s).has_value());
}

TEST(FirstSeen, IsRenewedOnceADayWithItsPast) {
  const FirstSeen seen = first_seen_now(9, noon + 500ms);
  EXPECT_EQ(seen.issued, noon);
  EXPECT_FALSE(should_renew(seen, noon + days(1) - 1ns));
  ASSERT_TRUE(should_renew(seen, noon + days(1)));
  const FirstSeen again = renewed(seen, noon + days(1));
  EXPECT_EQ(again.id, seen.id);
  EXPECT_EQ(again.first_seen, seen.first_seen);
  EXPECT_EQ(again.issued, noon + days(1));
  EXPECT_FALSE(should_renew(again, noon + days(1)));
  // A clock that was put back makes nothing older than it is.
  EXPECT_EQ(renewed(again, noon).issued, again.issued);
}

TEST(FirstSeen, OfTwoTheGreaterDeedCountsThenTheOlderVisitorThenTheNewerCookie) {
  const FirstSeen seen = first_seen_now(9, noon);
  const FirstSeen again = renewed(seen, noon + days(1));
  FirstSeen younger = first_seen_now(8, noon + days(2));
  EXPECT_TRUE(says_more(again, seen));
  EXPECT_FALSE(says_more(seen, again));
  EXPECT_FALSE(says_more(seen, seen));
  EXPECT_TRUE(says_more(seen, younger));
  younger.deeds.add(Deed::cart);
  EXPECT_TRUE(says_more(younger, seen));
  FirstSeen ordered = younger;
  ordered.deeds.add(Deed::order);
  EXPECT_TRUE(says_more(ordered, younger));
}

TEST(FirstSeen, KeepsItsDeeds) {
  const TokenKeys keys = token_keys();
  FirstSeen seen = first_seen_now(9, noon);
  EXPECT_FALSE(seen.deeds.has(Deed::cart));
  seen.deeds.add(Deed::cart);
  seen.deeds.add(Deed::order);
  const auto opened = open_first_seen(keys, seal(keys, renewed(seen, noon + days(2))), noon + days(2));
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->deeds.has(Deed::cart) && opened->deeds.has(Deed::order));
}

TEST(TokenFaultTest, HasAName) {
  std::set<std::string_view> names;
  for (unsigned i = 0; i < 7; ++i) names.insert(name(static_cast<TokenFault>(i)));
  EXPECT_EQ(names.size(), 7u);
}

}  // namespace
}  // namespace tenfold::guard
