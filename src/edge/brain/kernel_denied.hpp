#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "guard/kernel/blocks.hpp"
#include "guard/subject.hpp"
#include "net/address.hpp"

namespace tenfold::edge {

// A network that the owner denies, by file or by the API.
struct DeniedNetwork {
  net::IpNetwork network;
  TimePoint ends = no_deadline;
};

// What the owner denies, as the kernel is to have it: the owner said so, hence without a request that would prove the
// source. Bounded: what is left out is refused by the edge. One thread.
class KernelDenied {
 public:
  static constexpr std::size_t most_prefixes = 16'384;  // in all; past it further networks are left out
  // A block lasts so long and is put anew at half of it: what the owner takes off the file while nobody is there to
  // read it ends by then.
  static constexpr Duration lasts = std::chrono::minutes(10);

  template <class Value>
  using ByPrefix = absl::flat_hash_map<guard::Prefix, Value, guard::kernel::PrefixHash>;

  // Instead of those before.
  void set(std::span<const DeniedNetwork> networks);
  std::size_t left_out() const { return left_out_; }  // networks

  bool contains(const guard::Prefix& prefix) const { return prefixes_.contains(prefix); }
  bool is_due(TimePoint now) const { return now >= due_; }
  // Whatever is not in the kernel as it should be, which may be longer: as the plan wants it. False: the kernel did not
  // take all.
  bool put(guard::kernel::KernelBlocks& blocks, const ByPrefix<TimePoint>& by_plan, TimePoint now);
  void nothing_is_in_kernel();
  // All of whose addresses were put into the kernel; ascending.
  const std::vector<net::IpNetwork>& in_kernel() const { return in_kernel_; }

 private:
  struct Denied {
    TimePoint ends{};
    bool is_put = false;
  };

  void find_in_kernel();

  std::vector<net::IpNetwork> networks_;  // but for those that are left out; ascending
  std::vector<net::IpNetwork> in_kernel_;
  ByPrefix<Denied> prefixes_;
  std::size_t left_out_ = 0;
  TimePoint due_ = no_deadline;  // nothing is denied
};

}  // namespace tenfold::edge
