#pragma once

#include <string>
#include <vector>

#include "config/serving.hpp"
#include "watch/probe/destination.hpp"

namespace tenfold::app {

// Which requests of the shop's own watch come to this edge: by a port of it, that is a listener's or the scheme's usual
// one (from which a balancer or the kernel may forward), and to a host of it, that is a name which its certificates are
// for or this machine's address. A wildcard stands for "www." alone: what else is below a shop's domain (its mail, its
// help desk) is often somebody else's. Immutable; any thread.
class OwnHosts {
 public:
  // Reads the certificates' names; a file that cannot be read has none.
  explicit OwnHosts(std::vector<config::Listener> listeners);

  // Whether a request arrives here. All of its addresses must be this machine's if its name is not ours.
  bool have(const watch::Destination& to) const { return have_port(to) && (has_name(to) || has_addresses(to)); }
  bool have_port(const watch::Destination& to) const;

 private:
  bool has_name(const watch::Destination& to) const;
  bool has_addresses(const watch::Destination& to) const;
  bool is_address_of_ours(const std::string& address, const watch::Destination& to,
                          const std::vector<std::string>& own_addresses) const;

  std::vector<config::Listener> listeners_;
  std::vector<std::string> names_;  // in lower case
};

}  // namespace tenfold::app
