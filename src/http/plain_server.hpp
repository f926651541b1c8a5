#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/exchange.hpp"
#include "http/server.hpp"
#include "net/intrusive_list.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"

namespace tenfold::http {

// Serves one handler on one address in clear text: for the console, the demo shop and servers in tests. The edge has
// listeners of its own, with TLS and PROXY protocol. Lives on one loop's thread.
class PlainServer {
 public:
  struct Options {
    ServerLimits limits = {};
    // Past it a new one takes the place of that which has been idle for longest (shortest_idle_displaced at least), and
    // waits until there is such a one or another ends; those behind it wait in the kernel's backlog.
    std::size_t most_connections = 10'000;
    net::ListenOptions listen = {};
  };

  // Listens, but takes no connection before serve(): local() tells the address for port 0.
  // Errors: as Loop::listen.
  static Result<std::unique_ptr<PlainServer>> listen(net::Loop& loop, const net::Endpoint& at, Options options);

  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;
  // Only before serve(), after finish() returned `all`, or after abort().
  ~PlainServer() = default;

  const net::Endpoint& local() const { return listener_->local(); }
  const ServerMetrics& metrics() const { return metrics_; }

  // Starts to accept. The handler must outlive abort(). Call once.
  void serve(Handler& handler);

  enum class Finished : std::uint8_t { all, some_left };
  // Stops accepting, lets the answers under way be finished, closes idle connections; returns when none is left or at
  // the deadline.
  net::Task<Finished> finish(TimePoint deadline);
  // Closes whatever is left and returns when every handler has: those must not wait for anything that never comes.
  net::Task<void> abort();

 private:
  struct Connection : net::ListNode {
    explicit Connection(net::Stream& of) : stream(of) {}
    net::Stream& stream;
  };

  PlainServer(net::Loop& loop, std::unique_ptr<net::Listener> listener, Options options)
      : loop_(loop), options_(options), listener_(std::move(listener)) {}

  net::Task<void> accept_all();
  bool displace_one();  // false: none has been idle for long enough
  net::Task<Result<void>> find_place();
  net::Task<void> serve_one(std::unique_ptr<net::Stream> stream);

  net::Loop& loop_;
  Options options_;
  std::unique_ptr<net::Listener> listener_;
  ServerMetrics metrics_;
  DrainSignal drain_;
  std::unique_ptr<ServerContext> context_;
  net::IntrusiveList<Connection> connections_;
  std::size_t open_ = 0;
  net::Event one_ended_;
  net::Scope scope_;
};

}  // namespace tenfold::http
