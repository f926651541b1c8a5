#include <gtest/gtest.h>

#include <optional>

#include "base/test_threads.hpp"
#include "oncall/channels/sip/lookup.hpp"
#include "oncall/channels/sip/phone_double_test.hpp"
#include "oncall/channels/sip/sip.hpp"
#include "oncall/service/oncall.hpp"
#include "store/test_process.hpp"

// A machine at its limit of processes at three in the morning: a call that cannot be made is a failed try with a
// reason, and not the end of the program. In a child process; its exit code says which step went wrong; 77: the machine
// does not allow the test.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using sip::PhoneDouble;

constexpr int no_right = 77;

int in_child(const std::function<int()>& work) {
  store::TestProcess process(work);
  return process.wait();
}

std::optional<Report> outcome_of_a_call(Channel& channel, transfer::Poller& poller, const std::string& key) {
  std::optional<Report> last;
  Message message;
  message.spoken = "Down.";
  channel.send("+4930123456", message, key, 20s, [&](const Report& report) { last = report; });
  const TimePoint end = poller.now() + 30s;
  const auto is_over = [&] {
    return last && last->state != Report::State::sent && last->state != Report::State::ringing;
  };
  while (!is_over() && poller.now() < end) poller.run_until(poller.now() + 10ms);
  return last;
}

int call_without_and_with_a_thread() {
  const SystemClock clock;
  const auto poller = *transfer::Poller::make(clock);
  PhoneDouble phone(PhoneDouble::Manner::busy);
  SipOptions options;
  options.host = "127.0.0.1";
  options.port = phone.port();
  auto channel = make_sip(options, *poller, clock);
  if (!channel) return 1;
  if (!forbid_threads()) return no_right;
  const auto refused = outcome_of_a_call(**channel, *poller, "row-1");
  if (!refused || refused->state != Report::State::failed || !refused->retry) return 2;
  if (refused->detail.find("starting the thread that prepares a call: ") != 0) return 3;
  if (phone.heard("INVITE") != 0) return 4;
  if (!allow_threads()) return 5;
  const auto through = outcome_of_a_call(**channel, *poller, "row-2");
  return through && through->state == Report::State::busy ? 0 : 6;
}

TEST(NoThread, ACallIsAFailedTryAndTheNextOneGoesThrough) {
  const int code = in_child(call_without_and_with_a_thread);
  if (code == no_right) GTEST_SKIP() << "may not change to another user here";
  EXPECT_EQ(code, 0);
}

TEST(NoThread, ALookUpSaysSo) {
  const int code = in_child([] {
    if (!forbid_threads()) return no_right;
    const auto found = sip::address_of("sip.shop.example", 5060, 1s, {});
    return !found && found.error().code == Errc::exhausted ? 0 : 1;
  });
  if (code == no_right) GTEST_SKIP() << "may not change to another user here";
  EXPECT_EQ(code, 0);
}

TEST(NoThread, NeitherTheChannelNorTheServiceStarts) {
  const int code = in_child([] {
    const SystemClock clock;
    const auto poller = *transfer::Poller::make(clock);
    const auto oncall = OnCall::make(
        {.clock = clock,
         .make_channels = [](transfer::Poller&) -> Result<OnCall::Channels> { return OnCall::Channels(); }},
        Plan());
    if (!forbid_threads()) return no_right;
    SipOptions options;
    options.host = "127.0.0.1";
    const auto channel = make_sip(options, *poller, clock);
    if (channel || channel.error().code != Errc::exhausted) return 1;
    const auto started = (*oncall)->start();
    if (started || started.error().code != Errc::exhausted) return 2;
    return allow_threads() && (*oncall)->start() ? 0 : 3;
  });
  if (code == no_right) GTEST_SKIP() << "may not change to another user here";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace tenfold::oncall
