#pragma once

// What the tests of TLS stand on: worlds to run in (the simulated network, whole and cut into pieces of a byte, and
// both event loops on loopback), what the two sides do, and a pair of TLS streams between them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"
#include "net/tls/connection.hpp"
#include "net/tls/test_certificates.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::net {

using namespace std::chrono_literals;

using Connected = Result<std::unique_ptr<Stream>>;

inline const SystemClock system_clock;

// Where a test runs: a loop for everything, and a way to let it work.
class World {
 public:
  virtual ~World() = default;
  virtual Loop& loop() = 0;
  virtual bool run_until(const std::function<bool()>& condition) = 0;
  virtual void settle() = 0;                             // lets happen what needs no waiting
  virtual std::size_t big() const { return 3'000'000; }  // bytes for a transfer worth the name
};

class SimulatedWorld final : public World {
 public:
  explicit SimulatedWorld(std::size_t largest_piece) : largest_piece_(largest_piece) {
    network_.set_faults({IpAddress::v4(0x7f000001), 443}, {.largest_piece = largest_piece});
  }
  Loop& loop() override { return loop_; }
  bool run_until(const std::function<bool()>& condition) override { return network_.run_until(condition, 1h); }
  void settle() override { network_.settle(); }
  std::size_t big() const override { return largest_piece_ < 100 ? 50'000 : 1'000'000; }

 private:
  std::size_t largest_piece_;
  sim::SimNetwork network_{7};
  sim::SimLoop& loop_ = network_.make_loop();
};

class RealWorld final : public World {
 public:
  explicit RealWorld(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
  Loop& loop() override { return *loop_; }
  bool run_until(const std::function<bool()>& condition) override {
    const TimePoint limit = system_clock.now() + 20s;
    while (!condition()) {
      if (system_clock.now() > limit) return false;
      loop_->run_once(50ms);
    }
    return true;
  }
  void settle() override {
    for (int turn = 0; turn < 5; ++turn) loop_->run_once(10ms);
  }

 private:
  std::unique_ptr<Loop> loop_;
};

enum class Kind { simulated, byte_by_byte, epoll, io_uring };

inline std::string kind_name(const testing::TestParamInfo<Kind>& test) {
  constexpr const char* names[] = {"simulated", "byte_by_byte", "epoll", "io_uring"};
  return names[static_cast<int>(test.param)];
}

// ---- what the two sides do ----

inline Task<void> accept_raw(Listener& listener, Connected& into) { into = co_await listener.accept(); }

inline Task<void> serve_tls(Listener& listener, std::shared_ptr<const TlsServerContext> context, TimePoint deadline,
                            CancelToken token, Connected& into) {
  auto stream = co_await listener.accept();
  if (!stream) co_return;
  into = co_await accept_tls(std::move(*stream), context, deadline, token);
}

inline Task<void> connect_raw(Loop& loop, Endpoint to, TimePoint deadline, Connected& into) {
  into = co_await loop.connect(to, {}, deadline);
}

inline Task<void> dial_tls(Loop& loop, Endpoint to, std::shared_ptr<TlsClientContext> context, std::string name,
                           TimePoint deadline, Connected& into) {
  auto stream = co_await loop.connect(to, {}, deadline);
  if (!stream) {
    into = std::unexpected(stream.error());
    co_return;
  }
  into = co_await connect_tls(std::move(*stream), context, name, deadline);
}

// A client with an SSL of the test's own making. `below` gets the stream under TLS, to do mischief with.
struct CustomClient {
  SslContextPtr context{SSL_CTX_new(TLS_client_method())};
  std::shared_ptr<BIO_METHOD> method{make_pipe_method()};
  SslSessionPtr resume;
  std::string server_name = "shop.example";
  Stream* below = nullptr;
  SSL* ssl = nullptr;
};

inline Task<void> dial_custom(Loop& loop, Endpoint to, CustomClient& client, TimePoint deadline, Connected& into) {
  auto stream = co_await loop.connect(to, {}, deadline);
  if (!stream) co_return;
  SslPtr ssl(SSL_new(client.context.get()));
  SSL_set_connect_state(ssl.get());
  SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, client.server_name.data());
  if (client.resume) SSL_set_session(ssl.get(), client.resume.get());
  client.below = stream->get();
  client.ssl = ssl.get();
  auto connection =
      std::make_shared<TlsConnection>(std::move(*stream), std::move(ssl), *client.method, client.method, nullptr);
  into = co_await TlsConnection::shake_hands(std::move(connection), deadline, CancelToken());
}

inline Task<void> write_all(Stream& stream, std::string_view bytes, TimePoint deadline, Result<void>& result) {
  result = co_await stream.write(bytes, deadline);
}

inline Task<void> write_parts(Stream& stream, std::vector<std::string> parts, TimePoint deadline,
                              Result<void>& result) {
  std::vector<iovec> vectors;
  for (std::string& part : parts) vectors.push_back({part.data(), part.size()});
  result = co_await stream.write(vectors, deadline);
}

inline Task<void> finish(Stream& stream, TimePoint deadline) { co_await stream.finish_writing(deadline); }

inline Task<void> read_once(Stream& stream, TimePoint deadline, std::optional<Result<std::string>>& into) {
  auto bytes = co_await stream.read(deadline);
  if (bytes) {
    into = std::string(bytes->view());
  } else {
    into = std::unexpected(bytes.error());
  }
}

inline Task<void> read_bytes(Stream& stream, std::size_t count, TimePoint deadline, std::string& into,
                             Result<void>& result) {
  while (into.size() < count) {
    auto bytes = co_await stream.read(deadline);
    if (!bytes) {
      result = std::unexpected(bytes.error());
      co_return;
    }
    if (bytes->empty()) {
      result = fail(Errc::closed, "clean end");
      co_return;
    }
    into.append(bytes->view());
  }
}

inline Task<void> read_to_end(Stream& stream, TimePoint deadline, std::string& into, Result<void>& result) {
  while (true) {
    auto bytes = co_await stream.read(deadline);
    if (!bytes) {
      result = std::unexpected(bytes.error());
      co_return;
    }
    if (bytes->empty()) co_return;
    into.append(bytes->view());
  }
}

inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i * 7 % 26 + (i / 4096) % 3);
  return bytes;
}

class TlsTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::simulated) world = std::make_unique<SimulatedWorld>(SIZE_MAX);
    if (GetParam() == Kind::byte_by_byte) world = std::make_unique<SimulatedWorld>(1);
    if (GetParam() == Kind::epoll || GetParam() == Kind::io_uring) {
      auto loop = make_loop(system_clock, GetParam() == Kind::epoll ? Backend::epoll : Backend::io_uring);
      if (!loop && loop.error().code == Errc::unsupported) GTEST_SKIP() << loop.error().text();
      ASSERT_TRUE(loop.has_value()) << loop.error().text();
      world = std::make_unique<RealWorld>(std::move(*loop));
    }
    const bool real = world->loop().backend() != "simulated";
    auto made = world->loop().listen(*Endpoint::parse(real ? "127.0.0.1:0" : "127.0.0.1:443"), {});
    ASSERT_TRUE(made.has_value()) << made.error().text();
    listener = std::move(*made);
    server_context =
        context_of({authority.issue("DNS:shop.example,DNS:*.shop.example,IP:127.0.0.1").save(folder, "shop")});
    client_context = trusting();
  }

  void TearDown() override {
    at_client = fail(Errc::failed);
    at_server = fail(Errc::failed);
    listener.reset();
    // What a destroyed connection still had under way ends in the loop.
    if (world) world->settle();
  }

  std::shared_ptr<const TlsServerContext> context_of(const std::vector<CertificateFiles>& files,
                                                     const TlsServerContext* previous = nullptr,
                                                     const Clock* clock = nullptr) {
    auto made = make_tls_server_context(files, {"http/1.1"}, previous, clock);
    EXPECT_TRUE(made.has_value()) << made.error().text();
    return *made;
  }
  std::shared_ptr<TlsClientContext> trusting(std::vector<std::string> protocols = {"http/1.1"}) {
    auto made = make_tls_client_context({.authorities_file = authority_file, .protocols = std::move(protocols)});
    EXPECT_TRUE(made.has_value()) << made.error().text();
    return *made;
  }

  TimePoint soon() const { return world->loop().now() + 10s; }

  void run(Scope& scope) {
    ASSERT_TRUE(world->run_until([&] { return scope.running() == 0; })) << "tasks did not end";
  }

  // Both handshakes, into at_server and at_client.
  void shake_hands(const std::string& name = "shop.example") {
    Scope scope;
    scope.spawn(serve_tls(*listener, server_context, soon(), {}, at_server));
    scope.spawn(dial_tls(world->loop(), listener->local(), client_context, name, soon(), at_client));
    run(scope);
  }
  void shake_hands(CustomClient& custom) {
    Scope scope;
    scope.spawn(serve_tls(*listener, server_context, soon(), {}, at_server));
    scope.spawn(dial_custom(world->loop(), listener->local(), custom, soon(), at_client));
    run(scope);
  }
  void expect_connected() {
    ASSERT_TRUE(at_client.has_value()) << at_client.error().text();
    ASSERT_TRUE(at_server.has_value()) << at_server.error().text();
  }
  Stream& client() { return **at_client; }
  Stream& server() { return **at_server; }

  // A question and its answer, so that tickets have arrived too.
  void talk() {
    Scope scope;
    Result<void> results[4];
    std::string question, answer;
    scope.spawn(write_all(client(), "question", soon(), results[0]));
    scope.spawn(read_bytes(server(), 8, soon(), question, results[1]));
    scope.spawn(write_all(server(), "answer", soon(), results[2]));
    scope.spawn(read_bytes(client(), 6, soon(), answer, results[3]));
    run(scope);
    for (const auto& result : results) EXPECT_TRUE(result.has_value()) << result.error().text();
    EXPECT_EQ(question, "question");
    EXPECT_EQ(answer, "answer");
  }

  bool resumed_after_talk(const std::string& name = "shop.example") {
    shake_hands(name);
    if (!at_client || !at_server) {
      ADD_FAILURE() << (at_client ? at_server : at_client).error().text();
      return false;
    }
    talk();
    EXPECT_EQ(client().tls()->resumed, server().tls()->resumed);
    return client().tls()->resumed;
  }

  TestFolder folder;
  TestAuthority authority;
  std::string authority_file = folder.write("authority.pem", authority.pem());
  std::unique_ptr<World> world;
  std::unique_ptr<Listener> listener;
  std::shared_ptr<const TlsServerContext> server_context;
  std::shared_ptr<TlsClientContext> client_context;
  Connected at_client = fail(Errc::failed);
  Connected at_server = fail(Errc::failed);
};

}  // namespace tenfold::net
