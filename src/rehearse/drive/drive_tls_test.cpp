// https targets over real loopback sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/tls/test_certificates.hpp"
#include "rehearse/drive/run.hpp"
#include "rehearse/drive/test_server.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;

class Unwatched final : public DriveObserver {
 public:
  Proceed second(const RunRecord&) override { return Proceed::on; }
};

class Hello final : public http::Handler {
 public:
  net::Task<void> handle(http::ServerExchange& exchange) override {
    http::ResponseHead head;
    if (close) exchange.close_after();
    [[maybe_unused]] auto sent = co_await exchange.send(head, "hello", http::BodyEnd::last, no_deadline);
  }
  bool close = false;
};

class TlsServer {
 public:
  TlsServer(http::Handler& handler, std::shared_ptr<const net::TlsServerContext> tls)
      : context_{handler, limits_, metrics_, drain_}, tls_(std::move(tls)) {
    listener_ = std::move(*thread_.loop().listen(*net::Endpoint::parse("127.0.0.1:0"), {}));
    local_ = listener_->local();
    scope_.spawn(accept_all());
    thread_.start();
  }
  ~TlsServer() {
    thread_.call([this] {
      listener_->stop();
      drain_.drain();
    });
    for (std::size_t running = 1; running > 0;) thread_.call([&] { running = scope_.running(); });
    thread_.call([this] { listener_.reset(); });
    thread_.stop();
  }
  std::string url(std::string_view host) const {
    return "https://" + std::string(host) + ":" + std::to_string(local_.port) + "/";
  }

 private:
  net::Task<void> accept_all() {
    while (true) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      scope_.spawn(serve_one(std::move(*stream)));
    }
  }
  net::Task<void> serve_one(std::unique_ptr<net::Stream> stream) {
    const TimePoint deadline = thread_.loop().now() + 5s;
    auto secured = co_await net::accept_tls(std::move(stream), tls_, deadline);
    if (secured) co_await http::serve_http1(std::move(*secured), context_);
  }

  TestThread thread_;
  http::ServerLimits limits_;
  http::ServerMetrics metrics_;
  http::DrainSignal drain_;
  http::ServerContext context_;
  std::shared_ptr<const net::TlsServerContext> tls_;
  std::unique_ptr<net::Listener> listener_;
  net::Endpoint local_;
  net::Scope scope_;
};

class DriveTlsTest : public testing::Test {
 protected:
  DriveTlsTest() {
    const auto files = authority_.issue("IP:127.0.0.1").save(folder_, "shop");
    server_ = std::make_unique<TlsServer>(hello_, *net::make_tls_server_context({files}, {"http/1.1"}));
    options_.target = *parse_target(server_->url("127.0.0.1"));
    options_.threads = 1;
    options_.authorities_file = folder_.write("authority.pem", authority_.pem());
  }
  Result<RunRecord> play(const Load& load = ConstantLoad{.per_s = 50, .length = 400ms}) {
    Unwatched silent;
    return run_load(load, options_, silent, {});
  }

  net::TestFolder folder_;
  net::TestAuthority authority_;
  Hello hello_;
  std::unique_ptr<TlsServer> server_;
  DriveOptions options_;
};

TEST_F(DriveTlsTest, HandshakesAreCounted) {
  hello_.close = true;
  const auto record = play();
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_EQ(record->total.answered, 20u);
  EXPECT_EQ(record->total.connections, 20u);
  EXPECT_EQ(record->total.tls_handshakes, 20u);
  EXPECT_LT(record->total.tls_resumed, 20u);
}

// One after the other, so that each has the session of the one before.
TEST_F(DriveTlsTest, EachConnectionAfterTheFirstResumes) {
  hello_.close = true;
  options_.connections = 1;
  const auto record = play(ClosedLoad{.length = 300ms});
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_GE(record->total.tls_handshakes, 2u);
  EXPECT_EQ(record->total.tls_resumed, record->total.tls_handshakes - 1);
}

TEST_F(DriveTlsTest, KeptConnectionsNeedOneHandshake) {
  options_.connections = 2;
  const auto record = play(ClosedLoad{.length = 2s});
  ASSERT_TRUE(record);
  EXPECT_GT(record->total.answered, 2u);
  EXPECT_EQ(record->total.connections, 2u);
  EXPECT_EQ(record->total.tls_handshakes, 2u);
}

TEST_F(DriveTlsTest, ACertificateOfAStrangerOrForAnotherNameFails) {
  const net::TestAuthority stranger("Stranger");
  options_.authorities_file = folder_.write("stranger.pem", stranger.pem());
  auto record = play();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->total.failed[static_cast<std::size_t>(Failure::tls)], 20u);
  EXPECT_EQ(record->total.sent, 0u);

  options_.authorities_file = folder_.write("authority.pem", authority_.pem());
  options_.target = *parse_target(server_->url("localhost"));
  record = play();
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_EQ(record->total.answered, 0u);
  EXPECT_GT(record->total.failed[static_cast<std::size_t>(Failure::tls)], 0u);
}

TEST_F(DriveTlsTest, AnAuthoritiesFileThatCannotBeReadIsAnError) {
  options_.authorities_file = folder_.path("none.pem");
  const auto record = play();
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, Errc::invalid);
}

}  // namespace
}  // namespace tenfold::rehearse
