#pragma once

// What the tests of the prober share: a poller, a name server, a prober; not part of the program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "transfer/test_server.hpp"
#include "watch/probe/prober.hpp"
#include "watch/probe/test_certificates.hpp"
#include "watch/probe/test_name_server.hpp"

namespace tenfold::watch {

using namespace std::chrono_literals;
using transfer::page;
using transfer::TestReply;
using transfer::TestServer;
using Cause = CheckResult::Cause;
using Path = CheckResult::Path;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

class ProberWorld : public ::testing::Test {
 protected:
  ProberWorld() {
    trusted_.write(authority_);
    options_.resolver = names_.where();
    options_.authorities = trusted_.path();
  }

  Prober& prober() {
    if (prober_ == nullptr) {
      auto made = make_prober(*poller_, options_);
      EXPECT_TRUE(made) << made.error().text();
      prober_ = std::move(*made);
    }
    return *prober_;
  }

  // A look that is short and during which the machine stood still ended before its server had its turn: it is done
  // again.
  CheckResult look(const Probe& probe, Duration timeout = 5s, Path path = Path::usual) {
    CheckResult result;
    for (int tries = 0; tries < 100; ++tries) {
      longest_turn_ = 0ns;
      result = look_once(probe, timeout, path);
      if (timeout >= 1s || longest_turn_ < timeout / 4) break;
    }
    return result;
  }
  CheckResult look_once(const Probe& probe, Duration timeout, Path path) {
    Check check;
    check.name = "check";
    check.probe = probe;
    check.timeout = timeout;
    std::optional<CheckResult> result;
    prober().start(check, path, [&](CheckResult got) { result = std::move(got); });
    EXPECT_FALSE(result) << "told from within start()";
    wait([&] { return result.has_value(); });
    if (result && result->outcome == CheckResult::Outcome::good) {
      EXPECT_EQ(result->cause, Cause::none);
    } else if (result) {
      EXPECT_NE(result->cause, Cause::none);
      EXPECT_NE(result->what, "");
    }
    return result.value_or(CheckResult());
  }
  CheckResult look_again(const Probe& probe, Duration timeout = 5s) { return look(probe, timeout, Path::other); }

  template <class Condition>
  void wait(Condition condition) {
    const TimePoint deadline = poller_->now() + 20s;
    for (TimePoint began = poller_->now(); !condition() && began < deadline;) {
      poller_->run_until(began + 2ms);
      const TimePoint ended = poller_->now();
      longest_turn_ = std::max<Duration>(longest_turn_, ended - began);
      began = ended;
    }
    EXPECT_TRUE(condition());
  }

  Duration longest_turn_{};  // of wait(); 2 ms where nothing holds it up
  SystemClock clock_;
  std::unique_ptr<transfer::Poller> poller_ = *transfer::Poller::make(clock_);
  TestNameServer names_{*poller_};
  TestIdentity authority_ = make_test_authority("Test Authority");
  TestPem trusted_;
  ProberOptions options_;
  std::unique_ptr<Prober> prober_;
};

inline void expect_good(const CheckResult& result) {
  EXPECT_EQ(result.outcome, CheckResult::Outcome::good) << result.what;
}
inline void expect_failed(const CheckResult& result, Cause cause, const ::testing::Matcher<std::string>& what) {
  EXPECT_EQ(result.outcome, CheckResult::Outcome::failed);
  EXPECT_EQ(static_cast<int>(result.cause), static_cast<int>(cause)) << result.what;
  EXPECT_THAT(result.what, what);
}

}  // namespace tenfold::watch
