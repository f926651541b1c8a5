#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "guard/kernel/descriptor.hpp"
#include "guard/kernel/table.hpp"
#include "guard/kernel/xdp/keys.hpp"

struct bpf_object;

namespace tenfold::guard::kernel {

// The program in the kernel, loaded, with its maps; attached to nothing. All of it goes when this goes and nothing else
// holds it. Needs CAP_BPF and CAP_NET_ADMIN to load, and nothing afterwards.
class XdpProgram {
 public:
  // With the blocks of this map (any descriptor but none), if it is one of this version's; else with a map of its own.
  // Errors: unsupported (by the build, the kernel, or for want of rights).
  static Result<XdpProgram> load(const Descriptor& kept_blocks = {});

  Result<void> serve(std::span<const std::uint16_t> ports);
  Result<void> put(const Prefix& prefix, Duration lasts);
  Result<void> take_out(const Prefix& prefix);
  Result<void> allow(std::span<const net::IpNetwork> networks);
  Counts counts() const;
  // What is in the map of blocks and not over.
  std::vector<Table::Left> blocks() const;
  void clear();  // of all blocks

  int number() const { return program_; }  // descriptors of the program and of the map of blocks
  int blocks_map() const { return blocks_; }

 private:
  struct Close {
    void operator()(bpf_object* object) const;
  };

  Result<void> set_lengths();
  void count_blocks();

  std::unique_ptr<bpf_object, Close> object_;
  int program_ = -1;  // of object_, these and those below
  int blocks_ = -1;
  int allowed_ = -1;
  int settings_ = -1;
  int ports_ = -1;
  int counts_ = -1;
  std::array<std::size_t, TENFOLD_LENGTHS> of_length_{};  // blocks in the map
};

}  // namespace tenfold::guard::kernel
