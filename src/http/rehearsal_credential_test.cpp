#include "http/rehearsal_credential.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace tenfold::http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view secret = "a secret of thirty-two characters";
const WallTime now{1'800'000'000s};

std::string good() { return make_rehearsal_credential(secret, "run-7", now + 1h); }

Errc error_of(std::string_view text, std::string_view under = secret, WallTime at = now) {
  const auto verified = verify_rehearsal_credential(text, under, at);
  EXPECT_FALSE(verified.has_value()) << text;
  return verified ? Errc::failed : verified.error().code;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

// The signature is that of `printf 1800003600:run-7 | openssl dgst -sha256 -hmac "$SECRET"`.
TEST(RehearsalCredential, IsWhatTheContractSays) {
  EXPECT_EQ(good(),
            "v1; exp=1800003600; id=run-7; sig=e82624ee4742227542770cb51e82c692a832edce9457e0c49ffd7125ef8c7e06");
}

TEST(RehearsalCredential, IsVerifiedWithItsRunAndExpiry) {
  const std::string text = good();
  const auto verified = verify_rehearsal_credential(text, secret, now);
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->id, "run-7");
  EXPECT_EQ(verified->expires, now + 1h);
}

TEST(RehearsalCredential, OrderSpacesAndCaseOfDigitsAreTheSendersChoice) {
  const std::string text = good();
  const std::string signature = text.substr(text.size() - 64);
  std::string upper = signature;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string& other :
       {"v1;sig=" + signature + ";id=run-7;exp=1800003600", "  v1 ;\texp=1800003600 ; id=run-7;  sig=" + upper + " "}) {
    EXPECT_TRUE(verify_rehearsal_credential(other, secret, now).has_value()) << other;
  }
}

TEST(RehearsalCredential, EndsAtItsExpiry) {
  const std::string text = good();
  EXPECT_TRUE(verify_rehearsal_credential(text, secret, now + 1h - 1ns).has_value());
  EXPECT_EQ(error_of(text, secret, now + 1h), Errc::timed_out);
}

TEST(RehearsalCredential, IsGoodForADayAtMost) {
  const std::string day = make_rehearsal_credential(secret, "r", now + 24h);
  EXPECT_TRUE(verify_rehearsal_credential(day, secret, now).has_value());
  EXPECT_EQ(error_of(make_rehearsal_credential(secret, "r", now + 24h + 1s)), Errc::too_large);
  // Past what WallTime can hold (2262), and still told right.
  EXPECT_EQ(
      error_of("v1; exp=9999999999; id=run-7; sig=e0c1f8e356027844956ebdcd2de1353b84db080699121dc703d2434fcf7b6b13"),
      Errc::too_large);
}

TEST(RehearsalCredential, AnotherSecretOrAnotherTextIsRefused) {
  const std::string text = good();
  EXPECT_EQ(error_of(text, "another secret"), Errc::refused);
  EXPECT_EQ(error_of(replaced(text, "run-7", "run-8")), Errc::refused);
  EXPECT_EQ(error_of(replaced(text, "1800003600", "1800003601")), Errc::refused);
  std::string last = text;
  last.back() = last.back() == '0' ? '1' : '0';
  EXPECT_EQ(error_of(last), Errc::refused);
}

TEST(RehearsalCredential, WithoutASecretNobodyIsVerified) { EXPECT_EQ(error_of(good(), ""), Errc::refused); }

TEST(RehearsalCredential, WhatIsNoCredentialIsInvalid) {
  const std::string text = good();
  for (const std::string& bad : {
           std::string(),
           std::string("verified"),
           std::string("v1"),
           std::string("v1; exp=; id=; sig="),
           replaced(text, "v1", "v2"),
           replaced(text, "v1; ", ""),
           replaced(text, "exp=", "exp=0"),
           replaced(text, "exp=", "exp=+"),
           replaced(text, "exp=", "exp=-"),
           replaced(text, "1800003600", "18000036000"),
           replaced(text, "1800003600", "0x6b49d200"),
           replaced(text, "id=run-7", "id=run 7"),
           replaced(text, "id=run-7", "id=run/7"),
           replaced(text, "id=run-7", "id=" + std::string(65, 'a')),
           replaced(text, "id=run-7", "id=" + std::string(300, 'a')),
           replaced(text, "id=run-7", "id=run-7; id=run-7"),
           replaced(text, "; id=run-7", ""),
           replaced(text, "sig=", "sig=g"),
           text.substr(0, text.size() - 1),
           text + "0",
           text + ";",
           text + "; to=all",
           text + ", " + text,
       }) {
    EXPECT_EQ(error_of(bad), Errc::invalid) << bad;
  }
}

TEST(RehearsalCredential, AnIdHasOneTo64Characters) {
  EXPECT_FALSE(is_rehearsal_id(""));
  EXPECT_TRUE(is_rehearsal_id("aZ09_-"));
  EXPECT_TRUE(is_rehearsal_id("2026-12-24T18:00:00.5Z"));
  EXPECT_TRUE(is_rehearsal_id(std::string(64, 'x')));
  EXPECT_FALSE(is_rehearsal_id(std::string(65, 'x')));
  EXPECT_FALSE(is_rehearsal_id("a;b"));
  EXPECT_FALSE(is_rehearsal_id("ä"));
  const std::string longest = make_rehearsal_credential(secret, std::string(64, 'x'), now + 1h);
  EXPECT_LE(longest.size(), longest_rehearsal_credential);
  EXPECT_TRUE(verify_rehearsal_credential(longest, secret, now).has_value());
}

}  // namespace
}  // namespace tenfold::http
