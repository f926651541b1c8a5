#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "guard/kernel/options.hpp"
#include "guard/kernel/table.hpp"

namespace tenfold::guard::kernel {

// Blocks in nftables. Takes over the blocks of a table that an earlier process left. Errors: unsupported (no nft),
// refused (no right to), failed.
Result<std::unique_ptr<Table>> open_nftables(const KernelOptions& options, const Clock& clock);

// Takes away the table that an earlier process left.
void remove_left_table();

}  // namespace tenfold::guard::kernel
