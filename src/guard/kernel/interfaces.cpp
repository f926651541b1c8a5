#include "guard/kernel/interfaces.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

namespace tenfold::guard::kernel {

namespace {

using InterfaceKind = Interface::Kind;

bool is_any(const net::IpAddress& address) { return address == net::IpAddress() || address == net::IpAddress::v4(0); }

// Names of the interfaces of default routes, as proc(5) and the kernel's ipv6_route list them.
std::set<std::string> default_routes() {
  std::set<std::string> names;
  std::ifstream v4("/proc/net/route");
  for (std::string line; std::getline(v4, line);) {
    std::istringstream fields(line);
    std::string name, destination, gateway, flags, references, use, metric, mask;
    if (!(fields >> name >> destination >> gateway >> flags >> references >> use >> metric >> mask)) continue;
    if (destination == "00000000" && mask == "00000000") names.insert(name);
  }
  std::ifstream v6("/proc/net/ipv6_route");
  for (std::string line; std::getline(v6, line);) {
    std::istringstream fields(line);
    std::string destination, bits, source, source_bits, hop, metric, references, use, flags, name;
    if (!(fields >> destination >> bits >> source >> source_bits >> hop >> metric >> references >> use >> flags >>
          name)) {
      continue;
    }
    if (bits == "00" && destination.find_first_not_of('0') == std::string::npos && name != "lo") names.insert(name);
  }
  return names;
}

Interface& interface_named(std::vector<Interface>& all, const ifaddrs& entry) {
  const auto found = std::ranges::find(all, entry.ifa_name, &Interface::name);
  if (found != all.end()) return *found;
  Interface& made = all.emplace_back();
  made.name = entry.ifa_name;
  made.index = ::if_nametoindex(entry.ifa_name);
  made.is_up = (entry.ifa_flags & IFF_UP) != 0;
  made.kind = (entry.ifa_flags & IFF_LOOPBACK) != 0 ? InterfaceKind::loopback : InterfaceKind::other;
  return made;
}

void learn(Interface& interface, const sockaddr& address) {
  sockaddr_storage storage{};
  switch (address.sa_family) {
    case AF_PACKET: {
      sockaddr_ll link{};
      std::memcpy(&link, &address, sizeof link);
      if (link.sll_hatype == ARPHRD_ETHER) interface.kind = InterfaceKind::ethernet;
      return;
    }
    case AF_INET: std::memcpy(&storage, &address, sizeof(sockaddr_in)); break;
    case AF_INET6: std::memcpy(&storage, &address, sizeof(sockaddr_in6)); break;
    default: return;
  }
  interface.addresses.push_back(net::Endpoint::from(storage).address);
}

}  // namespace

Result<std::vector<Interface>> read_interfaces() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return std::unexpected(system_error(errno, "listing network interfaces"));
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owned(list, &::freeifaddrs);
  std::vector<Interface> all;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    Interface& interface = interface_named(all, *entry);
    if (entry->ifa_addr != nullptr) learn(interface, *entry->ifa_addr);
  }
  const std::set<std::string> routes = default_routes();
  for (Interface& each : all) each.has_default_route = routes.contains(each.name);
  return all;
}

bool is_public(std::span<const net::Endpoint> listeners) {
  return std::ranges::any_of(listeners, [](const net::Endpoint& each) { return !each.address.is_loopback(); });
}

std::vector<Interface> serving(std::span<const Interface> all, std::span<const net::Endpoint> listeners) {
  const bool everywhere = std::ranges::any_of(listeners, [](const auto& each) { return is_any(each.address); });
  const auto can_serve = [](const Interface& each) {
    return each.is_up && each.kind != InterfaceKind::loopback && !each.addresses.empty();
  };
  const bool any_route =
      std::ranges::any_of(all, [&](const auto& each) { return can_serve(each) && each.has_default_route; });
  std::vector<Interface> found;
  for (const Interface& each : all) {
    if (!can_serve(each)) continue;
    const bool named = std::ranges::any_of(listeners, [&](const net::Endpoint& listener) {
      return std::ranges::find(each.addresses, listener.address) != each.addresses.end();
    });
    if (named || (everywhere && (each.has_default_route || !any_route))) found.push_back(each);
  }
  return found;
}

}  // namespace tenfold::guard::kernel
