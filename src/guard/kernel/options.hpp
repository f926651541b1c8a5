#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/address.hpp"

namespace tenfold::guard::kernel {

enum class Choice : std::uint8_t {
  automatic,  // XDP, else nftables
  xdp,
  nftables,
};

struct KernelOptions {
  Choice choice = Choice::automatic;
  // For XDP. Empty: those of the listeners' addresses; where a listener has all addresses, those of the default routes.
  std::vector<std::string> interfaces = {};
  // Only TCP to their ports is ever dropped. Those on loopback need nothing.
  std::vector<net::Endpoint> listeners = {};
  std::vector<net::IpNetwork> allowed = {};
  // What is kept in the file system of BPF must be taken away by this user, if the process becomes another.
  std::optional<uid_t> runs_as = {};
};

}  // namespace tenfold::guard::kernel
