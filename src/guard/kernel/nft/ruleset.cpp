#include "guard/kernel/nft/ruleset.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <optional>

#include "guard/kernel/blocks.hpp"

namespace tenfold::guard::kernel {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, levels> level_names{"client", "network", "block"};
constexpr std::array<std::string_view, levels> v4_masks{"", " & 255.255.255.0", " & 255.255.0.0"};
constexpr std::array<std::string_view, levels> v6_masks{
    " & ffff:ffff:ffff:ffff::", " & ffff:ffff:ffff:ff00::", " & ffff:ffff:ffff::"};

std::optional<Level> level_in_sets(const Prefix& prefix) {
  for (std::size_t i = 0; i < levels; ++i) {
    if (Prefix::of(prefix.base, static_cast<Level>(i)) == prefix) return static_cast<Level>(i);
  }
  return {};
}

std::string set_of(Level level, bool is_v4) {
  return fmt::format("{}{}", level_names[static_cast<std::size_t>(level)], is_v4 ? 4 : 6);
}

std::int64_t in_ms(Duration duration) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

std::string elements(const std::vector<std::string>& items) {
  return items.empty() ? "" : fmt::format(" elements = {{ {} }};", fmt::join(items, ", "));
}

std::vector<std::string> allowed_items(const std::vector<net::IpNetwork>& networks, bool of_v4) {
  std::vector<std::string> items;
  for (const net::IpNetwork& each : networks) {
    if ((each.base().is_v4() && each.prefix_bits() >= 96) == of_v4) items.push_back(each.text());
  }
  return items;
}

void write_block_sets(std::string& text, const std::map<Prefix, TimePoint>& blocks, TimePoint now) {
  for (const bool is_v4 : {true, false}) {
    for (std::size_t i = 0; i < levels; ++i) {
      const auto level = static_cast<Level>(i);
      std::vector<std::string> items;
      for (const auto& [prefix, until] : blocks) {
        if (prefix.base.is_v4() != is_v4 || level_in_sets(prefix) != level || until <= now) continue;
        items.push_back(fmt::format("{} timeout {}ms", prefix.base.text(), in_ms(until - now)));
      }
      text += fmt::format("  set {} {{ type {}; size {}; flags timeout;{} }}\n", set_of(level, is_v4),
                          is_v4 ? "ipv4_addr" : "ipv6_addr", most_blocks, elements(items));
    }
  }
}

// A packet of a blocked source is looked up in the allow list only then: whoever is not blocked has one look-up less.
void write_chains(std::string& text) {
  text +=
      "  chain spare {\n"
      "    ip saddr @allowed4 counter name spared accept\n"
      "    ip6 saddr @allowed6 counter name spared accept\n"
      "  }\n";
  for (const std::string_view level : level_names) {
    text += fmt::format("  chain from_{0} {{\n    jump spare\n    counter name {0} drop\n  }}\n", level);
  }
  text += "  chain served {\n";
  for (std::size_t i = 0; i < levels; ++i) {
    text += fmt::format("    ip saddr{} @{}4 goto from_{}\n", v4_masks[i], level_names[i], level_names[i]);
  }
  for (std::size_t i = 0; i < levels; ++i) {
    text += fmt::format("    ip6 saddr{} @{}6 goto from_{}\n", v6_masks[i], level_names[i], level_names[i]);
  }
  // Before connections are tracked (raw), and only what is for this machine: a fragment without a port matches nothing.
  text +=
      "  }\n"
      "  chain prerouting {\n"
      "    type filter hook prerouting priority raw; policy accept;\n"
      "    tcp dport @ports fib daddr type local goto served\n"
      "  }\n";
}

std::optional<Prefix> listed_prefix(const Json& element, Level level) {
  if (!element.contains("val") || !element["val"].is_string()) return {};
  const auto address = net::IpAddress::parse(element["val"].get<std::string>());
  if (!address) return {};
  return Prefix::of(*address, level);
}

void read_set(const Json& set, Level level, std::vector<Table::Left>& blocks) {
  if (!set.contains("elem") || !set["elem"].is_array()) return;
  for (const Json& each : set["elem"]) {
    if (!each.is_object() || !each.contains("elem")) continue;
    const Json& element = each["elem"];
    const auto prefix = listed_prefix(element, level);
    const std::int64_t expires_s = element.value("expires", std::int64_t{0});
    if (prefix && expires_s > 0) blocks.push_back({*prefix, std::chrono::seconds(expires_s)});
  }
}

const Json* objects_of(const Json& listing) {
  const bool good = listing.is_object() && listing.contains("nftables") && listing["nftables"].is_array();
  return good ? &listing["nftables"] : nullptr;
}

}  // namespace

std::string Ruleset::whole(TimePoint now) const {
  std::string text = fmt::format("{}table inet tenfold {{\n", remove_table_text());
  for (const std::string_view counter : level_names) text += fmt::format("  counter {} {{}}\n", counter);
  text += "  counter spared {}\n";
  std::vector<std::string> numbers;
  for (const std::uint16_t port : ports) numbers.push_back(std::to_string(port));
  text += fmt::format("  set ports {{ type inet_service;{} }}\n", elements(numbers));
  for (const bool is_v4 : {true, false}) {
    text += fmt::format("  set allowed{} {{ type {}; flags interval; auto-merge;{} }}\n", is_v4 ? 4 : 6,
                        is_v4 ? "ipv4_addr" : "ipv6_addr", elements(allowed_items(allowed, is_v4)));
  }
  write_block_sets(text, blocks, now);
  write_chains(text);
  return text + "}\n";
}

// What is not there cannot be removed: hence added before.
std::string_view remove_table_text() { return "add table inet tenfold\ndelete table inet tenfold\n"; }

std::string take_out_text(const Prefix& prefix) {
  const auto level = level_in_sets(prefix);
  if (!level) return {};
  const std::string set = set_of(*level, prefix.base.is_v4());
  return fmt::format("add element inet tenfold {0} {{ {1} }}\ndelete element inet tenfold {0} {{ {1} }}\n", set,
                     prefix.base.text());
}

// An element that is there keeps its time when it is added again: hence taken out before.
std::string put_text(const Prefix& prefix, Duration lasts) {
  const auto level = level_in_sets(prefix);
  if (!level) return {};
  return take_out_text(prefix) + fmt::format("add element inet tenfold {} {{ {} timeout {}ms }}\n",
                                             set_of(*level, prefix.base.is_v4()), prefix.base.text(), in_ms(lasts));
}

std::string allow_text(const std::vector<net::IpNetwork>& networks) {
  std::string text;
  for (const bool is_v4 : {true, false}) {
    const int family = is_v4 ? 4 : 6;
    text += fmt::format("flush set inet tenfold allowed{}\n", family);
    const auto items = allowed_items(networks, is_v4);
    if (!items.empty()) {
      text += fmt::format("add element inet tenfold allowed{} {{ {} }}\n", family, fmt::join(items, ", "));
    }
  }
  return text;
}

std::vector<Table::Left> read_blocks(std::string_view listing) {
  const Json parsed = Json::parse(listing, nullptr, false);
  std::vector<Table::Left> blocks;
  const Json* const objects = objects_of(parsed);
  if (objects == nullptr) return blocks;
  for (const Json& object : *objects) {
    if (!object.is_object() || !object.contains("set") || !object["set"].is_object()) continue;
    const Json& set = object["set"];
    const std::string set_name = set.value("name", "");
    for (std::size_t i = 0; i < levels; ++i) {
      const auto level = static_cast<Level>(i);
      if (set_name == set_of(level, true) || set_name == set_of(level, false)) read_set(set, level, blocks);
    }
  }
  return blocks;
}

Result<Counts> read_counts(std::string_view listing) {
  const Json parsed = Json::parse(listing, nullptr, false);
  const Json* const objects = objects_of(parsed);
  if (objects == nullptr) return fail(Errc::invalid, "nft's counters");
  Counts counts;
  for (const Json& object : *objects) {
    if (!object.is_object() || !object.contains("counter") || !object["counter"].is_object()) continue;
    const Json& counter = object["counter"];
    const std::string counter_name = counter.value("name", "");
    const auto packets = counter.value("packets", std::uint64_t{0});
    if (counter_name == "spared") counts.spared_packets = packets;
    const auto* const found = std::ranges::find(level_names, counter_name);
    if (found == level_names.end()) continue;
    counts.dropped_packets[static_cast<std::size_t>(std::distance(level_names.begin(), found))] = packets;
    counts.dropped_bytes += counter.value("bytes", std::uint64_t{0});
  }
  return counts;
}

}  // namespace tenfold::guard::kernel
