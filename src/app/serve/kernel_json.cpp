#include "app/serve/kernel_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "console/json.hpp"
#include "guard/subject.hpp"

namespace tenfold::app {

namespace {

using Json = nlohmann::ordered_json;

std::uint64_t dropped_packets(const guard::kernel::Counts& counts) {
  return std::accumulate(counts.dropped_packets.begin(), counts.dropped_packets.end(), std::uint64_t{0});
}

constexpr std::string_view name_of(guard::Level level) {
  switch (level) {
    case guard::Level::client: return "client";
    case guard::Level::network: return "network";
    case guard::Level::block: return "block";
  }
  return "client";
}

constexpr std::array all_levels{guard::Level::client, guard::Level::network, guard::Level::block};

guard::Level level_of_prefix(const guard::Prefix& prefix) {
  const auto* const found = std::ranges::find_if(
      all_levels, [&](guard::Level level) { return guard::Prefix::of(prefix.base, level) == prefix; });
  return found == all_levels.end() ? guard::Level::client : *found;
}

}  // namespace

Json kernel_json(const edge::KernelView& view) {
  const bool drops = !view.words.empty();
  return {{"drops", drops},
          {"by", drops ? Json(view.words) : Json(nullptr)},
          {"why_not", drops ? Json(nullptr) : Json(view.why_not)},
          {"blocks", view.total},
          {"dropped_packets_total", dropped_packets(view.counts)},
          {"dropped_bytes_total", view.counts.dropped_bytes}};
}

void add_left_blocks(Json& blocks, const edge::GuardView& view, TimePoint now) {
  for (const guard::kernel::KernelBlocks::Block& block : view.kernel.blocks) {
    if (!block.is_left) continue;
    const double ends_in_s = std::chrono::duration<double>(block.until - now).count();
    blocks.push_back({{"prefix", block.prefix.text()},
                      {"level", name_of(level_of_prefix(block.prefix))},
                      {"step", "drop"},
                      {"reason", "was dropped when Tenfold ended"},
                      {"for_s", nullptr},
                      {"ends_in_s", console::rounded(ends_in_s)},
                      {"tried_on_a_tenth", false},
                      {"no_further_because", nullptr},
                      {"acts", true},
                      {"enforced_by", "kernel"}});
  }
}

void write_kernel_metrics(MetricsText& text, const edge::KernelView& view) {
  text.gauge("tenfold_guard_kernel_drops", "Whether the kernel can drop: 1 it can", view.words.empty() ? 0 : 1);
  text.gauge("tenfold_guard_kernel_blocks", "Clients and networks whose packets the kernel drops",
             static_cast<double>(view.total));
  for (const guard::Level level : all_levels) {
    text.counter("tenfold_guard_kernel_dropped_packets_total", "Packets that the kernel dropped, by what was blocked",
                 static_cast<double>(view.counts.dropped_packets[static_cast<std::size_t>(level)]),
                 {{"level", name_of(level)}});
  }
  text.counter("tenfold_guard_kernel_dropped_bytes_total", "Bytes in those packets",
               static_cast<double>(view.counts.dropped_bytes));
  text.counter("tenfold_guard_kernel_spared_packets_total", "Packets from a blocked network that the allow list spared",
               static_cast<double>(view.counts.spared_packets));
  text.counter("tenfold_guard_kernel_not_taken_total", "Blocks that the kernel did not take at the first try",
               static_cast<double>(view.not_taken));
}

}  // namespace tenfold::app
