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
  Tunnel(net::Stream& client, net::Stream& origin, Duration its_idle, MayGoOn may_go_on, CallWhenAsked call_when_asked,
         ClientReads client_reads)
      : idle(its_idle),
        last_moved(client.loop().now()),
        client_(client),
        origin_(origin),
        may_go_on_(std::move(may_go_on)),
        call_when_asked_(std::move(call_when_asked)),
        client_reads_(std::move(client_reads)),
        pace_(last_moved) {
    client.loop().timers().arm(look_, last_moved + every);
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

  // So many bytes came from that side. False: no more are to be carried.
  bool note_read(const net::Stream& from, std::size_t bytes) {
    last_moved = from.loop().now();
    carried_bytes_ += bytes;
    if (&from != &client_ || client_reads_() == http::Burning::may_go_on) return true;
    end_ = TunnelEnd::burnt;
    return false;
  }
  TunnelEnd end() const { return end_; }

 private:
  static constexpr Duration every = std::chrono::seconds(1);
  static void on_time(void* self) { static_cast<Tunnel*>(self)->on_second(); }
  void on_second() {
    net::Loop& loop = client_.loop();
    pace_.look(loop.now(), carried_bytes_);
    if (may_go_on_(pace_.so_far())) return loop.timers().arm(look_, loop.now() + every);
    end_ = TunnelEnd::not_kept;
    bool gone = false;
    gone_ = &gone;
    client_.cancel();  // the tunnel's end, perhaps
    if (!gone) origin_.cancel();
  }

  net::Stream& client_;
  net::Stream& origin_;
  const MayGoOn may_go_on_;
  const CallWhenAsked call_when_asked_;
  const ClientReads client_reads_;
  std::uint64_t carried_bytes_ = 0;
  Pace pace_;
  net::Timer look_{&on_time, this};
  TunnelEnd end_ = TunnelEnd::of_itself;
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
    if (!tunnel.note_read(from, bytes->size())) break;
    const net::WriteLimit limit(no_deadline, tunnel.idle);
    auto wrote = co_await to.write(bytes->view(), limit);
    if (!wrote) break;
  }
  from.cancel();
  to.cancel();
}

}  // namespace

net::Task<TunnelEnd> carry_both_ways(net::Stream& client, net::Stream& origin, Duration idle, MayGoOn may_go_on,
                                     CallWhenAsked call_when_asked, ClientReads client_reads) {
  Tunnel tunnel(client, origin, idle, std::move(may_go_on), std::move(call_when_asked), std::move(client_reads));
  net::Scope scope;
  scope.spawn(carry(client, origin, tunnel));
  scope.spawn(carry(origin, client, tunnel));
  co_await scope.drain();
  co_return tunnel.end();
}

}  // namespace tenfold::edge
