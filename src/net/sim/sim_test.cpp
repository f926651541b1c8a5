#include <gtest/gtest.h>

#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"

namespace tenfold::net::sim {
namespace {

using namespace std::chrono_literals;

Task<void> echo(std::unique_ptr<Stream> stream) {
  while (true) {
    auto bytes = co_await stream->read(no_deadline);
    if (!bytes || bytes->empty()) co_return;
    auto wrote = co_await stream->write(bytes->view(), no_deadline);
    if (!wrote) co_return;
  }
}

Task<void> serve(Listener& listener, Scope& scope) {
  while (true) {
    auto stream = co_await listener.accept();
    if (!stream) co_return;
    scope.spawn(echo(std::move(*stream)));
  }
}

Task<Result<std::string>> ask(Loop& loop, Endpoint to, std::string question, TimePoint deadline) {
  auto stream = co_await loop.connect(to, {}, deadline);
  if (!stream) co_return std::unexpected(stream.error());
  auto wrote = co_await (*stream)->write(question, deadline);
  if (!wrote) co_return std::unexpected(wrote.error());
  std::string answer;
  while (answer.size() < question.size()) {
    auto bytes = co_await (*stream)->read(deadline);
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return fail(Errc::closed);
    answer.append(bytes->view());
  }
  co_return answer;
}

class SimTest : public testing::Test {
 protected:
  SimTest() { scope.spawn(serve(*listener, scope)); }
  ~SimTest() override {
    listener->stop();
    network.advance(1h);
  }
  Result<std::string> ask_now(std::string question) {
    return run_task(network, client, ask(client, at, std::move(question), network.clock().now() + 5s));
  }

  SimNetwork network{42};
  SimLoop& server = network.make_loop();
  SimLoop& client = network.make_loop(IpAddress::v4(0x7f000002));
  Endpoint at = *Endpoint::parse("127.0.0.1:80");
  std::unique_ptr<Listener> listener = *server.listen(at, {});
  Scope scope;
};

TEST_F(SimTest, CarriesAMessageThereAndBack) {
  auto answer = ask_now("hello");
  ASSERT_TRUE(answer.has_value()) << answer.error().text();
  EXPECT_EQ(*answer, "hello");
}

TEST_F(SimTest, LatencyTakesSimulatedTime) {
  network.set_faults(at, {.latency = 50ms});
  const TimePoint began = network.clock().now();
  ASSERT_TRUE(ask_now("hello").has_value());
  EXPECT_GE(network.clock().now() - began, 200ms);  // connect and question and answer
}

TEST_F(SimTest, SmallPiecesAndBigMessagesArriveWhole) {
  network.set_faults(at, {.largest_piece = 7});
  const std::string question(60'000, 'q');
  auto answer = ask_now(question);
  ASSERT_TRUE(answer.has_value()) << answer.error().text();
  EXPECT_EQ(*answer, question);
}

TEST_F(SimTest, AStoppedServerNeverAnswersAndAResumedOneDoes) {
  network.stop(at);
  auto answer = ask_now("hello");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::timed_out);
  network.resume(at);
  EXPECT_TRUE(ask_now("hello").has_value());
}

TEST_F(SimTest, AKilledServerRefusesUntilItIsRevived) {
  network.kill(at);
  auto answer = ask_now("hello");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::refused);
  network.revive(at);
  EXPECT_TRUE(ask_now("hello").has_value());
}

TEST_F(SimTest, AResetInMidAnswerIsSeenAsClosed) {
  network.set_faults(at, {.reset_after_bytes = 3});
  auto answer = ask_now("hello");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::closed);
}

TEST_F(SimTest, ABlackHoleLetsConnectingTimeOut) {
  network.set_faults(at, {.black_hole = true});
  auto answer = ask_now("hello");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::timed_out);
}

}  // namespace
}  // namespace tenfold::net::sim
