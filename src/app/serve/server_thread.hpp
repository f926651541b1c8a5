#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/values.hpp"
#include "http/plain_server.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"

namespace tenfold::app {

// A small server with its listener, loop and thread: for the console and for providers' callbacks. Made, started and
// stopped by one thread.
class ServerThread {
 public:
  // Opens the listener. `what` names the address in errors: "console.address". Errors: invalid (not an address), and
  // those of Loop::listen.
  static Result<std::unique_ptr<ServerThread>> make(const Clock& clock, const config::HostPort& at,
                                                    std::string_view what);
  ServerThread(const ServerThread&) = delete;
  ServerThread& operator=(const ServerThread&) = delete;
  ~ServerThread();  // stopped before, if it was started

  // `first` runs on the thread before the first connection is taken. The handler must outlive stop(). Errors: exhausted
  // (no thread).
  Result<void> start(http::Handler& handler, std::function<void()> first);
  // Runs `before` on the thread, lets answers under way be finished for a second, then closes. Twice is harmless.
  using Ending = net::Task<void> (*)(void* self);
  void stop(Ending before, void* self);

  net::Loop& loop() { return *loop_; }
  const net::Endpoint& address() const { return server_->local(); }

 private:
  ServerThread(std::unique_ptr<net::Loop> loop, std::unique_ptr<http::PlainServer> server)
      : loop_(std::move(loop)), server_(std::move(server)) {}
  net::Task<void> end(Ending before, void* self);

  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<http::PlainServer> server_;
  net::Scope scope_;
  std::thread thread_;
};

}  // namespace tenfold::app
