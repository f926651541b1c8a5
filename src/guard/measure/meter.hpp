#pragma once

#include <cstddef>
#include <cstdint>

#include "base/siphash.hpp"
#include "guard/measure/space_saving.hpp"
#include "guard/measure/spread.hpp"
#include "guard/measure/usage.hpp"
#include "net/address.hpp"

namespace tenfold::guard {

// What one worker saw in one window: who took how much, by client, by network and by block. The worker adds; every
// 100 ms the brain takes the meter, and the worker goes on with an empty one. Fixed memory, about 1 MB with the
// default options. Not thread-safe: of one thread at a time.
class Meter {
 public:
  struct Options {
    SipKey secret;  // one for all meters and the ledger
    // Subjects that are followed at each level. Whoever has more than this part of a window's weight is among them.
    std::size_t capacity = 2048;
    // What a request weighs beside its origin time, in microseconds, so that a flood that the cache answers, or nobody,
    // counts too. 1 at least.
    std::uint64_t request_us = 100;
  };

  // Of a subject that is followed. Counted since it took its place: that and no less was its own.
  struct Group {
    Usage usage;
    Spread spread;  // of the clients in it
  };
  using Clients = SpaceSaving<std::uint64_t, Usage>;
  using Groups = SpaceSaving<std::uint64_t, Group>;

  explicit Meter(const Options& options);

  // Once for each request, at its end. Under a quarter of a microsecond.
  void add(const net::IpAddress& client, const Usage& usage);
  void clear();

  // By guard::client_key and key_at; the weight is weight_us.
  const Clients& clients() const { return clients_; }
  const Groups& networks() const { return networks_; }
  const Groups& blocks() const { return blocks_; }
  const Usage& total() const { return total_; }  // of everybody, followed or not
  std::uint64_t request_us() const { return request_us_; }
  std::uint64_t weight_us(const Usage& usage) const {
    return usage.origin_us + usage.burnt_us + (usage.requests + usage.half_sent) * request_us_;
  }
  std::size_t bytes() const;

 private:
  const std::uint64_t request_us_;
  Clients clients_;
  Groups networks_;
  Groups blocks_;
  Usage total_;
};

}  // namespace tenfold::guard
