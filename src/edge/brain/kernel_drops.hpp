#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "edge/brain/kernel_denied.hpp"
#include "edge/guard_policy.hpp"
#include "guard/judge/subject_id.hpp"
#include "guard/kernel/blocks.hpp"
#include "guard/ladder/plan.hpp"
#include "guard/subject.hpp"
#include "net/address.hpp"

namespace tenfold::edge {

// What the kernel does, for people and programs.
struct KernelView {
  static constexpr std::size_t most_shown = 4096;  // blocks, those that end first

  std::string words;    // how: "XDP on eth0 (native)"; empty: the kernel drops nothing
  std::string why_not;  // if so
  std::vector<guard::kernel::KernelBlocks::Block> blocks;
  std::vector<net::IpNetwork> denied;  // of the owner's, those that are dropped as a whole; ascending
  std::size_t total = 0;
  std::uint64_t not_taken = 0;  // blocks that the kernel had no room for, or could not take at the time
  guard::kernel::Counts counts;

  const guard::kernel::KernelBlocks::Block* find(const guard::Prefix& prefix) const;
};

// Keeps the kernel's blocks as the plan and the owner have them. Of the plan dropped is whose measure is at the last
// step, and who was seen at it or while it was refused right before: a request of its own, on a connection that comes
// from its own address. So no forged source is ever blocked, nor an address that a proxy tells: a packet from there
// never comes. Whom the owner denies is dropped unseen. What an earlier process left stays until its time is over, or
// the plan or the owner says otherwise. One thread.
class KernelDrops {
 public:
  // Without blocks it does nothing.
  explicit KernelDrops(std::unique_ptr<guard::kernel::KernelBlocks> blocks) : blocks_(std::move(blocks)) {}

  bool is_there() const { return blocks_ != nullptr; }
  // These are never dropped, whatever the plan says, from the next follow() on. As long as the kernel does not take
  // them (too many, or not now), it drops nobody.
  void allow(std::vector<net::IpNetwork> networks);
  // These are, from the next follow() on, but for whom allow() names. Returns how many of them are too many, too wide
  // or too narrow for the kernel, and stay with the edge.
  std::size_t deny(std::span<const DeniedNetwork> networks);
  // seen: subjects that are refused or dropped of whom a request came, as above, since the last call.
  void follow(const guard::ladder::Plan& plan, GuardMode mode, std::span<const guard::judging::Subject> seen,
              TimePoint now);
  void lift(const guard::Prefix& prefix);  // with the next follow()
  KernelView view(TimePoint now) const;

 private:
  template <class Value>
  using ByPrefix = KernelDenied::ByPrefix<Value>;
  using Prefixes = absl::flat_hash_set<guard::Prefix, guard::kernel::PrefixHash>;

  void take_out_others(const ByPrefix<TimePoint>& wanted, GuardMode mode, TimePoint now);
  void put(const ByPrefix<TimePoint>& wanted, TimePoint now);
  bool take_out(const guard::Prefix& prefix);
  bool has_allowed();  // the kernel has the allow list

  std::unique_ptr<guard::kernel::KernelBlocks> blocks_;
  std::vector<net::IpNetwork> allowed_;
  KernelDenied denied_;
  enum class Allowing : std::uint8_t { none, due, failed } allowing_ = Allowing::none;
  Prefixes seen_;                      // of those whom the plan refuses or drops
  std::vector<guard::Prefix> lifted_;  // and not yet taken out
  std::uint64_t seen_plan_ = 0;
  GuardMode seen_mode_ = GuardMode::off;
  bool try_again_ = true;
  std::uint64_t not_taken_ = 0;
};

// None: no block of addresses.
std::optional<guard::Prefix> prefix_of(const guard::judging::Subject& subject);

}  // namespace tenfold::edge
