#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>

#include "net/address.hpp"

namespace tenfold::edge {

// What one worker may keep of answers that their clients take more slowly than the origins give them: in all, and for
// each of the clients' networks (IPv4 /24, IPv6 /56) a sixteenth of what is free. So however many networks have some,
// there is something left for one more (the rule by which switches share memory among ports: Choudhury and Hahne,
// Dynamic Queue Length Thresholds, 1998). One thread only.
class AnswerMemory {
 public:
  // Of one answer: more than the pages of shops weigh, and nearly all their pictures. What is longer than that is a
  // download, and holds its place at the origin as before (docs/decisions/0019-held-places.md).
  static constexpr std::uint64_t most_of_one = 1024 * 1024;
  // Of what is free, for one network.
  static constexpr std::uint64_t network_part = 16;

  class Share;

  AnswerMemory() = default;  // none may be kept
  AnswerMemory(const AnswerMemory&) = delete;
  AnswerMemory& operator=(const AnswerMemory&) = delete;

  // In all. What is kept already stays.
  void set_bound(std::uint64_t bytes) { bound_ = bytes; }
  bool enabled() const { return bound_ > 0; }
  std::uint64_t kept() const { return kept_; }

 private:
  struct Network {
    std::uint64_t kept = 0;
    std::uint32_t shares = 0;
  };

  std::uint64_t bound_ = 0;
  std::uint64_t kept_ = 0;
  // Of networks with a Share, of which there are as many as answers under way.
  absl::flat_hash_map<std::uint64_t, Network> networks_;
};

// One answer's; gives all back at its end. Must die before its AnswerMemory.
class AnswerMemory::Share {
 public:
  Share(AnswerMemory& memory, const net::IpAddress& client);
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  ~Share();

  // Whether so much more may be kept now.
  bool has_room(std::uint64_t bytes) const;
  void add(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);

 private:
  AnswerMemory& memory_;
  const std::uint64_t network_;
  std::uint64_t kept_ = 0;
};

}  // namespace tenfold::edge
