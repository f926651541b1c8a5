#pragma once

#include <functional>
#include <utility>

#include "base/clock.hpp"
#include "http/server.hpp"
#include "net/address.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::edge {

struct Site;

// Charges a client for its TLS handshake while it goes on: for each step the processor's time that it took, and a small
// price for the wake-up. At once, not some milliseconds at a time: many connections of one client may wait in
// mid-handshake. Only where the site has a watch over what clients burn.
class HandshakeMeter final : public net::HandshakeWatch {
 public:
  HandshakeMeter(const Site& site, const net::IpAddress& client, std::function<Duration()> cpu_time)
      : site_(site), client_(client), cpu_time_(std::move(cpu_time)) {}

  // For what came first, before anything is done about it. False: the handshake is not to be begun.
  bool may_begin() { return took(Duration()) == Then::goes_on; }
  Duration cpu_time() const override { return cpu_time_(); }
  Then took(Duration cpu_time) override;
  bool ended() const { return ended_; }  // by this, not by the client

 private:
  const Site& site_;
  const net::IpAddress client_;
  const std::function<Duration()> cpu_time_;
  bool ended_ = false;
};

}  // namespace tenfold::edge
