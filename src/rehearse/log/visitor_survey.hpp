#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rehearse/log/entry.hpp"

namespace tenfold::rehearse {

// Which of a line's addresses is the visitor's.
enum class Trust : std::uint8_t {
  by_line,    // the forwarded one where the peer cannot be a visitor: an internal address, a socket of this machine
  forwarded,  // wherever there is one
  peer,       // never
};

// `client` is what the log has first, `forwarded` what else there is.
std::string_view visitor_of(const Entry& entry, Trust trust);

// Looks at who asks, and finds out whether those who connect are a few proxies. Bounded: of 4,096 addresses.
class VisitorSurvey {
 public:
  void see(const Entry& entry);
  // What the lines so far say; by_line unless they say otherwise.
  Trust verdict() const;
  // What is to be told: few addresses where visitors should be many, or whose addresses were taken instead. Empty:
  // nothing is remarkable.
  std::string note(Trust trust) const;
  std::uint64_t settled() const { return settled_; }  // lines with the field that was named for it
  std::uint64_t lines() const { return lines_; }
  // Share of the lines whose visitor is the forwarded address, by `trust`.
  double forwarded_share(Trust trust) const;
  double share_of_busiest() const;  // of the lines: the three peers who have most
  std::size_t peers() const { return peers_.size(); }

 private:
  static constexpr std::size_t most_addresses = 4'096;
  static constexpr std::uint64_t all_of_first = 20'000;  // of further lines each sixteenth
  struct Peer {
    std::string address;
    std::uint64_t lines = 0;
  };
  std::vector<const Peer*> busiest() const;

  std::uint64_t lines_ = 0, seen_ = 0;  // seen: those that were looked at
  std::uint64_t settled_ = 0, with_forwarded_ = 0, by_line_ = 0, internal_ = 0;
  absl::flat_hash_map<std::uint64_t, Peer> peers_;  // by the address's hash
  absl::flat_hash_set<std::uint64_t> peers_with_forwarded_, forwarded_;
};

}  // namespace tenfold::rehearse
