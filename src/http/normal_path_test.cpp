#include "http/normal_path.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/random.hpp"

namespace tenfold::http {
namespace {

std::string normal(std::string_view path) {
  Arena arena;
  return std::string(normal_path(path, arena));
}

TEST(NormalPath, WhatIsNormalIsGivenBackItself) {
  Arena arena;
  for (const std::string_view path :
       {"/", "/account", "/a/b.c/d/", "/.well-known/x", "/a..b", "/~me/a+b,c=d@e:f", "*", "shop.example:443", ""}) {
    EXPECT_EQ(normal_path(path, arena).data(), path.data()) << path;
    EXPECT_EQ(normal_path(path, arena), path);
  }
}

TEST(NormalPath, NoOtherSpellingPassesByARule) {
  for (const std::string_view path : {"/%61ccount",
                                      "/%61%63%63%6f%75%6E%74",
                                      "/./account",
                                      "/x/../account",
                                      "//account",
                                      "///account",
                                      "/%2e/account",
                                      "/x/%2E%2e/account",
                                      "/x/.%2e/account",
                                      "/%2Faccount",
                                      "/x%2f..%2faccount",
                                      "/\\account",
                                      "/x\\..\\account",
                                      "/%5caccount",
                                      "/x%5C..%5caccount",
                                      "/account;x=1",
                                      "/account;jsessionid=1;b",
                                      "/account%3bx",
                                      "/;a=b/account",
                                      "/x;y/..;z/account",
                                      "/x/..;/account",
                                      "/x/.;/../account",
                                      "/account.",
                                      "/account...",
                                      "/account%20",
                                      "/account%2e%20.",
                                      "/account%09",
                                      "/x/..%20/account",
                                      "/../../account",
                                      "/..%2f../account",
                                      "/x//../account",
                                      "/account%0a"}) {
    EXPECT_EQ(normal(path), "/account") << path;
  }
}

TEST(NormalPath, ASlashAtTheEndStays) {
  EXPECT_EQ(normal("/account//"), "/account/");
  EXPECT_EQ(normal("/account/."), "/account/");
  EXPECT_EQ(normal("/account/x/.."), "/account/");
  EXPECT_EQ(normal("/account/;x"), "/account/");
  EXPECT_EQ(normal("/.."), "/");
  EXPECT_EQ(normal("/x/../.."), "/");
  EXPECT_EQ(normal("//"), "/");
}

TEST(NormalPath, DecodesOnce) {
  EXPECT_EQ(normal("/%2561ccount"), "/%2561ccount");
  EXPECT_EQ(normal("/%252e%252e/account"), "/%252e%252e/account");
}

TEST(NormalPath, APercentThatBeginsNoEscapeStays) {
  EXPECT_EQ(normal("/50%"), "/50%");
  EXPECT_EQ(normal("/50%-off/%61"), "/50%-off/a");
  EXPECT_EQ(normal("/%zz%6"), "/%zz%6");
  EXPECT_EQ(normal("/%%36%31"), "/%%361");  // not "%61": nobody decodes twice
  EXPECT_EQ(normal("/%6%31"), "/%6%31");
}

TEST(NormalPath, ShowsAnEscapedNul) { EXPECT_EQ(normal("/account%00.png"), std::string_view("/account\0.png", 13)); }

TEST(NormalPath, DotsAloneAreAName) {
  EXPECT_EQ(normal("/.../a"), "/.../a");
  EXPECT_EQ(normal("/a/...."), "/a/....");
}

void check_normal(std::string_view path) {
  const std::string once = normal(path);
  ASSERT_EQ(normal(once), once) << path;
  ASSERT_LE(once.size(), path.size());
  ASSERT_EQ(once.front(), '/');
  ASSERT_EQ((once + "/").find("/../"), std::string::npos) << path;
  ASSERT_EQ((once + "/").find("/./"), std::string::npos) << path;
  ASSERT_EQ(once.find("//"), std::string::npos) << path;
}

TEST(NormalPath, IsNormalWhateverItIsMadeOf) {
  constexpr std::string_view pieces[] = {"/", ".",   "..", "%2e", "%2F", "%",   "%25", "6",  "1",   "%36", "%31",
                                         ";", "%3b", "a",  "\\",  "%5c", "%20", "%00", "%0", "x=1", " ",   "e"};
  FastRandom random(20261129);
  for (int round = 0; round < 200'000; ++round) {
    std::string path = "/";
    for (auto left = random.below(12); left > 0; --left) path += pieces[random.below(std::size(pieces))];
    check_normal(path);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tenfold::http
