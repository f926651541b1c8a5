#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "base/siphash.hpp"
#include "guard/subject.hpp"
#include "guard/token/set_table.hpp"

namespace tenfold::guard {

struct IdWatchOptions {
  static constexpr std::size_t most_networks = 8;

  Duration window = std::chrono::minutes(10);  // a network not seen for so long does not count any more
  Duration revoked_for = std::chrono::hours(1);
  // 80 bytes each. Past it the id that was seen in the fewest networks is forgotten, of several the one longest unused;
  // one that is revoked last of all.
  std::size_t entries = 16'384;
};

enum class IdVerdict : std::uint8_t { fine, revoked };

// Finds the token that many share: one id seen from more than eight networks within the window. A phone goes through
// two or three; a cookie that is handed round a botnet through all of its. A worker's own (each counts what it sees),
// so that it may take as many networks for each worker. Not thread-safe.
class IdWatch {
 public:
  IdWatch(const IdWatchOptions& options, const SipKey& secret);

  // To be told of each request that bears the id. A revoked id's bearer is a stranger, and told so for as long as
  // revoked_for after the network too many.
  IdVerdict see(std::uint64_t id, const Prefix& network, TimePoint now);

  std::size_t memory_bytes() const { return table_.memory_bytes(); }

 private:
  struct Network {
    std::uint32_t mark = 0;    // of a secret hash
    std::uint32_t seen_s = 0;  // since start_; 0: a free place
  };
  struct Entry {
    std::array<Network, IdWatchOptions::most_networks> networks{};
    std::uint32_t used_s = 0;
    std::uint32_t revoked_until_s = 0;
  };
  enum class Noted : std::uint8_t { yes, no_place };
  Noted note(Entry& entry, std::uint32_t mark, std::uint32_t now_s) const;
  std::uint64_t worth(const Entry& entry, std::uint32_t now_s) const;
  std::uint32_t seconds_since_start(TimePoint now);

  const std::uint32_t window_s_;
  const std::uint32_t revoked_for_s_;
  TimePoint start_{};
  SetTable<Entry> table_;
};

}  // namespace tenfold::guard
