#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "guard/known/customer_book.hpp"
#include "guard/known/customers.hpp"
#include "net/address.hpp"

namespace tenfold::edge {

// From where orders came, over days: what the brain writes down, what workers are given of it, and when it is to be
// kept. One thread.
class EarlierDays {
 public:
  explicit EarlierDays(std::string_view secret) : book_(secret) {}

  // What was kept before the start. Errors: as guard::CustomerBook::load(); then nobody is known.
  Result<void> load(std::string_view kept, guard::Day today);
  void note(std::span<const net::IpAddress> orders, guard::Day today);

  // Once a day, and after load(), known() is another: true. It costs 50 ms for each million entries.
  bool turn_to(guard::Day today);
  std::shared_ptr<const guard::KnownCustomers> known() const { return known_; }  // null: before turn_to()

  // Clients and networks from which orders came in the last 30 days, those of a moment ago included: known() learns of
  // them tomorrow.
  std::size_t customers() const { return (known_ == nullptr ? 0 : known_->size()) + newcomers_; }

  // What is to be kept, if that is due: the first order at once, then once a minute, and of a large book less often. A
  // crash in between costs nobody a thing before tomorrow, and then a minute's orders.
  std::optional<std::string> to_keep(guard::Day today, TimePoint now);
  // The same whether it is due or not, if there is anything new.
  std::optional<std::string> to_keep_last(guard::Day today);

  static constexpr Duration kept_every = std::chrono::minutes(1);  // and as long again for each megabyte

 private:
  guard::CustomerBook book_;
  std::shared_ptr<const guard::KnownCustomers> known_;
  std::optional<guard::Day> day_;  // of known_
  std::size_t newcomers_ = 0;      // noted since known_ was made, and not in it
  bool has_news_ = false;
  TimePoint due_{};
};

}  // namespace tenfold::edge
