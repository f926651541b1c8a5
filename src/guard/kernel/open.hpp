#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "guard/kernel/blocks.hpp"
#include "guard/kernel/options.hpp"

namespace tenfold::guard::kernel {

// Makes the kernel ready to drop: XDP in the driver where it can, else XDP behind it, else nftables, as the choice
// lets. What an earlier process left is taken over, blocks included, and what it left of the other way is taken away.
// Needs rights that the process may give up afterwards (CAP_BPF and CAP_NET_ADMIN; for nftables CAP_NET_ADMIN, which a
// child process keeps); call it while there is one thread. Blocks for some tens of milliseconds. Errors: busy (another
// Tenfold of this network namespace has it), unsupported (with the reason of each way that was tried).
Result<std::unique_ptr<KernelBlocks>> open_kernel_blocks(const KernelOptions& options, const Clock& clock);

// Takes away what an earlier process left, if nobody uses it: for whoever starts without blocks in the kernel.
void remove_left_blocks();

// What open_kernel_blocks() would do here, as far as can be told without doing it, for people.
std::string outlook(const KernelOptions& options);

}  // namespace tenfold::guard::kernel
