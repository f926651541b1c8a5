#include "edge/relay/wanted.hpp"

namespace tenfold::edge {

Wanted::Wanted(net::Loop& loop, net::CancelToken client_left, const cache::Fill& fill) : loop_(loop), fill_(fill) {
  // Whoever is called to take a fetch over may have left meanwhile.
  if (client_left.cancelled()) {
    look();
  } else {
    client_left_.attach(client_left);
  }
}

void Wanted::answering() {
  client_left_.detach();
  next_look_.cancel();
}

void Wanted::look() {
  if (source_.cancelled()) return;
  if (fill_.awaited()) {
    loop_.timers().arm(next_look_, loop_.now() + look_every);
    return;
  }
  next_look_.cancel();
  source_.cancel();  // may end whoever owns this
}

}  // namespace tenfold::edge
