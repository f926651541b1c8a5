#include "guard/burnt/shares.hpp"

namespace tenfold::guard {

BurntShares::BurntShares(const BurntLimits& limits, const SipKey& secret)
    : limits_(limits),
      clients_(limits.client, secret),
      networks_(limits.network, secret),
      guests_(limits.guests, secret) {}

BurntShares::Share BurntShares::share(const Client& client, TimePoint now) {
  const Guest* const one = guest(client.id);
  if (one != nullptr && one->rehearsal_until > now) return Share::within;
  if (!own(client, now).has(client.id, now)) return Share::client_over;
  if (customers_come_from(client.network, now)) return Share::within;
  return networks_.has(client.network, now) ? Share::within : Share::network_over;
}

void BurntShares::spend(const Client& client, Duration cost, TimePoint now) {
  // What it burns past its own share is its own alone: else one could have its neighbours refused.
  const bool was_within = own(client, now).has(client.id, now);
  own(client, now).spend(client.id, cost, now);
  if (was_within) networks_.spend(client.network, cost, now);
}

void BurntShares::note_customer(const Client& client, TimePoint now) {
  for (const std::uint64_t id : {client.id, client.network}) {
    claim_guest(id).customers_until = now + limits_.customers_remembered_for;
  }
}

void BurntShares::note_rehearsal(const Client& client, TimePoint now) {
  claim_guest(client.id).rehearsal_until = now + limits_.rehearsal_remembered_for;
}

const BurntShares::Guest* BurntShares::guest(std::uint64_t id) { return guests_.find(guests_.key_of(id)); }

BurntShares::Guest& BurntShares::claim_guest(std::uint64_t id) {
  return guests_.claim(guests_.key_of(id), [](const Guest& other) { return other.until(); });
}

bool BurntShares::customers_come_from(std::uint64_t id, TimePoint now) {
  const Guest* const one = guest(id);
  return one != nullptr && one->customers_until > now;
}

}  // namespace tenfold::guard
