#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "guard/known/crawler_names.hpp"
#include "net/address.hpp"

namespace tenfold::guard {

// What has been found out about an address of which somebody said that it is a crawler's.
struct CrawlerVerdict {
  Crawler crawler = Crawler::none;  // none: it is no crawler's
  TimePoint until;                  // good before this
  TimePoint renew;                  // from here on it is to be asked for again
};

// All that has been found out, as it was when it was taken. Immutable; thread-safe.
class CrawlerVerdicts {
 public:
  using Table = absl::flat_hash_map<std::array<std::uint8_t, 16>, CrawlerVerdict>;  // by the address's bytes
  CrawlerVerdicts() = default;                                                      // nothing
  explicit CrawlerVerdicts(Table table);

  const CrawlerVerdict* find(const net::IpAddress& address, TimePoint now) const;  // null: not known
  std::size_t size() const { return table_.size(); }
  std::size_t proven() const { return proven_; }  // addresses; some may be out of date

 private:
  Table table_;
  std::size_t proven_ = 0;
};

// Addresses on their way from the workers to whoever looks them up. Nobody waits: while another has the lock, and past
// most_waiting, a claim is dropped; a crawler comes again. Thread-safe.
class CrawlerClaims {
 public:
  void push(const net::IpAddress& address);
  std::vector<net::IpAddress> take();  // all, oldest first
  std::uint64_t dropped() const { return dropped_.value(); }

  static constexpr std::size_t most_waiting = 256;

 private:
  std::mutex mutex_;
  std::vector<net::IpAddress> waiting_;  // under mutex_; each once
  SharedCounter dropped_;
};

// The worker's question about a request: whose crawler it is, proven; none if it does not say so, if it is not true, or
// if that is not known yet. Then, and when it is time to prove it again, the address is handed over to be looked up.
Crawler proven_crawler(std::string_view user_agent, const net::IpAddress& address, const CrawlerVerdicts& verdicts,
                       CrawlerClaims& claims, TimePoint now);

}  // namespace tenfold::guard
