#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "guard/kernel/table.hpp"
#include "guard/subject.hpp"
#include "net/address.hpp"

// What nft(8) is told and what it says, as text: one table, `inet tenfold`, of ours alone. Its sets have timeouts, so
// that blocks end by themselves. A set for each length of prefix, which are looked up like XDP's: an interval set would
// refuse a prefix within another.
namespace tenfold::guard::kernel {

// All that the table is made of.
struct Ruleset {
  std::vector<std::uint16_t> ports;
  std::vector<net::IpNetwork> allowed;
  std::map<Prefix, TimePoint> blocks;  // and their ends

  // Makes the table anew, in one transaction, whatever there was.
  std::string whole(TimePoint now) const;
};

// Empty for a prefix that is of none of guard's levels. One that is there lasts so long from now.
std::string put_text(const Prefix& prefix, Duration lasts);
std::string take_out_text(const Prefix& prefix);
std::string allow_text(const std::vector<net::IpNetwork>& networks);
std::string_view remove_table_text();

// What `nft -j list table inet tenfold` says is blocked, to the second. What is not understood is left out.
std::vector<Table::Left> read_blocks(std::string_view listing);
// Of `nft -j list counters table inet tenfold`. Errors: invalid.
Result<Counts> read_counts(std::string_view listing);

}  // namespace tenfold::guard::kernel
