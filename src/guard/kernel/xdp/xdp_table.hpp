#pragma once

#include <memory>
#include <span>

#include "base/result.hpp"
#include "guard/kernel/interfaces.hpp"
#include "guard/kernel/options.hpp"
#include "guard/kernel/table.hpp"

namespace tenfold::guard::kernel {

// Blocks in XDP on these interfaces: in the driver where it can, else behind it. Takes over what an earlier process has
// pinned: its blocks, and its places at the interfaces, whose program is exchanged without a gap. Errors: unsupported
// (rights, kernel, build, or an interface that takes no program or has another's).
Result<std::unique_ptr<Table>> open_xdp(const KernelOptions& options, std::span<const Interface> interfaces);

// Takes away what an earlier process has pinned.
void remove_left_xdp();

}  // namespace tenfold::guard::kernel
