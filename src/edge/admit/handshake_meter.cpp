#include "edge/admit/handshake_meter.hpp"

#include "edge/site.hpp"
#include "http/chores.hpp"

namespace tenfold::edge {

net::HandshakeWatch::Then HandshakeMeter::took(Duration cpu_time) {
  const Duration burnt = cpu_time + http::cost(http::Chore::piece);
  ended_ = site_.burnt_watch->charge(site_, client_, burnt) == http::Burning::ends;
  return ended_ ? Then::ends : Then::goes_on;
}

}  // namespace tenfold::edge
