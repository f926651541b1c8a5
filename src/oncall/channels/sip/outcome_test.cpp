#include "oncall/channels/sip/outcome.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace tenfold::oncall::sip {
namespace {

using namespace std::chrono_literals;
using State = Report::State;

struct Case {
  unsigned status;
  State state;
  bool retry;
  std::string_view says;
};

TEST(Outcome, OfEveryKindOfRefusal) {
  const Case cases[] = {
      {302, State::failed, true, "302"},       {400, State::failed, false, "400"},
      {401, State::failed, false, "password"}, {403, State::failed, false, "forbids"},
      {404, State::failed, false, "number"},   {407, State::failed, false, "password"},
      {420, State::failed, false, "timer"},    {421, State::failed, false, "timer"},
      {422, State::failed, false, "timer"},    {423, State::failed, false, "423"},
      {494, State::failed, false, "security"}, {606, State::failed, false, "PCMA"},
      {408, State::no_answer, true, "nobody"}, {410, State::failed, false, "number"},
      {429, State::failed, true, "429"},       {430, State::failed, true, "430"},
      {480, State::no_answer, true, "nobody"}, {484, State::failed, false, "number"},
      {486, State::busy, true, "busy"},        {487, State::no_answer, true, "nobody"},
      {488, State::failed, false, "PCMA"},     {491, State::failed, true, "491"},
      {500, State::failed, true, "500"},       {503, State::failed, true, "503"},
      {504, State::failed, true, "504"},       {600, State::busy, true, "busy"},
      {603, State::busy, true, "declined"},    {604, State::failed, false, "number"},
  };
  for (const Case& one : cases) {
    const Report report = outcome_of(
        {.status = one.status, .reason = "Words", .retry_after = {}, .user = "shop", .named = "timer", .warning = {}});
    EXPECT_EQ(report.state, one.state) << one.status;
    EXPECT_EQ(report.retry, one.retry) << one.status;
    EXPECT_NE(report.detail.find(one.says), std::string::npos) << one.status << ": " << report.detail;
    EXPECT_NE(report.detail.find("Words"), std::string::npos) << one.status;
  }
}

TEST(Outcome, WithoutAPasswordItSaysThatNoneIsSet) {
  EXPECT_NE(
      outcome_of({.status = 401, .reason = "Unauthorized", .retry_after = {}, .user = {}, .named = {}, .warning = {}})
          .detail.find("none is set"),
      std::string::npos);
}

TEST(Outcome, AWarningIsSaid) {
  const auto detail = [](std::string_view warning) {
    return outcome_of({.status = 488,
                       .reason = "Not Acceptable Here",
                       .retry_after = {},
                       .user = {},
                       .named = {},
                       .warning = warning})
        .detail;
  };
  EXPECT_EQ(detail("304 sip.example \"SRTP required\""),
            "the other side takes neither PCMA nor PCMU audio (488 Not Acceptable Here: SRTP required)");
  EXPECT_EQ(detail("304 sip.example"), "the other side takes neither PCMA nor PCMU audio (488 Not Acceptable Here)");
  EXPECT_LT(detail("304 sip.example \"" + std::string(5'000, 'x')).size(), 300u);
}

TEST(Outcome, RetryAfterIsReadAndBounded) {
  const auto wait = [](std::string_view header) {
    return outcome_of({.status = 503, .reason = "", .retry_after = header, .user = {}, .named = {}, .warning = {}})
        .retry_after;
  };
  EXPECT_EQ(wait("7"), Duration(7s));
  EXPECT_EQ(wait("120 (in a meeting);duration=60"), Duration(120s));
  EXPECT_EQ(wait("600"), Duration(10min));
  EXPECT_EQ(wait("601"), Duration(10min));
  EXPECT_EQ(wait("99999999999999999999"), Duration::zero());
  EXPECT_EQ(wait("soon"), Duration::zero());
  EXPECT_EQ(wait(""), Duration::zero());
}

TEST(Outcome, LongWordsAreCut) {
  const std::string words(5'000, 'x');
  EXPECT_LT(outcome_of({.status = 500, .reason = words, .retry_after = {}, .user = {}, .named = {}, .warning = {}})
                .detail.size(),
            300u);
}

TEST(Outcome, OfTheNetwork) {
  for (const int code : {ETIMEDOUT, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ECONNRESET, EPROTO}) {
    const Report report = outcome_of_error(code, "sip.example");
    EXPECT_EQ(report.state, State::failed);
    EXPECT_TRUE(report.retry);
    EXPECT_NE(report.detail.find("sip.example"), std::string::npos) << report.detail;
  }
  EXPECT_FALSE(outcome_of_error(ENOKEY, "sip.example").retry);
  EXPECT_FALSE(outcome_of_error(ENOMEDIUM, "sip.example").retry) << "no sound in common will not come";
}

}  // namespace
}  // namespace tenfold::oncall::sip
