#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "config/load.hpp"
#include "config/testing.hpp"

// What is allowed in worth, guard and sales each by itself, and together lets in whom it should not.
namespace tenfold::config {
namespace {

using testing::all_text;
using testing::Folder;
using ::testing::HasSubstr;
using testing::surroundings;

Loaded load_guarding(const std::string& more) {
  const Folder folder;
  const std::string head =
      "shop: S\nlisten: [{ address: 127.0.0.1:8080 }]\norigins: [{ name: a, servers: [127.0.0.1:9001] }]\n";
  return load_text(head + more + "\n", "shop.yaml", folder.path(), surroundings());
}

struct Guarding {
  std::string worth;
  std::string order;
  std::string warning;  // empty: none
};

std::ostream& operator<<(std::ostream& out, const Guarding& each) { return out << each.worth << " " << each.order; }

class GuardingIs : public ::testing::TestWithParam<Guarding> {};

TEST_P(GuardingIs, WarnedOf) {
  const auto loaded = load_guarding("worth: [" + GetParam().worth + "]\nsales: { order: " + GetParam().order + " }");
  EXPECT_TRUE(loaded.ok());
  ASSERT_EQ(loaded.problems.size(), GetParam().warning.empty() ? 0u : 1u) << all_text(loaded.problems);
  EXPECT_THAT(all_text(loaded.problems), HasSubstr(GetParam().warning));
}

const std::string checkout = "{ name: checkout, paths: [/checkout*] }";
const std::string cart = "{ name: cart, paths: [/cart*] }";
const std::string rest = "{ name: browse, paths: [/*] }";

INSTANTIATE_TEST_SUITE_P(
    AsItShouldBe, GuardingIs,
    ::testing::Values(Guarding{"{ name: checkout, paths: [/checkout*, /cart*] }, " + rest, "POST /checkout", ""},
                      Guarding{checkout + ", " + cart, "POST /checkout", ""},
                      Guarding{"{ name: checkout, paths: [/checkout, /checkout/*] }", "POST /checkout*", ""},
                      Guarding{"{ name: checkout, paths: [GET /cart, POST /checkout] }", "POST /c*", ""},
                      Guarding{"{ name: reads, paths: [GET /*] }, " + checkout, "POST /checkout", ""},
                      Guarding{rest, "POST /buy", ""}, Guarding{"", "POST /buy", ""}));

INSTANTIATE_TEST_SUITE_P(
    Dangerous, GuardingIs,
    ::testing::Values(
        Guarding{checkout, "POST /*", "shop.yaml:5:17: warning: sales.order: POST /* takes every such request"},
        Guarding{"", "/*", "sales.order: /* takes every such request for an order"},
        Guarding{checkout + ", " + cart + ", " + rest, "POST /c*", "takes both /checkout* and /cart* for orders"},
        Guarding{checkout + ", " + cart, "POST /buy", "in no entry of worth that comes before the rest"},
        Guarding{checkout + ", " + rest, "POST /buy", "expected it in the first, \"checkout\""},
        Guarding{"{ name: checkout, paths: [GET /buy] }", "POST /buy", "in no entry of worth"},
        Guarding{
            "{ name: posts, paths: [POST /*] }, " + rest, "POST /checkout",
            "shop.yaml:4:31: warning: worth[0].paths: POST /* is every such request, and each counts as a basket"}));

TEST(GuardingChecks, WhoLetsEverybodyBeIsWarned) {
  const std::string allow = "guard: { allow: [{ name: all, networks: [192.0.2.1, 0.0.0.0/0]";
  const auto loaded = load_guarding(allow + " }] }");
  EXPECT_TRUE(loaded.ok());
  EXPECT_THAT(all_text(loaded.problems),
              HasSubstr("shop.yaml:4:41: warning: guard.allow[0].networks: 0.0.0.0/0 is everywhere, so the guard lets "
                        "everybody be"));
  EXPECT_EQ(all_text(load_guarding(allow + ", paths: [/hook] }] }").problems), "");
  EXPECT_EQ(all_text(load_guarding("guard: { mode: off, allow: [{ name: all, networks: ['::/0'] }] }").problems), "");
  EXPECT_THAT(all_text(load_guarding("guard: { allow: [{ name: all, networks: [128.0.0.0/1] }] }").problems),
              HasSubstr("128.0.0.0/1 is half of the world"));
}

TEST(GuardingChecks, RulesOfOneNameAreRefused) {
  const std::string rule = "{ name: bank, networks: [192.0.2.1] }";
  EXPECT_THAT(all_text(load_guarding("guard: { allow: [" + rule + ", " + rule + "] }").problems),
              HasSubstr("shop.yaml:4:65: guard.allow[1].name: \"bank\" is the name of guard.allow[0] too (line 4)"));
  EXPECT_THAT(all_text(load_guarding("guard: { deny: [" + rule + ", " + rule + "] }").problems),
              HasSubstr("guard.deny[1].name: \"bank\" is the name of guard.deny[0] too"));
  EXPECT_EQ(all_text(load_guarding("guard: { allow: [" + rule + "], deny: [" + rule + "] }").problems), "");
}

TEST(GuardingChecks, AKeyInWhatBrowsersSendIsRefused) {
  const std::string keys = ", keys: [a-long-key-of-an-app] }] }";
  EXPECT_THAT(all_text(load_guarding("guard: { api_keys: [{ name: app, header: cookie" + keys).problems),
              HasSubstr("guard.api_keys[0]: header is cookie, which browsers fill in by themselves, expected"));
  EXPECT_TRUE(load_guarding("guard: { api_keys: [{ name: app, header: X-Api-Key" + keys).ok());
}

TEST(GuardingChecks, AModeByItselfIsToldWhereItBelongs) {
  for (const std::string mode : {"off", "observe", "enforce"}) {
    EXPECT_EQ(all_text(load_guarding("guard: " + mode).problems),
              "shop.yaml:4:8: guard: found \"" + mode + "\", expected a mapping; write { mode: " + mode + " }\n");
  }
  EXPECT_THAT(all_text(load_guarding("guard: maybe").problems),
              HasSubstr("guard: found text, expected a mapping with"));
}

}  // namespace
}  // namespace tenfold::config
