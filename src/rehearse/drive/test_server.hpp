#pragma once

// Servers on loopback for the driver's tests, each on a thread of its own.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "http/plain_server.hpp"
#include "net/scope.hpp"
#include "rehearse/record/run_record.hpp"

namespace tenfold::rehearse {

inline const SystemClock test_clock;

// Plays again until it was played on time: while this machine stands still requests heap up, and need more connections
// and time than the server makes them need.
template <class Play>
RunRecord on_time(const Play& play) {
  constexpr int most_tries = 30;
  RunRecord record = play();
  for (int tries = 1; record.total.late != 0 && tries < most_tries; ++tries) record = play();
  return record;
}

// Runs something on a loop on a thread of its own until it is destroyed.
class TestThread {
 public:
  explicit TestThread(net::Backend backend = net::Backend::automatic)
      : loop_(std::move(*net::make_loop(test_clock, backend))) {}
  net::Loop& loop() { return *loop_; }
  void start() {
    thread_ = std::thread([this] { loop_->run(); });
  }
  // On the loop's thread, and waits for it.
  void call(std::function<void()> function) {
    std::atomic<bool> done = false;
    loop_->post([&] {
      function();
      done = true;
      done.notify_all();
    });
    done.wait(false);
  }
  void stop() {
    if (!thread_.joinable()) return;
    loop_->stop();
    thread_.join();
  }
  ~TestThread() { stop(); }

 private:
  std::unique_ptr<net::Loop> loop_;
  std::thread thread_;
};

// An http::PlainServer with the test's handler.
class TestServer {
 public:
  explicit TestServer(http::Handler& handler, std::string_view address = "127.0.0.1:0",
                      http::PlainServer::Options options = {}) {
    auto made = http::PlainServer::listen(thread_.loop(), *net::Endpoint::parse(address), options);
    if (!made) std::abort();
    server_ = std::move(*made);
    server_->serve(handler);
    thread_.start();
  }
  ~TestServer() {
    std::atomic<bool> done = false;
    thread_.loop().post([&] { scope_.spawn(end(done)); });
    done.wait(false);
    thread_.call([this] { server_.reset(); });
    thread_.stop();
  }
  std::string url(std::string_view path = "/") const { return "http://" + server_->local().text() + std::string(path); }
  const net::Endpoint& local() const { return server_->local(); }
  const http::ServerMetrics& metrics() const { return server_->metrics(); }

 private:
  net::Task<void> end(std::atomic<bool>& done) {
    co_await server_->abort();
    done = true;
    done.notify_all();
  }

  TestThread thread_;
  std::unique_ptr<http::PlainServer> server_;
  net::Scope scope_;
};

// Speaks whatever the test wants: `serve` is run for each connection, which is closed when it ends.
class RawServer {
 public:
  using Serve = net::Task<void> (*)(net::Stream& stream, int number);

  explicit RawServer(Serve serve) : serve_(serve) {
    listener_ = std::move(*thread_.loop().listen(*net::Endpoint::parse("127.0.0.1:0"), {}));
    local_ = listener_->local();
    scope_.spawn(accept_all());
    thread_.start();
  }
  ~RawServer() {
    thread_.call([this] {
      listener_->stop();
      for (net::Stream* stream : open_) stream->cancel();
    });
    while (running() > 0) std::this_thread::yield();
    thread_.call([this] { listener_.reset(); });
    thread_.stop();
  }
  std::string url(std::string_view path = "/") const { return "http://" + local_.text() + std::string(path); }
  int connections() const { return connections_; }

 private:
  std::size_t running() {
    std::size_t count = 0;
    thread_.call([&] { count = scope_.running(); });
    return count;
  }
  net::Task<void> accept_all() {
    while (true) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      scope_.spawn(serve_one(std::move(*stream), connections_++));
    }
  }
  net::Task<void> serve_one(std::unique_ptr<net::Stream> stream, int number) {
    open_.push_back(stream.get());
    co_await serve_(*stream, number);
    std::erase(open_, stream.get());
  }

  Serve serve_;
  TestThread thread_;
  std::unique_ptr<net::Listener> listener_;
  net::Endpoint local_;
  net::Scope scope_;
  std::vector<net::Stream*> open_;
  std::atomic<int> connections_ = 0;
};

}  // namespace tenfold::rehearse
