#include "guard/known/allow_rules.hpp"

#include <gtest/gtest.h>

#include "base/arena.hpp"
#include "http/normal_path.hpp"

namespace tenfold::guard {
namespace {

net::IpNetwork network(const char* text) { return *net::IpNetwork::parse(text); }

AllowRules shop_rules() {
  return AllowRules(
      {
          {.name = "office", .networks = {network("192.0.2.0/24"), network("2001:db8::/48")}, .paths = {}},
          {.name = "payment",
           .networks = {network("198.51.100.0/24")},
           .paths = {{"POST", "/hooks/pay*"}, {"", "/hooks/status"}}},
          {.name = "feed", .networks = {}, .paths = {{"GET", "/feed.xml"}}},
      },
      {
          {.name = "app", .header = "X-Api-Key", .hashes = {sha256("the app's key"), sha256("its next key")}},
          {.name = "partner", .header = "x-api-key", .hashes = {sha256("the partner's key")}},
          {.name = "erp", .header = "Authorization", .hashes = {sha256("the system's key")}},
      });
}

struct Request {
  const char* client = "203.0.113.9";
  const char* method = "GET";
  const char* target = "/";
  std::vector<std::pair<const char*, const char*>> headers = {};
};

std::string match(const AllowRules& rules, const Request& asked) {
  http::RequestHead head;
  head.method = http::method_of(asked.method);
  head.method_name = asked.method;
  head.target = asked.target;
  for (const auto& [name, value] : asked.headers) head.headers.add(name, value);
  Arena arena;
  const auto found = rules.match(*net::IpAddress::parse(asked.client), head, http::normal_path(head.path(), arena));
  return std::string(found.value_or("none"));
}

TEST(AllowRules, TakeNetworksAndPathsTogether) {
  const AllowRules rules = shop_rules();
  EXPECT_EQ(match(rules, {.client = "192.0.2.77", .method = "DELETE", .target = "/anything"}), "office");
  EXPECT_EQ(match(rules, {.client = "2001:db8:0:9::1"}), "office");
  EXPECT_EQ(match(rules, {.client = "198.51.100.1", .method = "POST", .target = "/hooks/pay/7?x=1"}), "payment");
  EXPECT_EQ(match(rules, {.client = "198.51.100.1", .method = "GET", .target = "/hooks/status"}), "payment");
  EXPECT_EQ(match(rules, {.client = "203.0.113.9", .method = "GET", .target = "/feed.xml"}), "feed");
  // a payment's path from elsewhere, with another method, and another path from the payment's network
  EXPECT_EQ(match(rules, {.client = "203.0.113.9", .method = "POST", .target = "/hooks/pay/7"}), "none");
  EXPECT_EQ(match(rules, {.client = "198.51.100.1", .method = "GET", .target = "/hooks/pay/7"}), "none");
  EXPECT_EQ(match(rules, {.client = "198.51.100.1", .method = "POST", .target = "/search"}), "none");
}

TEST(AllowRules, APathMustFitAsItCameToo) {
  const AllowRules rules = shop_rules();
  // What some origins serve as a search, and only we read as the feed.
  for (const char* target : {"/search\\..\\feed.xml", "/search/..;/feed.xml", "/x/../feed.xml", "//feed.xml"}) {
    EXPECT_EQ(match(rules, {.target = target}), "none") << target;
  }
  // What two servers in a row read as a search: the first decodes once, the second what that left.
  EXPECT_EQ(match(rules, {.client = "198.51.100.1", .method = "POST", .target = "/hooks/pay/..%252f..%252fsearch"}),
            "none");
  // A spelling that both readings fit.
  EXPECT_EQ(match(rules, {.client = "198.51.100.1", .method = "POST", .target = "/hooks/pay/a%20b"}), "payment");
}

TEST(AllowRules, AKeyOpensUnderItsHeaderOnly) {
  const AllowRules rules = shop_rules();
  EXPECT_EQ(match(rules, {.headers = {{"x-API-key", "the app's key"}}}), "app");
  EXPECT_EQ(match(rules, {.headers = {{"X-Api-Key", "its next key"}}}), "app");
  EXPECT_EQ(match(rules, {.headers = {{"X-Api-Key", "the partner's key"}}}), "partner");
  EXPECT_EQ(match(rules, {.headers = {{"X-Api-Key", "the app's kez"}}}), "none");
  EXPECT_EQ(match(rules, {.headers = {{"X-Api-Key", ""}}}), "none");
  EXPECT_EQ(match(rules, {.headers = {{"X-Other", "the app's key"}}}), "none");
  EXPECT_EQ(match(rules, {.headers = {{"Authorization", "bearer the system's key"}}}), "erp");
  EXPECT_EQ(match(rules, {.headers = {{"Authorization", "the system's key"}}}), "erp");
  EXPECT_EQ(match(rules, {.headers = {{"X-Api-Key", "Bearer the app's key"}}}), "none");
}

TEST(AllowRules, HashOnlySoMuchForAStranger) {
  const AllowRules rules({}, {{.name = "long", .header = "K", .hashes = {sha256(std::string(512, 'k'))}},
                              {.name = "longer", .header = "K", .hashes = {sha256(std::string(513, 'k'))}}});
  const std::string at_the_bound(512, 'k');
  const std::string past_it(513, 'k');
  EXPECT_EQ(match(rules, {.headers = {{"k", at_the_bound.c_str()}}}), "long");
  EXPECT_EQ(match(rules, {.headers = {{"k", past_it.c_str()}}}), "none");
  // the second line is looked at, the third is not
  EXPECT_EQ(match(rules, {.headers = {{"k", "no"}, {"k", at_the_bound.c_str()}}}), "long");
  EXPECT_EQ(match(rules, {.headers = {{"k", "no"}, {"k", "no"}, {"k", at_the_bound.c_str()}}}), "none");
}

TEST(AllowRules, OfNothingAllowNobody) {
  EXPECT_EQ(match(AllowRules(), {.headers = {{"X-Api-Key", "the app's key"}}}), "none");
}

TEST(AllowRules, SayHowFarTheyReachIntoANetwork) {
  const AllowRules rules = shop_rules();
  using Of = AllowRules::Reach::Of;
  const auto reach = [&](const char* text) { return rules.reach_of(network(text)); };
  EXPECT_EQ(reach("192.0.2.7")->name, "office");
  EXPECT_EQ(reach("192.0.2.7")->of, Of::all);
  EXPECT_EQ(reach("198.51.100.0/24")->name, "payment");
  EXPECT_EQ(reach("198.51.100.0/24")->of, Of::some_paths);
  EXPECT_EQ(reach("198.51.0.0/16")->of, Of::some_addresses);
  EXPECT_FALSE(reach("203.0.113.9"));  // a rule for anybody is nobody's
}

}  // namespace
}  // namespace tenfold::guard
