#include "oncall/link/signed_link.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

const WallTime expires = WallTime(std::chrono::seconds(1'767'225'600));
constexpr std::string_view host = "https://console.shop.example";
// openssl dgst -sha256 -hmac secret over "7:1767225600:ada", computed outside of this program.
constexpr std::string_view link =
    "https://console.shop.example/ack/7?who=ada&exp=1767225600&sig="
    "2a90d77bc82ab578a60e22a60121484a15607f3ca87ef66bc6539c70353761f2";

std::string path(const LinkClaim& claim) { return signed_link("", "secret", claim); }

TEST(SignedLink, IsAsTheContractSays) {
  EXPECT_EQ(signed_link(host, "secret", {7, "ada", expires}), link);
  EXPECT_EQ(signed_link("https://console.shop.example/", "secret", {7, "ada", expires}), link);
}

TEST(SignedLink, ComesBackUntilItExpires) {
  const std::string_view arrives = link.substr(host.size());
  const auto claim = verify_link(arrives, "secret", expires - 1ns);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->alert, 7);
  EXPECT_EQ(claim->who, "ada");
  EXPECT_EQ(claim->expires, expires);
  EXPECT_FALSE(verify_link(arrives, "secret", expires));
}

TEST(SignedLink, NamesOfAllKindsComeBack) {
  for (const std::string who : {"Ada Lovelace", "Jürgen & Söhne", "a:b", "100%", "a+b", "", "x=y?z#"}) {
    const auto claim = verify_link(path({7, who, expires}), "secret", expires - 1s);
    ASSERT_TRUE(claim) << who;
    EXPECT_EQ(claim->who, who);
  }
}

TEST(SignedLink, EveryChangedCharacterIsNoticed) {
  const std::string good = path({7, "ada", expires});
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char other : {'0', 'a', '&', '%', '\0'}) {
      std::string bad = good;
      if (bad[i] == other) continue;
      bad[i] = other;
      EXPECT_FALSE(verify_link(bad, "secret", expires - 1s)) << bad;
    }
    EXPECT_FALSE(verify_link(good.substr(0, i), "secret", expires - 1s)) << i;
  }
}

TEST(SignedLink, OthersSecretsNamesAndNumbersAreRefused) {
  const std::string good = path({7, "ada", expires});
  EXPECT_FALSE(verify_link(good, "other", expires - 1s));
  EXPECT_FALSE(verify_link(good, "", expires - 1s));
  const std::string signature = good.substr(good.find("&sig="));
  for (const std::string bad :
       {"/ack/8?who=ada&exp=1767225600", "/ack/7?who=bela&exp=1767225600", "/ack/7?who=ada&exp=1767225601",
        "/ack/07?who=ada&exp=1767225600", "/ack/+7?who=ada&exp=1767225600", "/ack/7?who=ada&exp=01767225600",
        "/ack/7?who=ada&who=ada&exp=1767225600", "/ack/7?who=ada&exp=1767225600&to=x",
        "/ack/7?who=ada&exp=", "/ack/?who=ada&exp=1767225600", "/ack/99999999999999999999?who=ada&exp=1767225600",
        "/ack/7?who=%zz&exp=1767225600", "/other/7?who=ada&exp=1767225600", "/ack/7?who=ada", "/ack/7", ""}) {
    EXPECT_FALSE(verify_link(bad + signature, "secret", expires - 1s)) << bad;
  }
}

TEST(SignedLink, LongOnesAreRefused) {
  const auto fits = path({7, std::string(1'890, 'x'), expires});
  ASSERT_LE(fits.size(), 2'000u);
  EXPECT_TRUE(verify_link(fits, "secret", expires - 1s));
  EXPECT_FALSE(verify_link(path({7, std::string(2'000, 'x'), expires}), "secret", expires - 1s));
}

}  // namespace
}  // namespace tenfold::oncall
