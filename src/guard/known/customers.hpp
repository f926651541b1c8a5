#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/siphash.hpp"
#include "guard/subject.hpp"
#include "net/address.hpp"

namespace tenfold::guard {

using Day = std::chrono::sys_days;  // UTC

// How long a customer is remembered, the present day included.
inline constexpr int customer_days = 30;

// On how many days before the trouble an order came from there.
struct Past {
  std::uint8_t client_days = 0;
  std::uint8_t network_days = 0;

  bool operator==(const Past&) const = default;
};

// From where orders came on the last 30 days, as it was when it was taken; CustomerBook makes it. There are no
// addresses in it: of each client and each network it has 32 bits of a keyed hash. So a stranger is taken for a
// customer once in 2^32 / entries: with the most that a book takes, not once in a thousand. Immutable; thread-safe.
class KnownCustomers {
 public:
  // Prints of prefixes with their days: bit n is n days before `today`. Each print once.
  struct Entry {
    std::uint32_t print = 0;
    std::uint32_t days = 0;
  };
  KnownCustomers() = default;  // nobody
  KnownCustomers(const SipKey& key, Day today, std::span<const Entry> entries);

  // before: the day on which the trouble began, or today. Of that day itself and later nothing counts: whoever orders
  // in the trouble may be part of it.
  Past past_of(const net::IpAddress& client, Day before) const;
  // On any day at all. level: client or network.
  bool contains(const net::IpAddress& client, Level level) const;
  std::size_t size() const { return size_; }  // clients and networks
  bool empty() const { return size_ == 0; }

  // level: client or network.
  static std::uint32_t print_of(const SipKey& key, const net::IpAddress& client, Level level);

 private:
  std::size_t home_of(std::uint32_t print) const;
  std::uint32_t days_of(std::uint32_t print) const;

  SipKey key_;
  Day today_{};
  std::size_t size_ = 0;
  // Open addressing, two thirds full; days 0: free. Nearly always one line of the processor's cache is read.
  std::vector<Entry> table_;
};

}  // namespace tenfold::guard
