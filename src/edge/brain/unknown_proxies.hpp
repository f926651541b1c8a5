#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "edge/admit/passed_on.hpp"

namespace tenfold::edge {

// Finds that the edge stands behind a proxy or CDN that trusted_proxies does not name: to the guard all of its visitors
// are one client, and a crowd of customers looks like an attacker. Who stands before the shop brings most of what
// comes, whereas an office's proxy or a phone's brings little of it: so it is one that passes on for `least_named` and
// which, alone or with others of the kind, brings half of what needs an origin. A forger who makes up names and half of
// the requests looks the same: it is told to people, and nothing is decided by it. One thread.
class UnknownProxies {
 public:
  static constexpr std::size_t most_networks = 256;          // past it the one that brought the least makes place
  static constexpr std::size_t most_told = 8;                // the heaviest
  static constexpr double least_named = 30;                  // an estimate, off by a seventh or so
  static constexpr Duration period = std::chrono::hours(1);  // then counting begins anew

  // What came in a window: of one worker, and how many requests needed an origin in all.
  void add(const PassedOnTable& table);
  void add_asked(std::uint64_t requests) { asked_ += requests; }

  // After all of a window was added. True: the log is to be told, for the first time since the start or forget().
  bool judge(TimePoint now);
  void forget();  // the owner has changed something: what is still so comes again

  struct Note {
    std::string prefix;  // for trusted_proxies: an address, or its network where more than one came
    std::uint64_t requests = 0;
    std::uint64_t visitors = 0;  // about, as it says itself
    std::uint64_t with_a_cookie = 0;
    std::string text() const;
  };
  const std::vector<Note>& notes() const { return notes_; }

 private:
  std::vector<Note> find() const;

  absl::flat_hash_map<guard::Prefix, PassedOn, guard::kernel::PrefixHash> networks_;
  std::uint64_t asked_ = 0;
  TimePoint began_{};
  std::vector<Note> notes_;
  bool told_ = false;
};

}  // namespace tenfold::edge
