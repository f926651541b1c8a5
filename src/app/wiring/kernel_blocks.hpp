#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "guard/kernel/blocks.hpp"
#include "net/address.hpp"

// `guard.kernel`: dropping in the kernel.
namespace tenfold::app {

struct KernelWay {
  std::unique_ptr<guard::kernel::KernelBlocks> blocks;  // null: nothing is dropped there
  std::string why_not;
};

// By the listeners that the edge has opened. With the rights of the start: before become_user(), while there is one
// thread. Where the kernel drops nothing it says so in the log and takes away what an earlier process left.
KernelWay open_kernel(const config::Config& config, const std::vector<net::Endpoint>& listeners, const Clock& clock);

// Whom the kernel must not drop: networks of guard.allow, and proxies that tell of others.
std::vector<net::IpNetwork> never_dropped(const config::Replaceable& live);

// What open_kernel() would do, as far as can be told without doing it.
std::string kernel_outlook(const config::Config& config);

}  // namespace tenfold::app
