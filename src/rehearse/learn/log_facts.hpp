#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rehearse/learn/agents.hpp"
#include "rehearse/learn/distinct.hpp"

namespace tenfold::rehearse {

// User-Agent texts and how many sessions of each population had them. Bounded: past most_agents new ones are known by
// their kind only.
class AgentTable {
 public:
  static constexpr std::size_t most_agents = 20'000;
  struct Agent {
    std::string text;
    AgentKind kind = AgentKind::script;
    FewVisitors<5> visitors;
    std::array<double, 3> sessions{};
  };
  AgentTable() : agents_(1) {}
  // Its index and kind; index 0: not kept.
  std::pair<std::uint32_t, AgentKind> find(std::string_view text);
  Agent& operator[](std::uint32_t index) { return agents_[index]; }
  // Those that at least five visitors had, the most frequent first.
  std::vector<std::pair<std::string, double>> common(std::size_t population, std::size_t most) const;

 private:
  std::vector<Agent> agents_;  // [0]: none
  absl::flat_hash_map<std::uint64_t, std::uint32_t> by_text_;
};

// Hosts of referers: the shop's own are those whose pages were asked for here before.
class HostTable {
 public:
  static constexpr std::uint8_t none = 0, further = 255;
  std::uint8_t find(std::string_view host);
  void saw(std::uint8_t host, bool a_page_of_ours) {
    ++hosts_[host].referers;
    hosts_[host].ours += a_page_of_ours;
  }
  bool own(std::uint8_t host) const {
    return host != none && host != further && hosts_[host].ours * 4 >= hosts_[host].referers;
  }

 private:
  struct Host {
    double referers = 0, ours = 0;
  };
  std::array<Host, 256> hosts_{};
  absl::flat_hash_map<std::uint64_t, std::uint8_t> by_name_;
};

// Requests per second, and over the busiest sliding minute.
class RequestRate {
 public:
  void add(std::int64_t at_ms);
  double busiest_second() const { return busiest_second_; }
  double peak_per_s(double seconds) const;

 private:
  std::array<double, 60> ring_{};
  std::int64_t second_ = 0;
  double minute_ = 0, busiest_minute_ = 0, busiest_second_ = 0;
  bool begun_ = false;
};

}  // namespace tenfold::rehearse
