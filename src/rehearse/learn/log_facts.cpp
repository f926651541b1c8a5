#include "rehearse/learn/log_facts.hpp"

#include <absl/hash/hash.h>

#include <algorithm>
#include <utility>

namespace tenfold::rehearse {

std::pair<std::uint32_t, AgentKind> AgentTable::find(std::string_view text) {
  const std::uint64_t hash = absl::HashOf(text);
  if (const auto at = by_text_.find(hash); at != by_text_.end()) return {at->second, agents_[at->second].kind};
  const AgentKind kind = agent_kind(text);
  if (agents_.size() >= most_agents) return {0, kind};
  const auto index = static_cast<std::uint32_t>(agents_.size());
  Agent& agent = agents_.emplace_back();
  agent.kind = kind;
  agent.text = text.substr(0, 512);
  by_text_.emplace(hash, index);
  return {index, kind};
}

std::vector<std::pair<std::string, double>> AgentTable::common(std::size_t population, std::size_t most) const {
  std::vector<std::pair<std::string, double>> result;
  for (const auto& agent : agents_) {
    const bool plain = std::ranges::all_of(agent.text, [](char c) { return c >= ' ' && c < 0x7f; });
    if (agent.sessions[population] > 0 && agent.visitors.enough() && plain && !agent.text.empty())
      result.emplace_back(agent.text, agent.sessions[population]);
  }
  std::ranges::sort(result, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (result.size() > most) result.resize(most);
  return result;
}

std::uint8_t HostTable::find(std::string_view host) {
  const std::uint64_t hash = absl::HashOf(host);
  if (const auto at = by_name_.find(hash); at != by_name_.end()) return at->second;
  if (by_name_.size() >= further - 1) return further;
  return by_name_.emplace(hash, static_cast<std::uint8_t>(by_name_.size() + 1)).first->second;
}

void RequestRate::add(std::int64_t at_ms) {
  const std::int64_t second = at_ms / 1000;
  if (begun_ && second < second_) {
    // One of the few that come too late counts in its own second, as long as that is there.
    if (second_ - second >= 60) return;
    double& then = ring_[static_cast<std::size_t>(second % 60 + 60) % 60];
    busiest_second_ = std::max(busiest_second_, ++then);
    busiest_minute_ = std::max(busiest_minute_, ++minute_);
    return;
  }
  if (!begun_ || second - second_ >= 60) {
    ring_.fill(0);
    minute_ = 0;
    second_ = second;
    begun_ = true;
  }
  while (second_ < second) {
    double& oldest = ring_[static_cast<std::size_t>(++second_ % 60 + 60) % 60];
    minute_ -= oldest;
    oldest = 0;
  }
  double& now = ring_[static_cast<std::size_t>(second % 60 + 60) % 60];
  ++now;
  ++minute_;
  busiest_minute_ = std::max(busiest_minute_, minute_);
  busiest_second_ = std::max(busiest_second_, now);
}

double RequestRate::peak_per_s(double seconds) const { return busiest_minute_ / std::min(60.0, seconds); }

}  // namespace tenfold::rehearse
