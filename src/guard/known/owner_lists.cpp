#include "guard/known/owner_lists.hpp"

#include <algorithm>
#include <utility>

namespace tenfold::guard {

namespace {

AddressSet networks_of(const std::vector<OwnerEntry>& entries) {
  std::vector<net::IpNetwork> networks;
  networks.reserve(entries.size());
  for (const OwnerEntry& entry : entries) networks.push_back(entry.network);
  return AddressSet(networks);
}

}  // namespace

void OwnerLists::load(OwnerEntries entries) {
  entries_ = {};
  for (const OwnerList list : {&OwnerEntries::deny, &OwnerEntries::allow}) {
    for (OwnerEntry& entry : entries.*list) static_cast<void>(add(list, std::move(entry)));
  }
  changed();
}

Result<void> OwnerLists::add(OwnerList list, OwnerEntry entry) {
  std::vector<OwnerEntry>& entries = entries_.*list;
  const auto at = std::ranges::lower_bound(entries, entry.network, {}, &OwnerEntry::network);
  if (at != entries.end() && at->network == entry.network) {
    *at = std::move(entry);
  } else if (entries.size() >= most_entries) {
    return fail(Errc::exhausted, "the list is full");
  } else {
    entries.insert(at, std::move(entry));
  }
  changed();
  return {};
}

bool OwnerLists::remove(OwnerList list, const net::IpNetwork& network) {
  if (std::erase_if(entries_.*list, [&](const OwnerEntry& entry) { return entry.network == network; }) == 0) {
    return false;
  }
  changed();
  return true;
}

void OwnerLists::expire(WallTime now) {
  const auto is_over = [&](const OwnerEntry& entry) { return entry.ends <= now; };
  const auto gone = std::erase_if(entries_.deny, is_over) + std::erase_if(entries_.allow, is_over);
  if (gone != 0) changed();
}

void OwnerLists::changed() {
  ++revision_;
  networks_ = entries_ == OwnerEntries() ? nullptr
                                         : std::make_shared<const OwnerNetworks>(
                                               OwnerNetworks{networks_of(entries_.deny), networks_of(entries_.allow)});
}

}  // namespace tenfold::guard
