#include "edge/relay/tunnel.hpp"

#include <chrono>
#include <utility>

#include "edge/pace.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"
#include "net/timers.hpp"

namespace tenfold::edge {

namespace {

class Tunnel {
 public:
  Tunnel(net::Stream& a, net::Stream& b, Duration its_idle, MayGoOn may_go_on, CallWhenAsked call_when_asked)
      : idle(its_idle),
        last_moved(a.loop().now()),
        a_(a),
        b_(b),
        may_go_on_(std::move(may_go_on)),
        call_when_asked_(std::move(call_when_asked)),
        pace_(last_moved) {
    a.loop().timers().arm(look_, last_moved + every);
    call_when_asked_(&on_time, this);
  }
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;
  ~Tunnel() {
    call_when_asked_(nullptr, nullptr);
    if (gone_ != nullptr) *gone_ = true;
  }

  const Duration idle;
  TimePoint last_moved;
  std::uint64_t carried_bytes = 0;

  bool ended() const { return ended_; }

 private:
  static constexpr Duration every = std::chrono::seconds(1);
  static void on_time(void* self) { static_cast<Tunnel*>(self)->on_second(); }
  void on_second() {
    net::Loop& loop = a_.loop();
    pace_.look(loop.now(), carried_bytes);
    if (may_go_on_(pace_.so_far())) return loop.timers().arm(look_, loop.now() + every);
    ended_ = true;
    bool gone = false;
    gone_ = &gone;
    a_.cancel();  // the tunnel's end, perhaps
    if (!gone) b_.cancel();
  }

  net::Stream& a_;
  net::Stream& b_;
  const MayGoOn may_go_on_;
  const CallWhenAsked call_when_asked_;
  Pace pace_;
  net::Timer look_{&on_time, this};
  bool ended_ = false;
  bool* gone_ = nullptr;
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
    tunnel.carried_bytes += bytes->size();
    const net::WriteLimit limit(no_deadline, tunnel.idle);
    auto wrote = co_await to.write(bytes->view(), limit);
    if (!wrote) break;
  }
  from.cancel();
  to.cancel();
}

}  // namespace

net::Task<bool> carry_both_ways(net::Stream& a, net::Stream& b, Duration idle, MayGoOn may_go_on,
                                CallWhenAsked call_when_asked) {
  Tunnel tunnel(a, b, idle, std::move(may_go_on), std::move(call_when_asked));
  net::Scope scope;
  scope.spawn(carry(a, b, tunnel));
  scope.spawn(carry(b, a, tunnel));
  co_await scope.drain();
  co_return !tunnel.ended();
}

}  // namespace tenfold::edge
