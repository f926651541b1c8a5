#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "app/wiring/own_hosts.hpp"
#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/siphash.hpp"
#include "config/config.hpp"

namespace tenfold::app {

// As whom the shop's own watch comes to its shield: a customer of earlier days. As a stranger it would be challenged in
// a siege, and call down a shop that serves its customers. It goes to this edge alone (OwnHosts). Whoever gets hold of
// one takes a customer's budget and no more, from a few networks only (guard/token/id_watch), for as long as a
// first-seen cookie lives; the watch is another customer within the hour, and at once when it is refused.
class WatchPass {
 public:
  // secret: what this process's guard signs with; empty: there is none that would know the watch.
  WatchPass(const Clock& clock, std::string secret);

  // Where this edge listens, and whether there is a guard at all. Without one no cookie is sent: before another edge it
  // would change what is seen. Until then none is. Reads the certificates' files.
  void follow(const config::Replaceable& live);
  // "tenfold_seen=...", signed now; empty: none is to be sent there. Any thread.
  std::string cookie(const watch::Destination& to) const;
  // Another id from now on: others may have used up the budget of this one, or had it revoked. Any thread.
  void draw_id();

 private:
  std::uint64_t id_at(WallTime now) const;

  const Clock& clock_;
  const std::string secret_;
  const SipKey ids_;
  std::atomic<std::uint32_t> drawn_{0};
  Guarded<std::shared_ptr<const OwnHosts>> hosts_;  // null: there is no guard
};

}  // namespace tenfold::app
