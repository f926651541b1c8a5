#include "config/cookie_domain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/load.hpp"
#include "config/testing.hpp"

namespace tenfold::config {
namespace {

using testing::all_text;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::surroundings;

std::string problems_of(const std::string& domain, const std::string& more = "") {
  const Folder folder;
  return all_text(load_text("shop: S\nlisten: [{ address: 127.0.0.1:8080 }]\n"
                            "origins: [{ name: a, servers: [127.0.0.1:9001] }]\nguard: { cookie_domain: " +
                                domain + " }\n" + more + "\n",
                            "shop.yaml", folder.path(), surroundings())
                      .problems);
}

// Browsers refuse the cookie, whoever has solved has nothing to show for it, and is challenged again without end.
TEST(CookieDomain, UnderWhichAnybodyRegistersIsRefused) {
  EXPECT_EQ(problems_of("co.uk"),
            "shop.yaml:4:25: guard: cookie_domain is co.uk, under which anybody registers names (publicsuffix.org), "
            "expected the shop's own, such as shop.co.uk: browsers take no cookie for all of co.uk, so that customers "
            "would be challenged for ever\n");
  for (const std::string suffix : {"github.io", "com.au", "Co.Uk", "anything.ck", "xn--55qx5d.cn"}) {
    EXPECT_THAT(problems_of(suffix), HasSubstr("under which anybody registers")) << suffix;
  }
}

TEST(CookieDomain, OfTheShopIsTaken) {
  // www.ck is an exception of its suffix; what the list does not know is a name below its last label.
  for (const std::string domain :
       {"shop.co.uk", "shop.github.io", "shop.example", "www.shop.example", "www.ck", "shop.internal", "a.localhost"}) {
    EXPECT_EQ(problems_of(domain), "") << domain;
  }
}

TEST(CookieDomain, ThatLeavesOutANameOfTheShopIsWarnedOf) {
  const std::string routes = "routes: [{ hosts: [www.shop.example, api.shop.example], origins: [a] }]";
  EXPECT_EQ(problems_of("shop.example", routes), "");
  EXPECT_EQ(
      problems_of("www.shop.example", routes),
      "shop.yaml:4:25: warning: guard.cookie_domain: api.shop.example is not in www.shop.example, so that whoever "
      "is known at a name in it is a stranger there; expected a domain that all names of the shop are in\n");
  EXPECT_THAT(problems_of("shop.exmaple", routes), HasSubstr("www.shop.example is not in shop.exmaple"));
  EXPECT_THAT(problems_of("op.example", routes), HasSubstr("www.shop.example is not in op.example"));
  EXPECT_EQ(problems_of("shop.example", "routes: [{ hosts: ['*.shop.example', shop.test], origins: [a] }]"), "")
      << "another domain of the shop's has cookies of its own";
}

TEST(CookieDomain, IsHeldAgainstWhatChecksLookAt) {
  const auto check = [](const std::string& url) {
    return "watch: { checks: [{ name: front, http: '" + url + "' }, { name: pay, http: 'https://bank.test/' }] }";
  };
  EXPECT_THAT(problems_of("shop.example", check("https://WWW.shop.example:8443/a")), Not(HasSubstr("cookie_domain")));
  EXPECT_THAT(problems_of("shop.exmaple", check("https://www.shop.example/")),
              HasSubstr("www.shop.example is not in shop.exmaple"));
  EXPECT_THAT(problems_of("shop.example", "watch: { checks: [{ name: front, http: 'http://127.0.0.1:8080/' }] }"),
              Not(HasSubstr("cookie_domain")));
}

}  // namespace
}  // namespace tenfold::config
