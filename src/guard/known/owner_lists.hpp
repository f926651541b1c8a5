#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "guard/known/address_set.hpp"
#include "net/address.hpp"

// Networks that the owner refuses or lets be from now on and for a time, each with a reason. What is to last is in
// shop.yaml.
namespace tenfold::guard {

struct OwnerEntry {
  net::IpNetwork network;
  std::string reason;  // for people
  WallTime added{};    // whole seconds, as `ends`
  WallTime ends{};

  bool operator==(const OwnerEntry&) const = default;
};

struct OwnerEntries {
  std::vector<OwnerEntry> deny;   // by network
  std::vector<OwnerEntry> allow;  // likewise

  bool operator==(const OwnerEntries&) const = default;
};
using OwnerList = std::vector<OwnerEntry> OwnerEntries::*;  // &OwnerEntries::deny

// As workers ask them. Immutable; thread-safe.
struct OwnerNetworks {
  AddressSet deny;
  AddressSet allow;
};

// The lists as they are kept. One thread.
class OwnerLists {
 public:
  static constexpr std::size_t most_entries = 1024;  // of each list
  static constexpr std::size_t longest_reason_bytes = 200;

  // What was kept before the start; entries past the bound are left out.
  void load(OwnerEntries entries);
  // Takes the place of an entry for the same network. Errors: exhausted (the list is full).
  Result<void> add(OwnerList list, OwnerEntry entry);
  bool remove(OwnerList list, const net::IpNetwork& network);  // false: it is not in it
  void expire(WallTime now);                                   // those whose time is over go

  const OwnerEntries& entries() const { return entries_; }
  std::shared_ptr<const OwnerNetworks> networks() const { return networks_; }  // null: both are empty
  std::uint64_t revision() const { return revision_; }                         // of entries and networks

 private:
  void changed();

  OwnerEntries entries_;
  std::shared_ptr<const OwnerNetworks> networks_;
  std::uint64_t revision_ = 0;
};

}  // namespace tenfold::guard
