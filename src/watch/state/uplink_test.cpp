#include "watch/state/uplink.hpp"

#include <gmock/gmock.h>

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;
using Outcome = CheckResult::Outcome;
using Cause = CheckResult::Cause;

const WallTime now{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};

CheckResult anchor(Outcome outcome) {
  CheckResult result;
  result.outcome = outcome;
  result.cause = outcome == Outcome::good ? Cause::none : Cause::timeout;
  result.what = "192.0.2.1 did not answer";
  return result;
}

TEST(Uplink, IsDownWhenNoAnchorAnswers) {
  const auto verdict = judge_uplink({anchor(Outcome::failed), anchor(Outcome::failed)}, {}, now);
  EXPECT_TRUE(verdict.down);
  EXPECT_EQ(verdict.since, now);
  EXPECT_EQ(verdict.why, "none of 2 anchors answers: 192.0.2.1 did not answer");
}

TEST(Uplink, IsUpWhileOneAnswers) {
  EXPECT_FALSE(judge_uplink({anchor(Outcome::failed), anchor(Outcome::good)}, {}, now).down);
}

TEST(Uplink, WithoutAnchorsNothingIsSaid) { EXPECT_FALSE(judge_uplink({}, {}, now).down); }

TEST(Uplink, RemembersSinceWhen) {
  const auto before = judge_uplink({anchor(Outcome::failed)}, {}, now);
  const auto later = judge_uplink({anchor(Outcome::failed)}, before, now + 1min);
  EXPECT_EQ(later, before);
  const auto over = judge_uplink({anchor(Outcome::good)}, later, now + 2min);
  EXPECT_FALSE(over.down);
  EXPECT_EQ(over.since, now + 2min);
}

struct Muted {
  Cause cause;
  const char* address;
  bool needs;
};
class NeedsUplink : public testing::TestWithParam<Muted> {};
TEST_P(NeedsUplink, ByCauseAndAddress) {
  CheckResult failure;
  failure.cause = GetParam().cause;
  failure.address = GetParam().address;
  EXPECT_EQ(needs_uplink(failure), GetParam().needs);
}
INSTANTIATE_TEST_SUITE_P(
    All, NeedsUplink,
    testing::Values(Muted{Cause::connect, "192.0.2.1", true}, Muted{Cause::timeout, "2001:db8::1", true},
                    Muted{Cause::name, "", true}, Muted{Cause::status, "192.0.2.1", false},
                    Muted{Cause::certificate, "192.0.2.1", false}, Muted{Cause::heartbeat, "", false},
                    Muted{Cause::connect, "127.0.0.1", false}, Muted{Cause::connect, "::1", false},
                    Muted{Cause::connect, "10.255.255.255", false}, Muted{Cause::connect, "11.0.0.0", true},
                    Muted{Cause::connect, "172.16.0.1", false}, Muted{Cause::connect, "172.31.255.255", false},
                    Muted{Cause::connect, "172.32.0.0", true}, Muted{Cause::connect, "192.168.1.1", false},
                    Muted{Cause::connect, "100.64.0.1", false}, Muted{Cause::connect, "100.128.0.1", true},
                    Muted{Cause::connect, "169.254.1.1", false}, Muted{Cause::connect, "fd00::1", false},
                    Muted{Cause::connect, "fe80::1", false}, Muted{Cause::connect, "::ffff:10.0.0.1", false},
                    Muted{Cause::connect, "::ffff:8.8.8.8", true}));

}  // namespace
}  // namespace tenfold::watch
