#include "edge/identify/rehearsals.hpp"

#include <gtest/gtest.h>

#include "http/rehearsal_credential.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using http::make_rehearsal_credential;

class RehearsalGateTest : public testing::Test {
 protected:
  std::string run_of(const std::string& credential, std::string_view under = "first secret") {
    http::Headers headers;
    headers.add("Host", "shop.example");
    headers.add("tenfold-rehearsal", credential);
    return std::string(gate.run_of(headers, under, now));
  }

  WallTime now{1'800'000'000s};
  RehearsalGate gate;
  const std::string good = make_rehearsal_credential("first secret", "monday", now + 1h);
};

TEST_F(RehearsalGateTest, KnowsItsOwn) {
  EXPECT_EQ(run_of(good), "monday");
  EXPECT_EQ(run_of(good), "monday");
}

TEST_F(RehearsalGateTest, OthersAreStrangers) {
  EXPECT_EQ(gate.run_of({}, "first secret", now), "");
  EXPECT_EQ(run_of("verified"), "");
  EXPECT_EQ(run_of(""), "");
  EXPECT_EQ(run_of(make_rehearsal_credential("guess", "monday", now + 1h)), "");
}

TEST_F(RehearsalGateTest, WhatIsRememberedExpiresToo) {
  EXPECT_EQ(run_of(good), "monday");
  now += 1h - 1ns;
  EXPECT_EQ(run_of(good), "monday");
  now += 1ns;
  EXPECT_EQ(run_of(good), "");
}

TEST_F(RehearsalGateTest, WhatIsRememberedGoesWithItsSecret) {
  EXPECT_EQ(run_of(good), "monday");
  EXPECT_EQ(run_of(good, "second secret"), "");
  EXPECT_EQ(run_of(good, ""), "");
  EXPECT_EQ(run_of(make_rehearsal_credential("second secret", "tuesday", now + 1h), "second secret"), "tuesday");
}

TEST_F(RehearsalGateTest, OneAlmostLikeTheRememberedIsAStrangers) {
  EXPECT_EQ(run_of(good), "monday");
  std::string almost = good;
  almost.back() = almost.back() == '0' ? '1' : '0';
  EXPECT_EQ(run_of(almost), "");
  EXPECT_EQ(run_of(good), "monday");
}

TEST_F(RehearsalGateTest, TwoRunsAtOnceAreBothKnown) {
  const std::string other = make_rehearsal_credential("first secret", "tuesday", now + 2h);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run_of(good), "monday");
    EXPECT_EQ(run_of(other), "tuesday");
  }
}

TEST_F(RehearsalGateTest, TwoCredentialsInOneRequestAreNone) {
  http::Headers headers;
  headers.add("Tenfold-Rehearsal", good);
  headers.add("Tenfold-Rehearsal", good);
  EXPECT_EQ(gate.run_of(headers, "first secret", now), "");
}

}  // namespace
}  // namespace tenfold::edge
