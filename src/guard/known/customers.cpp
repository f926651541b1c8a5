#include "guard/known/customers.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

namespace tenfold::guard {

KnownCustomers::KnownCustomers(const SipKey& key, Day today, std::span<const Entry> entries)
    : key_(key), today_(today), size_(entries.size()) {
  if (entries.empty()) return;
  table_.resize(entries.size() + entries.size() / 2 + 1);
  for (const Entry& entry : entries) {
    std::size_t i = home_of(entry.print);
    while (table_[i].days != 0) i = i + 1 == table_.size() ? 0 : i + 1;
    table_[i] = entry;
  }
}

// As Prefix::of() has them, in few bytes: 4 of IPv4, 8 of IPv6, and one for the level. Each takes a step of the hash.
std::uint32_t KnownCustomers::print_of(const SipKey& key, const net::IpAddress& address, Level level) {
  const net::IpAddress client = untranslated(address);
  std::array<char, 9> text{};
  const auto* const bytes = reinterpret_cast<const char*>(client.bytes().data());
  const bool v4 = client.is_v4();
  const std::size_t size = v4 ? 4 : 8;
  std::memcpy(text.data(), v4 ? bytes + 12 : bytes, size);
  if (level == Level::network) text[size - 1] = 0;
  text[size] = static_cast<char>(level);
  return static_cast<std::uint32_t>(siphash(key, std::string_view(text.data(), size + 1)));
}

Past KnownCustomers::past_of(const net::IpAddress& client, Day before) const {
  const auto back = (today_ - before).count();  // bit `back` is that day itself
  if (table_.empty() || back >= customer_days) return {};
  const std::uint32_t counted = back < 0 ? UINT32_MAX : UINT32_MAX << (back + 1);
  const auto days = [&](Level level) {
    return static_cast<std::uint8_t>(std::popcount(days_of(print_of(key_, client, level)) & counted));
  };
  return {days(Level::client), days(Level::network)};
}

bool KnownCustomers::contains(const net::IpAddress& client, Level level) const {
  return !table_.empty() && days_of(print_of(key_, client, level)) != 0;
}

// The place in proportion to the print.
std::size_t KnownCustomers::home_of(std::uint32_t print) const {
  return static_cast<std::size_t>((std::uint64_t(print) * table_.size()) >> 32);
}

std::uint32_t KnownCustomers::days_of(std::uint32_t print) const {
  for (std::size_t i = home_of(print); table_[i].days != 0; i = i + 1 == table_.size() ? 0 : i + 1) {
    if (table_[i].print == print) return table_[i].days;
  }
  return 0;
}

}  // namespace tenfold::guard
