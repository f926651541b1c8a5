#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>

#include "guard/kernel/descriptor.hpp"
#include "guard/kernel/nft/ruleset.hpp"
#include "guard/kernel/table.hpp"

// The process that keeps the right to change the firewall when Tenfold gives up root: nftables asks for it with every
// change. It understands the few requests below and nothing else, so that whoever took over the edge could block
// addresses at the listeners' ports with it, for a time, and no more. It ends with Tenfold, however that ends.
namespace tenfold::guard::kernel {

struct NftRequest {
  enum class Kind : std::uint8_t {
    put,
    take_out,
    allow_none,  // empties the allow list
    allow,       // one more on it
    end,         // removes the table, and ends
  } kind = Kind::put;
  std::uint8_t bits = 0;
  std::array<std::uint8_t, 16> address{};
  std::int64_t lasts_ns = 0;
};

// Once a second while something may be blocked, and after what went wrong.
struct NftReport {
  Counts counts;
  std::uint64_t failures = 0;     // changes that nft refused, after the table was made anew
  std::uint64_t repairs = 0;      // the table had been removed by somebody else, and was made anew
  std::array<char, 120> words{};  // of the last failure
};

struct NftHelper {
  Descriptor socket;  // it ends when this is closed
  pid_t child = 0;    // to be waited for
};

// Starts it. The table must be there, as `ruleset` says. Errors: failed, exhausted.
Result<NftHelper> start_nft_helper(Ruleset ruleset);

}  // namespace tenfold::guard::kernel
