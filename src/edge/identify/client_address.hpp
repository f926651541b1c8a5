#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "http/message.hpp"
#include "net/address.hpp"

namespace tenfold::edge {

enum class Scheme : std::uint8_t { http, https };

// Who vouches for the client's address.
enum class ClientSource : std::uint8_t {
  connection,     // it is the peer's own address
  trusted_proxy,  // a trusted proxy named it
};

// What the client has shown about itself.
enum class Credential : std::uint8_t {
  none,
  rehearsal,  // ours: it is good
};

struct ClientFacts {
  net::IpAddress address;
  std::uint16_t port = 0;  // 0: the proxy did not tell
  ClientSource source = ClientSource::connection;
  Scheme scheme = Scheme::http;  // how the client spoke to the first proxy, or to us
  Credential credential = Credential::none;
};

// The same for all addresses that one client can choose from: an IPv4 address, or an IPv6 /64. Never 0.
std::uint64_t client_label(const net::IpAddress& address);

// The addresses of proxies that are believed: a sorted table of disjoint ranges. Immutable.
class TrustedNetworks {
 public:
  TrustedNetworks() = default;  // nobody is trusted
  explicit TrustedNetworks(std::span<const net::IpNetwork> networks);

  bool empty() const { return ranges_.empty(); }
  bool contains(const net::IpAddress& address) const;  // O(log n), no allocation

 private:
  struct Range {
    net::IpAddress first;
    net::IpAddress last;  // included
  };
  std::vector<Range> ranges_;
};

// At most so many elements of X-Forwarded-For or Forwarded are looked at, from the right; the address found by then
// stands.
inline constexpr int longest_proxy_chain = 32;

// The addresses that the believed proxies named, the one nearest to us first; the last is the client's. Empty when no
// proxy named any.
struct ProxyChain {
  std::array<net::IpAddress, longest_proxy_chain> hops;
  int length = 0;
};

namespace detail {
ClientFacts facts_from_proxy(const TrustedNetworks& trusted, const net::Endpoint& peer, Scheme connection,
                             const http::Headers& headers, ProxyChain& chain);
}

// Who the client is. `peer`: the connection's other end (or as PROXY protocol says); `connection`: whether it came over
// TLS. The headers count only if the peer is trusted: X-Forwarded-For, else Forwarded (RFC 7239), is followed from the
// right for as long as its addresses are trusted ones; the first that is not is the client. An element that does not
// tell an address (malformed, "unknown", obfuscated) ends the walk, and the trusted proxy that wrote it stands for the
// client. The scheme is what the proxy that saw the client says in X-Forwarded-Proto or in Forwarded's proto. `chain`
// gets the addresses on the way there if the peer is trusted.
inline ClientFacts client_facts(const TrustedNetworks& trusted, const net::Endpoint& peer, Scheme connection,
                                const http::Headers& headers, std::optional<ProxyChain>& chain) {
  if (trusted.empty() || !trusted.contains(peer.address)) {
    return {peer.address, peer.port, ClientSource::connection, connection};
  }
  return detail::facts_from_proxy(trusted, peer, connection, headers, chain.emplace());
}
inline ClientFacts client_facts(const TrustedNetworks& trusted, const net::Endpoint& peer, Scheme connection,
                                const http::Headers& headers) {
  std::optional<ProxyChain> chain;
  return client_facts(trusted, peer, connection, headers, chain);
}

}  // namespace tenfold::edge
