#include "watch/probe/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace tenfold::watch {
namespace {

bool is_link_local(const Address& address) {
  if (address.family() != AF_INET6) return false;
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  return IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
}

bool is_ip(const ifaddrs* entry) {
  return entry->ifa_addr != nullptr &&
         (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6);
}

Address address_of(const ifaddrs* entry) {
  const auto size = entry->ifa_addr->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  return Address::of(entry->ifa_addr, static_cast<socklen_t>(size));
}

}  // namespace

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  const void* const bytes = family() == AF_INET6
                                ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr)
                                : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr);
  return size != 0 && inet_ntop(family(), bytes, out.data(), out.size()) != nullptr ? out.data() : "";
}

std::string Address::text_in_url() const { return family() == AF_INET6 ? "[" + text() + "]" : text(); }

void Address::set_port(std::uint16_t port) {
  if (family() == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);
  }
}

Address Address::of(const sockaddr* address, socklen_t size) {
  Address out;
  out.size = std::min<socklen_t>(size, sizeof out.storage);
  std::memcpy(&out.storage, address, out.size);
  return out;
}

std::optional<Address> Address::parse(const std::string& text) {
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const std::string bare = bracketed ? text.substr(1, text.size() - 2) : text;
  Address out;
  if (auto* const v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
      !bracketed && inet_pton(AF_INET, bare.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    out.size = sizeof *v4;
    return out;
  }
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (inet_pton(AF_INET6, bare.c_str(), &v6->sin6_addr) != 1) return std::nullopt;
  v6->sin6_family = AF_INET6;
  out.size = sizeof *v6;
  return out;
}

// Connecting a datagram socket asks the routing table, and nobody else.
std::optional<Address> source_towards(const Address& address) {
  const int descriptor = ::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::nullopt;
  Address target = address;
  target.set_port(9);
  Address source;
  source.size = sizeof source.storage;
  const bool found = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&target.storage), target.size) == 0 &&
                     ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&source.storage), &source.size) == 0;
  ::close(descriptor);
  return found ? std::optional(source) : std::nullopt;
}

std::optional<Address> other_source_beside(const Address& source) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  const char* interface = nullptr;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (is_ip(entry) && address_of(entry) == source) interface = entry->ifa_name;
  }
  if (interface == nullptr) return std::nullopt;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (!is_ip(entry) || std::strcmp(entry->ifa_name, interface) != 0) continue;
    const Address other = address_of(entry);
    if (other.family() == source.family() && !(other == source) && !is_link_local(other)) return other;
  }
  return std::nullopt;
}

std::string text_with_port(const Address& address, std::uint16_t port) {
  return fmt::format("{}:{}", address.text_in_url(), port);
}

}  // namespace tenfold::watch
