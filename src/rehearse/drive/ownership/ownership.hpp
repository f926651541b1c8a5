#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/task.hpp"
#include "net/tls/tls.hpp"
#include "rehearse/drive/target.hpp"

namespace tenfold::rehearse {

// 127.0.0.0/8 and ::1, also as IPv4-mapped IPv6. Nothing else.
bool is_loopback(const net::IpAddress& address);

// This installation's key: 32 random bytes in a file that only its owner may read; made when it is not there.
// Errors: refused, failed, invalid (readable by others, or not a key).
Result<std::string> installation_key(const std::string& file);

// What <origin>/.well-known/tenfold-verify.txt must hold, on a line of its own: "tenfold-verify=" and 64 hex digits,
// HMAC-SHA256 of "verify:<host>" under the key. The host is lower case, without port.
std::string ownership_token(std::string_view key, std::string_view host);

// An address that may be driven: the driver connects to nothing else, since only prove() makes them. It holds for
// ownership_period, or for ever on loopback.
class ProvenAddress {
 public:
  const net::Endpoint& endpoint() const { return endpoint_; }
  TimePoint good_until() const { return good_until_; }

 private:
  friend class Ownership;
  ProvenAddress(net::Endpoint endpoint, TimePoint good_until) : endpoint_(endpoint), good_until_(good_until) {}
  net::Endpoint endpoint_;
  TimePoint good_until_;
};

inline constexpr Duration ownership_period = std::chrono::seconds(60);

// What a name stands for now, all of it proven.
struct Proof {
  std::vector<ProvenAddress> addresses;  // not empty
  TimePoint look_again;                  // prove again by then: the name's TTL is over, or some proof soon is
};

// Proves that a target may be driven (DESIGN.md, section 3, "Ownership"): at every address, by reading the file there,
// redirects refused. There is no way around it in this class or in its users. One thread only.
class Ownership {
 public:
  Ownership(net::Loop& loop, net::Resolver& resolver, std::string key);
  // Resolves the host and reads the token at each address that this one did not prove in the last 40 seconds. Loopback
  // addresses need no token if all are such. Addresses to which this machine has no route are left out if others are
  // proven; of more than 32, those past the first 32 are left out.
  // Errors: refused, with the address, what was found there and what to put where; failed (of the TLS handshake or the
  // certificate); busy (the server answers 429 or 5xx there), unreachable, timed_out (of the name, or nobody answers at
  // an address): these say nothing about ownership.
  net::Task<Result<Proof>> prove(Target target, std::shared_ptr<net::TlsClientContext> tls, TimePoint deadline);

 private:
  struct Known {
    std::string origin;
    net::Endpoint endpoint;
    TimePoint good_until;
  };
  static constexpr std::size_t most_addresses = 32;
  static constexpr std::size_t most_known = 256;  // past it, the oldest are forgotten and read again

  net::Task<Result<TimePoint>> prove_one(const Target& target, net::Endpoint endpoint,
                                         std::shared_ptr<net::TlsClientContext> tls, TimePoint deadline);
  net::Task<Result<Proof>> prove_all(const Target& target, net::Resolution resolution,
                                     std::shared_ptr<net::TlsClientContext> tls, TimePoint deadline);
  const Known* find_known(const Target& target, const net::Endpoint& endpoint) const;

  net::Loop& loop_;
  net::Resolver& resolver_;
  std::string key_;
  std::vector<Known> known_;
};

}  // namespace tenfold::rehearse
