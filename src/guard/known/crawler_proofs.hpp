#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "guard/known/crawler_verdicts.hpp"
#include "guard/subject.hpp"
#include "net/address.hpp"

namespace tenfold::guard {

// Which claimed crawlers are looked up, and when: the bounds that keep a flood of false ones from becoming a flood of
// questions to name servers. Whom they leave out is not known, and is treated as anybody.
//
//  * most_at_once look-ups, and most_per_s; one of the places is for networks from which a crawler was proven before;
//  * of any other network (/24, /56) one address at a time, and after one that is none the network waits for 10 s,
//    doubled each time up to 10 min;
//  * what was found out is kept: 24 h of a crawler, 10 min of none, 1 min where no name server answered.
//
// Decides only, and is told the time. One thread; verdicts go to all.
class CrawlerProofs {
 public:
  // Somebody at that address says it is a crawler.
  void claim(const net::IpAddress& address, TimePoint now);
  // Whom to look up now, if anybody; one of the four below has to follow.
  std::optional<net::IpAddress> next(TimePoint now);
  void proved(const net::IpAddress& address, Crawler crawler, TimePoint now);
  void refuted(const net::IpAddress& address, TimePoint now);
  void unanswered(const net::IpAddress& address, TimePoint now);
  void given_up(const net::IpAddress& address);  // nothing was found out

  // The same as before unless something was found out since.
  std::shared_ptr<const CrawlerVerdicts> verdicts(TimePoint now);

  struct Counts {
    std::uint64_t looked_up = 0;
    std::uint64_t proved = 0;
    std::uint64_t refuted = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t left_out = 0;  // claims, for the bounds
  };
  const Counts& counts() const { return counts_; }

  static constexpr std::size_t most_at_once = 4;
  static constexpr std::size_t most_strangers_at_once = 3;  // from networks without a proof
  static constexpr std::int64_t most_per_s = 10;
  static constexpr std::int64_t most_in_a_burst = 10;
  static constexpr std::size_t most_waiting = 64;      // of each line; past it: left out
  static constexpr std::size_t most_verdicts = 16384;  // past it: what is found out is not kept
  static constexpr std::size_t most_networks = 16384;  // past it: others are left out
  static constexpr Duration proven_for = std::chrono::hours(24);
  static constexpr Duration renewed_after = std::chrono::hours(12);
  static constexpr Duration refuted_for = std::chrono::minutes(10);
  static constexpr Duration unanswered_for = std::chrono::minutes(1);
  static constexpr Duration first_pause = std::chrono::seconds(10);
  static constexpr Duration last_pause = std::chrono::minutes(10);
  static constexpr Duration trusted_pause = std::chrono::seconds(1);  // of a network with a proof
  static constexpr Duration trusted_for = std::chrono::days(7);       // from the last proof on

 private:
  using Bytes = std::array<std::uint8_t, 16>;
  enum class Trust : std::uint8_t { stranger, trusted };
  struct Network {
    TimePoint trusted_until{};
    TimePoint free_at{};
    Duration pause{};
    std::size_t asked = 0;  // of its addresses, waiting or under way
  };

  Network* network_of(const net::IpAddress& address, TimePoint now);
  void settle(const net::IpAddress& address);
  void no_crawler(const net::IpAddress& address, Duration for_how_long, TimePoint now);
  void keep(const net::IpAddress& address, const CrawlerVerdict& verdict);
  void tidy(TimePoint now);

  CrawlerVerdicts::Table verdicts_;
  absl::flat_hash_map<Bytes, Network> networks_;  // by the base of Level::network
  absl::flat_hash_map<Bytes, Trust> asked_;       // waiting or under way
  std::deque<net::IpAddress> trusted_;            // lines of who waits
  std::deque<net::IpAddress> strangers_;
  std::size_t under_way_ = 0;
  std::size_t strangers_under_way_ = 0;
  TimePoint bucket_full_at_{};  // when the burst will be whole again
  TimePoint tidy_at_{};
  std::shared_ptr<const CrawlerVerdicts> published_;  // null: it has changed
  Counts counts_;
};

}  // namespace tenfold::guard
