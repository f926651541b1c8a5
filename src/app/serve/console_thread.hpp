#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/serve/server_thread.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "console/console.hpp"

namespace tenfold::app {

// The console on a thread of its own. Made, started and stopped by one thread.
class ConsoleThread {
 public:
  // Opens the listener. What the sources refer to must outlive it. Errors: those of ServerThread::make.
  // The configuration names a console.
  static Result<std::unique_ptr<ConsoleThread>> make(const Clock& clock, const config::Replaceable& live,
                                                     console::Sources sources);
  ConsoleThread(const ConsoleThread&) = delete;
  ConsoleThread& operator=(const ConsoleThread&) = delete;
  ~ConsoleThread();  // stops it if need be

  Result<void> start();  // errors: exhausted (no thread)
  // Lets answers under way be finished for a second, then closes.
  void stop();

  const net::Endpoint& address() const { return server_->address(); }

 private:
  ConsoleThread(std::unique_ptr<ServerThread> server, console::Sources sources, console::Console::Options options);

  std::unique_ptr<ServerThread> server_;
  console::Console console_;
};

}  // namespace tenfold::app
