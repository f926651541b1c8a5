#include "http/plain_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/sim/sim_loop.hpp"

namespace tenfold::http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Answers after a while; the token ends the wait.
class SlowHandler final : public Handler {
 public:
  explicit SlowHandler(Duration time) : time_(time) {}
  net::Task<void> handle(ServerExchange& exchange) override {
    auto slept = co_await exchange.loop().sleep_for(time_, stop.token());
    if (!slept) co_return;
    ResponseHead head;
    [[maybe_unused]] auto sent = co_await exchange.send(head, "done", BodyEnd::last, no_deadline);
  }
  net::CancelSource stop;

 private:
  Duration time_;
};

// Sends the text and keeps all that comes back until the server closes.
net::Task<void> talk(net::Loop& loop, net::Endpoint to, std::string text, std::string& answer, bool& closed) {
  auto stream = co_await loop.connect(to, {}, no_deadline);
  if (!stream) co_return;
  auto written = co_await (*stream)->write(text, no_deadline);
  while (written) {
    auto part = co_await (*stream)->read(no_deadline);
    if (!part || part->empty()) break;
    answer.append(part->view());
  }
  closed = true;
}

class PlainServerTest : public testing::Test {
 protected:
  void start(Handler& handler, std::size_t most_connections = 100) {
    auto listening =
        PlainServer::listen(loop_, *net::Endpoint::parse("127.0.0.1:0"), {.most_connections = most_connections});
    ASSERT_TRUE(listening);
    server_ = std::move(*listening);
    server_->serve(handler);
  }
  void connect(int i) {
    clients_.spawn(talk(loop_, server_->local(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n", answers_[i], closed_[i]));
  }
  void TearDown() override {
    if (server_) net::sim::run_task(network_, loop_, server_->abort());
    network_.run_until([&] { return clients_.running() == 0; });
  }

  net::sim::SimNetwork network_;
  net::sim::SimLoop& loop_ = network_.make_loop();
  std::unique_ptr<PlainServer> server_;
  net::Scope clients_;
  std::string answers_[3];
  bool closed_[3] = {};
};

TEST_F(PlainServerTest, FinishesTheAnswerUnderWayAndClosesIdleConnections) {
  SlowHandler handler(2s);
  start(handler);
  connect(0);
  network_.advance(3s);  // answered, and idle since
  connect(1);
  network_.advance(1s);  // half way

  const auto finished = net::sim::run_task(network_, loop_, server_->finish(loop_.now() + 5s));

  EXPECT_EQ(finished, PlainServer::Finished::all);
  server_.reset();
  network_.settle();
  EXPECT_TRUE(closed_[0]);
  EXPECT_TRUE(closed_[1]);
  EXPECT_THAT(answers_[1], StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answers_[1], EndsWith("done"));
}

TEST_F(PlainServerTest, TellsWhenSomeAreLeftAtTheDeadline) {
  SlowHandler handler(1h);
  start(handler);
  connect(0);
  network_.advance(1s);

  const auto finished = net::sim::run_task(network_, loop_, server_->finish(loop_.now() + 5s));
  EXPECT_EQ(finished, PlainServer::Finished::some_left);
  EXPECT_FALSE(closed_[0]);

  handler.stop.cancel();
  net::sim::run_task(network_, loop_, server_->abort());
  network_.settle();
  EXPECT_TRUE(closed_[0]);
  EXPECT_EQ(answers_[0], "");
}

TEST_F(PlainServerTest, ANewConnectionTakesThePlaceOfTheLongestIdleOne) {
  SlowHandler handler(1s);
  start(handler, 2);
  connect(0);
  network_.advance(500ms);
  connect(1);
  network_.advance(500ms + shortest_idle_displaced);  // the first was answered after a second
  EXPECT_THAT(answers_[0], HasSubstr("done"));
  connect(2);
  network_.settle();
  EXPECT_TRUE(closed_[0]);
  EXPECT_EQ(server_->metrics().displaced.value(), 1u);
  network_.advance(1s);
  EXPECT_THAT(answers_[2], HasSubstr("done"));
  EXPECT_FALSE(closed_[1]);
}

TEST_F(PlainServerTest, OneThatWasBusyAMomentAgoKeepsItsPlaceForThatMoment) {
  SlowHandler handler(1s);
  start(handler, 1);
  connect(0);
  network_.advance(500ms);
  connect(1);
  network_.advance(1400ms);  // the first is idle for 900 ms
  EXPECT_FALSE(closed_[0]);
  network_.advance(2s);
  EXPECT_TRUE(closed_[0]);
  EXPECT_THAT(answers_[1], HasSubstr("done"));
}

TEST_F(PlainServerTest, WhereAllAreBusyANewConnectionWaitsForTheEndOfOne) {
  SlowHandler handler(1h);
  start(handler, 2);
  for (int i = 0; i < 3; ++i) connect(i);
  network_.advance(1min);
  for (const bool closed : closed_) EXPECT_FALSE(closed);
  EXPECT_EQ(server_->metrics().open_connections.value(), 2);

  handler.stop.cancel();
  network_.settle();
  EXPECT_TRUE(closed_[0]);
  EXPECT_TRUE(closed_[2]);  // it was let in, and the handler answers nobody any more
  EXPECT_EQ(server_->metrics().connections.value(), 3u);
  EXPECT_EQ(server_->metrics().displaced.value(), 0u);
}

TEST_F(PlainServerTest, EndsWhileANewConnectionWaitsForAPlace) {
  SlowHandler handler(1h);
  start(handler, 1);
  connect(0);
  connect(1);
  network_.advance(1s);
  handler.stop.cancel();
  const auto finished = net::sim::run_task(network_, loop_, server_->finish(loop_.now() + 5s));
  EXPECT_EQ(finished, PlainServer::Finished::all);
  network_.settle();
  EXPECT_TRUE(closed_[1]);
}

}  // namespace
}  // namespace tenfold::http
