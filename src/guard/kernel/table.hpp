#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "guard/subject.hpp"
#include "net/address.hpp"

namespace tenfold::guard::kernel {

// What became of packets that came from blocked prefixes to a listener's port, since the table was made.
struct Counts {
  std::array<std::uint64_t, levels> dropped_packets{};  // by the level of the block
  std::uint64_t dropped_bytes = 0;
  std::uint64_t spared_packets = 0;  // of the allow list
};

// Where blocks are kept and acted on: XDP's maps, nftables' sets; a list in tests. A block ends by itself when it has
// lasted as long as was said, even if this process is gone by then. Not thread-safe.
class Table {
 public:
  // A block that an earlier process left.
  struct Left {
    Prefix prefix;
    Duration lasts;
  };

  virtual ~Table() = default;  // blocks nothing any more, and leaves nothing behind
  // One that is there lasts so long from now. Errors: exhausted (no room, or not now).
  virtual Result<void> put(const Prefix& prefix, Duration lasts) = 0;
  // One that is not there: nothing. Errors: exhausted (not now).
  virtual Result<void> take_out(const Prefix& prefix) = 0;
  // These, and no others, are never dropped. Errors: too_large, exhausted.
  virtual Result<void> allow(std::span<const net::IpNetwork> networks) = 0;
  // Since the table was made; may be a second old.
  virtual Counts counts() = 0;
  // Once: what an earlier process left, and is in force.
  virtual std::vector<Left> left() = 0;
  // "XDP on eth0 (native)", "nftables (table inet tenfold)"
  virtual std::string words() const = 0;
};

}  // namespace tenfold::guard::kernel
