#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/siphash.hpp"
#include "guard/kernel/blocks.hpp"
#include "guard/measure/spread.hpp"
#include "guard/subject.hpp"
#include "net/address.hpp"

namespace tenfold::edge {

struct Visit;

// What comes from one network in the names of others (X-Forwarded-For, Forwarded) although no trusted_proxies names it:
// a proxy of the shop's that the owner forgot, somebody's who is none of ours, or one who forges the field.
struct PassedOn {
  net::IpAddress address;       // one of the network's
  bool one_address = true;      // no other of it was seen
  std::uint64_t requests = 0;   // that needed an origin
  guard::Spread named;          // how many different ones, about
  guard::Spread with_a_cookie;  // how many different good cookies of ours came with them

  PassedOn& operator+=(const PassedOn& more);
};

// By Level::network: a CDN has many addresses. Bounded: past `most` networks further ones are not counted, which a
// proxy that brings a good part of all requests hardly ever meets.
class PassedOnTable {
 public:
  static constexpr std::size_t most = 64;

  // named: a hash of the field; cookie: of the good one that came with it.
  void note(const net::IpAddress& from, std::uint64_t named, std::optional<std::uint64_t> cookie);
  void clear() { networks_.clear(); }
  const auto& networks() const { return networks_; }

 private:
  absl::flat_hash_map<guard::Prefix, PassedOn, guard::kernel::PrefixHash> networks_;
};

// Of a visit that needed an origin.
void note_passed_on(const Visit& visit, const SipKey& key, PassedOnTable& table);

}  // namespace tenfold::edge
