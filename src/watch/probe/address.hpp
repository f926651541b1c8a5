#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace tenfold::watch {

// An IP address without a port, as sockets take it.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }  // AF_INET or AF_INET6
  std::string text() const;                         // "192.0.2.1", "2001:db8::1"
  std::string text_in_url() const;                  // "192.0.2.1", "[2001:db8::1]"
  void set_port(std::uint16_t port);
  bool operator==(const Address& other) const { return text() == other.text(); }

  static Address of(const sockaddr* address, socklen_t size);
  // "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; nothing: a name.
  static std::optional<Address> parse(const std::string& text);
};

// Our own address from which the kernel would send there; nothing: no route. Sends nothing.
std::optional<Address> source_towards(const Address& address);

// Another address of the interface that has `source`, of the same family, that is not link-local.
std::optional<Address> other_source_beside(const Address& source);

// "192.0.2.1:80", "[2001:db8::1]:80"
std::string text_with_port(const Address& address, std::uint16_t port);

}  // namespace tenfold::watch
