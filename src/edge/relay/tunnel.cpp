#include "edge/relay/tunnel.hpp"

#include "net/loop.hpp"
#include "net/scope.hpp"

namespace tenfold::edge {

namespace {

struct Tunnel {
  TimePoint last_moved;
  Duration idle;
};

// One direction. A direction that breaks ends the other; one that ends well only finishes writing.
net::Task<void> carry(net::Stream& from, net::Stream& to, Tunnel& tunnel) {
  net::Loop& loop = from.loop();
  while (true) {
    auto bytes = co_await from.read(tunnel.last_moved + tunnel.idle);
    if (!bytes && bytes.error().code == Errc::timed_out && loop.now() < tunnel.last_moved + tunnel.idle) {
      continue;  // the other direction has moved meanwhile
    }
    if (!bytes) break;
    if (bytes->empty()) {
      co_await to.finish_writing(loop.now() + tunnel.idle);
      co_return;
    }
    tunnel.last_moved = loop.now();
    const net::WriteLimit limit(no_deadline, tunnel.idle);
    auto wrote = co_await to.write(bytes->view(), limit);
    if (!wrote) break;
  }
  from.cancel();
  to.cancel();
}

}  // namespace

net::Task<void> carry_both_ways(net::Stream& a, net::Stream& b, Duration idle) {
  Tunnel tunnel{a.loop().now(), idle};
  net::Scope scope;
  scope.spawn(carry(a, b, tunnel));
  scope.spawn(carry(b, a, tunnel));
  co_await scope.drain();
}

}  // namespace tenfold::edge
