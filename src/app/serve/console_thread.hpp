#pragma once

#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/guarding.hpp"
#include "console/console.hpp"
#include "http/plain_server.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"

namespace tenfold::app {

// The console with its listener, loop and thread. Made, started and stopped by one thread.
class ConsoleThread {
 public:
  // Opens the listener. What the sources refer to must outlive it. Errors: those of Loop::listen.
  static Result<std::unique_ptr<ConsoleThread>> make(const Clock& clock, const config::Console& options,
                                                     console::Sources sources);
  ConsoleThread(const ConsoleThread&) = delete;
  ConsoleThread& operator=(const ConsoleThread&) = delete;
  ~ConsoleThread();  // stops it if need be

  void start();
  // Lets answers under way be finished for a second, then closes.
  void stop();

  const net::Endpoint& address() const { return server_->local(); }

 private:
  ConsoleThread(std::unique_ptr<net::Loop> loop, std::unique_ptr<http::PlainServer> server, console::Sources sources,
                console::Console::Options options);
  net::Task<void> end();

  std::unique_ptr<net::Loop> loop_;
  console::Console console_;
  std::unique_ptr<http::PlainServer> server_;
  net::Scope scope_;
  std::thread thread_;
};

}  // namespace tenfold::app
