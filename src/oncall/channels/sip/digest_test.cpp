#include "oncall/channels/sip/digest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tenfold::oncall::sip {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Proof proof{
    .user = "shop", .password = "secret", .method = "INVITE", .uri = "sip:+4930@sip.example", .own_nonce = 0xff};

Challenge challenge(std::string algorithm, std::string qop = "auth") {
  return {
      .realm = "sip.example", .nonce = "n0nce", .opaque = "", .algorithm = std::move(algorithm), .qop = std::move(qop)};
}

TEST(SipDigest, ProvesThePasswordByEachAlgorithm) {
  const std::pair<const char*, const char*> with_qop[] = {
      {"", "de81c191b18847e32e49eab28e32cbab"},
      {"MD5", "de81c191b18847e32e49eab28e32cbab"},
      {"SHA-256", "e647ab0fd8f6396e5bdb1be0774a39bccd13c03c5c131e5326f25503a15d194c"},
      {"sha-256", "e647ab0fd8f6396e5bdb1be0774a39bccd13c03c5c131e5326f25503a15d194c"},
      {"SHA-512-256", "22b3455cfa820cdac6aa9393934c2b81bc1fb15e6384a5315797ddf9fb070da4"}};
  for (const auto& [algorithm, response] : with_qop) {
    const auto made = digest_of(challenge(algorithm), proof);
    ASSERT_TRUE(made);
    EXPECT_THAT(*made, HasSubstr(std::string("response=\"") + response + "\"")) << algorithm;
    EXPECT_THAT(
        *made,
        HasSubstr("Digest username=\"shop\", realm=\"sip.example\", nonce=\"n0nce\", uri=\"sip:+4930@sip.example\""));
    EXPECT_THAT(*made, HasSubstr("qop=auth, nc=00000001, cnonce=\"00000000000000ff\""));
    EXPECT_THAT(*made, Not(HasSubstr("secret")));
  }
  const auto without = digest_of(challenge("SHA-256", ""), proof);
  ASSERT_TRUE(without);
  EXPECT_THAT(
      *without,
      HasSubstr("response=\"4531d0a0950d2d837aa7afe8c5361ecf55e1678813d68f5b2c3c06a8d35feca2\", algorithm=SHA-256"));
  EXPECT_THAT(*without, Not(HasSubstr("cnonce")));
}

TEST(SipDigest, KeepsToWhatItKnows) {
  EXPECT_FALSE(digest_of(challenge("SHA-3"), proof));
  EXPECT_FALSE(digest_of(challenge("SHA-256-sess"), proof));
  EXPECT_FALSE(digest_of(challenge("SHA-256", "auth-int"), proof));
  EXPECT_TRUE(digest_of(challenge("SHA-256", "auth-int, auth"), proof));
  Challenge breaks = challenge("SHA-256");
  breaks.opaque = "x\", response=\"y";
  EXPECT_FALSE(digest_of(breaks, proof));
  breaks.opaque = std::string(2'000, 'x');
  EXPECT_FALSE(digest_of(breaks, proof));
  breaks.opaque = "x";
  EXPECT_THAT(digest_of(breaks, proof).value_or(""), HasSubstr("opaque=\"x\""));
}

}  // namespace
}  // namespace tenfold::oncall::sip
