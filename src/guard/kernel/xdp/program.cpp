#include "guard/kernel/xdp/program.hpp"

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "guard/kernel/blocks.hpp"
#include "guard/kernel/xdp/object.hpp"

#if TENFOLD_HAS_LIBBPF
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#endif

namespace tenfold::guard::kernel {

#if TENFOLD_HAS_LIBBPF

static_assert(most_blocks == TENFOLD_MOST_BLOCKS && most_allowed == TENFOLD_MOST_ALLOWED);

namespace {

constexpr std::uint32_t the_only = 0;  // key of maps of one entry

// The time that the program sees.
std::uint64_t kernel_now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

[[gnu::format(printf, 2, 0)]] int tell_debug(libbpf_print_level, const char* format, va_list arguments) {
  std::array<char, 512> line{};
  const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
  log::debug("libbpf: {}", line.data());
  return length;
}

Error load_error(int errno_value) {
  Error error = system_error(errno_value, "loading the XDP program");
  error.code = Errc::unsupported;
  return error;
}

// A map that an earlier process made, of the same layout.
bool is_alike(const bpf_map* mine, int theirs) {
  bpf_map_info info{};
  std::uint32_t size = sizeof info;
  if (::bpf_obj_get_info_by_fd(theirs, &info, &size) != 0) return false;
  return info.type == bpf_map__type(mine) && info.key_size == bpf_map__key_size(mine) &&
         info.value_size == bpf_map__value_size(mine) && info.max_entries == bpf_map__max_entries(mine) &&
         info.map_flags == bpf_map__map_flags(mine);
}

template <typename Key, typename See>
void for_each_key(int map, const See& see) {
  Key key{}, next{};
  for (bool first = true; ::bpf_map_get_next_key(map, first ? nullptr : &key, &next) == 0; first = false) {
    key = next;
    see(key);
  }
}

template <typename Key>
void remove_all(int map) {
  Key key{};
  while (::bpf_map_get_next_key(map, nullptr, &key) == 0 && ::bpf_map_delete_elem(map, &key) == 0) {
  }
}

Error update_error(std::string_view doing) {
  Error error = system_error(errno, doing);
  error.code = Errc::exhausted;
  return error;
}

}  // namespace

void XdpProgram::Close::operator()(bpf_object* object) const { ::bpf_object__close(object); }

Result<XdpProgram> XdpProgram::load(const Descriptor& kept_blocks) {
  if (xdp_object.empty()) return fail(Errc::unsupported, "built without a compiler for BPF");
  ::libbpf_set_print(&tell_debug);
  XdpProgram program;
  program.object_.reset(::bpf_object__open_mem(xdp_object.data(), xdp_object.size(), nullptr));
  if (program.object_ == nullptr) return std::unexpected(load_error(errno));
  bpf_object* const object = program.object_.get();
  const auto map = [&](const char* name) { return ::bpf_object__find_map_by_name(object, name); };
  bpf_map* const blocks = map("blocks");
  if (kept_blocks && is_alike(blocks, kept_blocks.number())) ::bpf_map__reuse_fd(blocks, kept_blocks.number());
  if (const int failed = ::bpf_object__load(object); failed != 0) return std::unexpected(load_error(-failed));
  program.program_ = ::bpf_program__fd(::bpf_object__find_program_by_name(object, "tenfold_guard"));
  program.blocks_ = ::bpf_map__fd(blocks);
  program.allowed_ = ::bpf_map__fd(map("allowed"));
  program.settings_ = ::bpf_map__fd(map("settings"));
  program.ports_ = ::bpf_map__fd(map("ports_served"));
  program.counts_ = ::bpf_map__fd(map("counts"));
  program.count_blocks();
  if (auto set = program.set_lengths(); !set) return std::unexpected(set.error());
  return program;
}

void XdpProgram::count_blocks() {
  of_length_ = {};
  for_each_key<tenfold_block_key>(blocks_, [&](const tenfold_block_key& key) {
    if (key.length < TENFOLD_LENGTHS) ++of_length_[key.length];
  });
}

Result<void> XdpProgram::set_lengths() {
  tenfold_settings settings{};
  for (std::size_t i = 0; i < of_length_.size(); ++i) {
    if (of_length_[i] != 0) settings.lengths |= 1U << i;
  }
  if (::bpf_map_update_elem(settings_, &the_only, &settings, BPF_ANY) != 0) {
    return std::unexpected(update_error("XDP's settings"));
  }
  return {};
}

Result<void> XdpProgram::serve(std::span<const std::uint16_t> ports) {
  std::array<std::uint64_t, TENFOLD_PORT_WORDS> words{};
  for (const std::uint16_t port : ports) words[port / 64] |= std::uint64_t{1} << (port % 64);
  for (std::uint32_t i = 0; i < words.size(); ++i) {
    if (::bpf_map_update_elem(ports_, &i, &words[i], BPF_ANY) != 0) {
      return std::unexpected(update_error("XDP's ports"));
    }
  }
  return {};
}

Result<void> XdpProgram::put(const Prefix& prefix, Duration lasts) {
  const auto key = block_key(prefix);
  if (!key) return fail(Errc::invalid, prefix.text());
  if (lasts <= Duration::zero()) return take_out(prefix);
  const tenfold_block block{.until_ns = kernel_now_ns() + static_cast<std::uint64_t>(lasts.count())};
  if (::bpf_map_update_elem(blocks_, &*key, &block, BPF_NOEXIST) == 0) {
    return ++of_length_[key->length] == 1 ? set_lengths() : Result<void>();
  }
  if (errno == EEXIST && ::bpf_map_update_elem(blocks_, &*key, &block, BPF_EXIST) == 0) return {};
  return std::unexpected(update_error("XDP's blocks"));
}

Result<void> XdpProgram::take_out(const Prefix& prefix) {
  const auto key = block_key(prefix);
  if (!key) return {};
  if (::bpf_map_delete_elem(blocks_, &*key) == 0) {
    return --of_length_[key->length] == 0 ? set_lengths() : Result<void>();
  }
  if (errno == ENOENT) return {};
  return std::unexpected(update_error("XDP's blocks"));
}

Result<void> XdpProgram::allow(std::span<const net::IpNetwork> networks) {
  if (networks.size() > most_allowed) {
    return fail(Errc::too_large, "more than " + std::to_string(most_allowed) + " networks");
  }
  remove_all<tenfold_allow_key>(allowed_);
  for (const net::IpNetwork& network : networks) {
    const tenfold_allow_key key = allow_key(network);
    const std::uint8_t one = 1;
    if (::bpf_map_update_elem(allowed_, &key, &one, BPF_ANY) != 0) {
      return std::unexpected(update_error("XDP's allow list"));
    }
  }
  return {};
}

Counts XdpProgram::counts() const {
  Counts sum;
  const int processors = ::libbpf_num_possible_cpus();
  if (processors <= 0) return sum;
  std::vector<tenfold_counts> each(static_cast<std::size_t>(processors));
  if (::bpf_map_lookup_elem(counts_, &the_only, each.data()) != 0) return sum;
  for (const tenfold_counts& one : each) {
    for (std::uint32_t i = 0; i < TENFOLD_LENGTHS; ++i) {
      const Level level = level_of(static_cast<tenfold_length>(i));
      sum.dropped_packets[static_cast<std::size_t>(level)] += one.dropped_packets[i];
    }
    sum.dropped_bytes += one.dropped_bytes;
    sum.spared_packets += one.allowed_packets;
  }
  return sum;
}

std::vector<Table::Left> XdpProgram::blocks() const {
  const std::uint64_t now_ns = kernel_now_ns();
  std::vector<Table::Left> all;
  for_each_key<tenfold_block_key>(blocks_, [&](const tenfold_block_key& key) {
    tenfold_block block{};
    const auto prefix = prefix_of_key(key);
    if (!prefix || ::bpf_map_lookup_elem(blocks_, &key, &block) != 0 || block.until_ns <= now_ns) return;
    all.push_back({*prefix, Duration(block.until_ns - now_ns)});
  });
  return all;
}

void XdpProgram::clear() {
  remove_all<tenfold_block_key>(blocks_);
  of_length_ = {};
  static_cast<void>(set_lengths());
}

#else

void XdpProgram::Close::operator()(bpf_object*) const {}
Result<XdpProgram> XdpProgram::load(const Descriptor&) { return fail(Errc::unsupported, "built without libbpf"); }
Result<void> XdpProgram::serve(std::span<const std::uint16_t>) { return fail(Errc::unsupported); }
Result<void> XdpProgram::put(const Prefix&, Duration) { return fail(Errc::unsupported); }
Result<void> XdpProgram::take_out(const Prefix&) { return fail(Errc::unsupported); }
Result<void> XdpProgram::allow(std::span<const net::IpNetwork>) { return fail(Errc::unsupported); }
Counts XdpProgram::counts() const { return {}; }
std::vector<Table::Left> XdpProgram::blocks() const { return {}; }
void XdpProgram::clear() {}

#endif

}  // namespace tenfold::guard::kernel
