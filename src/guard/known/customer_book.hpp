#pragma once

#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/siphash.hpp"
#include "guard/known/customers.hpp"
#include "guard/known/sealed.hpp"
#include "net/address.hpp"

namespace tenfold::guard {

// Writes down from where orders come, a generation for each day, and forgets each after customer_days. What is kept,
// also in the saved form, are keyed hashes: of no use without the installation's secret. (Who has both can try all of
// IPv4.) One thread; snapshots go to all.
class CustomerBook {
 public:
  explicit CustomerBook(std::string_view secret);  // the installation's; another secret, and all is forgotten

  // An order that the origin confirmed. Days may come in any order, as clocks are set; the book keeps those of the last
  // 30 days as seen from the last that it was told.
  struct Noted {
    bool client = false;  // of whom no order had been noted on that day
    bool network = false;
  };
  Noted note_order(const net::IpAddress& client, Day today);

  // Today's orders are in it, and count from tomorrow on: one a day is enough, and one after load(). Some 50 ms and 15
  // MB for each million entries.
  std::shared_ptr<const KnownCustomers> snapshot(Day today);

  // The saved form: versioned, signed; 4 bytes an entry.
  std::string save(Day today);
  // Replaces what is in the book. Errors: invalid (damaged, of another version, or saved under another secret); the
  // book is empty then.
  Result<void> load(std::string_view saved, Day today);

  std::size_t size() const;                             // entries of all days
  std::uint64_t left_out() const { return left_out_; }  // orders not written down, for most_a_day

  // Clients and networks of one day: some 100,000 customers. Further orders of that day are not written down. With 30
  // such days one stranger in 1,092 would be taken for a customer.
  static constexpr std::size_t most_a_day = std::size_t(1) << 17;

 private:
  struct Generation {
    Day day{};
    std::vector<std::uint32_t> prints;  // ascending
  };

  static std::optional<Generation> read_generation(SealedReader& reader);
  void turn_to(Day today);
  void shelve();
  void forget(Day today);

  SipKey key_;
  std::optional<Day> day_;                   // of `open_`; none until told
  absl::flat_hash_set<std::uint32_t> open_;  // prints of the day that is being written
  std::vector<Generation> shelved_;          // the other days, ascending
  std::uint64_t left_out_ = 0;
};

}  // namespace tenfold::guard
