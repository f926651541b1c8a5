#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "base/siphash.hpp"
#include "guard/token/budget.hpp"
#include "guard/token/set_table.hpp"

namespace tenfold::guard {

// How much of a core's time clients may burn at one worker without bringing requests for it (http::Chore).
struct BurntLimits {
  // With a certificate for P-256 a browser that opens six connections for a page burns 2.5 ms; a hundred people who do
  // so every ten seconds behind one address stay under it. Sixty handshakes a second, or fifteen hundred tiny pieces,
  // do not.
  BudgetOptions client{
      .burst = std::chrono::milliseconds(500),
      .a_second = std::chrono::milliseconds(25),
      .most_spent = std::chrono::seconds(1),  // forgiven within half a minute
  };
  // Of a network together; and of one address from which customers come, as some hundred may behind one. Eight of them
  // are two cores' time: from there on it is many networks, against which no limit by network helps.
  BudgetOptions network{
      .burst = std::chrono::seconds(4),
      .a_second = std::chrono::milliseconds(250),
      .most_spent = std::chrono::seconds(8),
      .entries = 8192,
  };
  Duration customers_remembered_for = std::chrono::hours(1);     // since the last request of one
  Duration rehearsal_remembered_for = std::chrono::seconds(30);  // likewise; it is long over by then
  std::size_t guests = 8192;  // addresses and networks; past it those that were seen longest ago are forgotten
};

// A leaky bucket for each client and each network. A worker's own: whoever is spread over several workers has so many.
// About 800 KB, whatever comes. Not thread-safe.
class BurntShares {
 public:
  BurntShares(const BurntLimits& limits, const SipKey& secret);

  // Hashes of a client and of its network, under a secret.
  struct Client {
    std::uint64_t id = 0;
    std::uint64_t network = 0;
  };
  enum class Share : std::uint8_t {
    within,
    client_over,
    network_over,  // and no customers come from it: they would be refused with the rest
  };
  Share share(const Client& client, TimePoint now);
  // Takes the cost, whether it is there or not; of the network's share only what is within the client's own.
  void spend(const Client& client, Duration cost, TimePoint now);
  // A request of a known customer; of one of our own rehearsals, which may burn what it likes.
  void note_customer(const Client& client, TimePoint now);
  void note_rehearsal(const Client& client, TimePoint now);

  std::size_t memory_bytes() const {
    return clients_.memory_bytes() + networks_.memory_bytes() + guests_.memory_bytes();
  }

 private:
  struct Guest {
    TimePoint customers_until{};
    TimePoint rehearsal_until{};
    TimePoint until() const { return customers_until < rehearsal_until ? rehearsal_until : customers_until; }
  };
  const Guest* guest(std::uint64_t id);
  Guest& claim_guest(std::uint64_t id);
  bool customers_come_from(std::uint64_t id, TimePoint now);
  Budget& own(const Client& client, TimePoint now) {
    return customers_come_from(client.id, now) ? networks_ : clients_;
  }

  BurntLimits limits_;
  Budget clients_;
  Budget networks_;
  SetTable<Guest> guests_;
};

}  // namespace tenfold::guard
