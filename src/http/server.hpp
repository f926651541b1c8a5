#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "http/chores.hpp"
#include "http/exchange.hpp"
#include "http/server_limits.hpp"
#include "net/cancel.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"

namespace tenfold::http {

using namespace std::chrono_literals;

struct ServerMetrics {
  Counter connections;  // accepted
  Gauge open_connections;
  Counter requests;      // heads received whole and well-formed
  Counter bad_requests;  // refused by the parser: 4xx and closed
  Counter timeouts;      // slow heads and bodies (408)
  Counter held_back;     // requests that waited until their client had taken earlier answers
  Counter slow_readers;  // reset: the client did not take the answer in time
  Counter displaced;     // closed while nothing of a request had come, to make place for another connection
};

// Shuts connections down gracefully, in two steps: first every answer is its connection's last and says so; then those
// that are still idle are closed. A request that crosses the closing of an idle connection is lost to its client, so
// some time between the two lets busy clients move away.
class DrainSignal {
 public:
  bool draining() const { return draining_; }
  void last_answers() { draining_ = true; }
  // Closes idle connections at once, busy ones after the answer under way.
  void drain() {
    draining_ = true;
    source_.cancel();
  }
  net::CancelToken token() { return source_.token(); }

 private:
  bool draining_ = false;
  net::CancelSource source_;
};

// The pages that the connection itself answers with (400, 408, 413 and the like), for a shop that wants its own.
class ErrorPages {
 public:
  virtual ~ErrorPages() = default;
  // An HTML document. `explanation` is a sentence for people, in English.
  virtual std::string page(int status, std::string_view explanation) const = 0;
};

// Told what clients' connections do, on their loop's thread; for whoever measures clients. Each call has an empty
// default. A connection without an observer costs a test of a pointer.
class ConnectionObserver {
 public:
  // One connection, for as long as it is open. `mine` is the observer's, who sets it when the connection is accepted.
  struct Subject {
    net::Endpoint peer = {};                   // the other end; a balancer's, where PROXY protocol is spoken
    std::optional<net::Endpoint> client = {};  // as PROXY protocol says; empty: the peer itself, or not read yet
    TimePoint accepted_at{};
    void* mine = nullptr;
  };
  virtual ~ConnectionObserver() = default;
  virtual void accepted(Subject&) {}
  // TLS is spoken from here on; never for plain HTTP.
  virtual void handshake_done(Subject&, const net::TlsInfo&) {}
  // A request's head is here whole and well-formed; began: its first byte.
  virtual void head_complete(Subject&, const RequestHead&, TimePoint began) { static_cast<void>(began); }
  // The same request's body is here to its end; at once where it has none.
  virtual void body_complete(Subject&, std::uint64_t bytes) { static_cast<void>(bytes); }
  // The last call. A request whose head was told and whose body was not has broken off.
  virtual void closed(Subject&) {}
};

namespace http1 {
class SharedByConnections;
}

// What a connection needs besides its stream; must outlive it. One for each loop.
struct ServerContext {
  Handler& handler;
  const ServerLimits& limits;
  ServerMetrics& metrics;
  DrainSignal& drain;
  const ErrorPages* error_pages = nullptr;  // null: plain pages of our own
  ConnectionObserver* observer = nullptr;   // null: nobody looks
  // Told of a client whose request never came whole: a head that was begun, or a body that came too slowly. Costs
  // nobody else anything, who is not observed.
  std::function<void(const net::Endpoint& client)> half_sent = {};
  // Told what chores (Chore) a connection had, a few milliseconds of them at a time, and at its end.
  std::function<Burning(const net::Endpoint& client, Duration burnt)> burnt = {};

  // Belongs to serve_http1(), which makes it: the Date line, the exchanges that wait for their next request, and the
  // connections that are idle.
  std::shared_ptr<http1::SharedByConnections> http1 = nullptr;
};

// Who the client is as the PROXY header says; null: the peer itself. Apart, since few of many idle connections have
// one.
using ToldClient = std::unique_ptr<const net::Endpoint>;

// Serves HTTP/1.x on the stream until either side ends it. `already_read` are bytes that were read before.
// `subject`: whom the context's observer is told of; null: it is told nothing. Must outlive the task.
net::Task<void> serve_http1(std::unique_ptr<net::Stream> stream, ServerContext& context, ToldClient client = {},
                            net::Buffer already_read = {}, ConnectionObserver::Subject* subject = nullptr);

// ---- making place at a bound of connections ----

// How long a connection must have been idle before another may take its place. A visitor's first bytes come right
// behind the connection, and once more within a second where they are lost: nobody is displaced who was about to ask.
// Whoever would keep all others out with connections that are younger must open as many as the bound in each second.
inline constexpr Duration shortest_idle_displaced = 1s;

// Of those whose turn it is: since when that connection waits for a request which has waited longest without a byte of
// it; empty: none does.
std::optional<TimePoint> longest_idle_since(const ServerContext& context, IdleTurn turn = IdleTurn::first);
// Closes that connection as if its time were up, and counts it as displaced. There must be one. Its task has ended when
// this returns.
void close_longest_idle(ServerContext& context, IdleTurn turn = IdleTurn::first);

}  // namespace tenfold::http
