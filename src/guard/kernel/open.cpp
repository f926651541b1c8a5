#include "guard/kernel/open.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "guard/kernel/descriptor.hpp"
#include "guard/kernel/interfaces.hpp"
#include "guard/kernel/nft/nft_program.hpp"
#include "guard/kernel/nft/nft_table.hpp"
#include "guard/kernel/xdp/object.hpp"
#include "guard/kernel/xdp/xdp_table.hpp"

namespace tenfold::guard::kernel {

namespace {

// One Tenfold of a network namespace has the kernel's blocks: a name in the abstract space of Unix sockets is of that
// namespace, and is free as soon as its process is gone, however it went.
constexpr std::string_view lock_name{"\0tenfold/kernel-blocks", 22};

Result<Descriptor> take_lock() {
  Descriptor lock(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!lock) return std::unexpected(system_error(errno, "the lock on the kernel's blocks"));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, lock_name.data(), lock_name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + lock_name.size());
  if (::bind(lock.number(), reinterpret_cast<const sockaddr*>(&name), length) != 0) {
    return fail(Errc::busy, "another Tenfold of this machine has them");
  }
  return lock;
}

// The table, and the lock for as long.
class LockedTable final : public Table {
 public:
  LockedTable(Descriptor lock, std::unique_ptr<Table> table) : lock_(std::move(lock)), table_(std::move(table)) {}
  Result<void> put(const Prefix& prefix, Duration lasts) override { return table_->put(prefix, lasts); }
  Result<void> take_out(const Prefix& prefix) override { return table_->take_out(prefix); }
  Result<void> allow(std::span<const net::IpNetwork> networks) override { return table_->allow(networks); }
  Counts counts() override { return table_->counts(); }
  std::vector<Left> left() override { return table_->left(); }
  std::string words() const override { return table_->words(); }

 private:
  Descriptor lock_;
  std::unique_ptr<Table> table_;
};

Result<std::vector<Interface>> interfaces_for(const KernelOptions& options) {
  auto all = read_interfaces();
  if (!all || options.interfaces.empty()) {
    return all ? Result<std::vector<Interface>>(serving(*all, options.listeners)) : std::move(all);
  }
  std::vector<Interface> named;
  for (const std::string& name : options.interfaces) {
    const auto found = std::ranges::find(*all, name, &Interface::name);
    if (found == all->end()) return fail(Errc::unsupported, "there is no interface " + name);
    named.push_back(*found);
  }
  return named;
}

Result<std::unique_ptr<Table>> try_xdp(const KernelOptions& options) {
  const auto interfaces = interfaces_for(options);
  if (!interfaces) return std::unexpected(interfaces.error());
  return open_xdp(options, *interfaces);
}

Result<std::unique_ptr<Table>> open_table(const KernelOptions& options, const Clock& clock) {
  if (!is_public(options.listeners)) return fail(Errc::unsupported, "all listeners are on loopback");
  std::string reasons;
  if (options.choice != Choice::nftables) {
    auto table = try_xdp(options);
    if (table) {
      remove_left_table();
      return table;
    }
    reasons = "XDP: " + table.error().detail;
  }
  remove_left_xdp();
  if (options.choice != Choice::xdp) {
    auto table = open_nftables(options, clock);
    if (table) return table;
    reasons += (reasons.empty() ? "nftables: " : "; nftables: ") + table.error().detail;
  } else {
    remove_left_table();
  }
  return fail(Errc::unsupported, std::move(reasons));
}

std::string names_of(const std::vector<Interface>& interfaces) {
  std::string names;
  for (const Interface& each : interfaces) names += (names.empty() ? "" : ", ") + each.name;
  return names;
}

}  // namespace

Result<std::unique_ptr<KernelBlocks>> open_kernel_blocks(const KernelOptions& options, const Clock& clock) {
  auto lock = take_lock();
  if (!lock) return std::unexpected(lock.error());
  auto table = open_table(options, clock);
  if (!table) return std::unexpected(table.error());
  return std::make_unique<KernelBlocks>(std::make_unique<LockedTable>(std::move(*lock), std::move(*table)),
                                        clock.now());
}

void remove_left_blocks() {
  const auto lock = take_lock();
  if (!lock) return;
  remove_left_xdp();
  remove_left_table();
}

std::string outlook(const KernelOptions& options) {
  if (!is_public(options.listeners)) return "nothing: all listeners are on loopback";
  std::vector<std::string> ways;
  if (options.choice != Choice::nftables && !xdp_object.empty()) {
    const auto interfaces = interfaces_for(options);
    if (!interfaces) return interfaces.error().detail;
    if (!interfaces->empty()) ways.push_back("XDP on " + names_of(*interfaces));
  }
  if (options.choice != Choice::xdp && !nft_path().empty()) ways.emplace_back("nftables");
  if (ways.empty()) return "nothing: neither XDP nor nftables can be had here";
  std::string text = ways.front();
  if (ways.size() > 1) text += ", else " + ways.back();
  return text + "; started as root, or with CAP_NET_ADMIN and CAP_BPF";
}

}  // namespace tenfold::guard::kernel
