// Core as others see it.
#include <fmt/format.h>

#include <type_traits>

#include "watch/service/core.hpp"

namespace tenfold::watch {

namespace {

std::string in_words(Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  if (seconds % 86'400 == 0 && seconds != 0) return fmt::format("{}d", seconds / 86'400);
  if (seconds % 3'600 == 0 && seconds != 0) return fmt::format("{}h", seconds / 3'600);
  if (seconds % 60 == 0 && seconds != 0) return fmt::format("{}m", seconds / 60);
  return fmt::format("{}s", seconds);
}

struct Shown {
  std::string kind;
  std::string target;
};

Shown shown(const Probe& probe) {
  return std::visit(
      [](const auto& kind) -> Shown {
        using Kind = std::decay_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, HttpProbe>) return {"http", kind.url};
        if constexpr (std::is_same_v<Kind, JourneyProbe>)
          return {"journey", kind.steps.empty() ? "" : kind.steps.front().http.url};
        if constexpr (std::is_same_v<Kind, TcpProbe>) return {"tcp", fmt::format("{}:{}", kind.host, kind.port)};
        if constexpr (std::is_same_v<Kind, DnsProbe>) return {"dns", kind.name};
        if constexpr (std::is_same_v<Kind, TlsProbe>) return {"tls", fmt::format("{}:{}", kind.host, kind.port)};
        if constexpr (std::is_same_v<Kind, HeartbeatProbe>)
          return {"heartbeat", fmt::format("every {}", in_words(kind.every))};
      },
      probe);
}

}  // namespace

View Core::view(Moment now) const {
  View view;
  view.checks.reserve(settings_.checks.size());
  for (const Check& check : settings_.checks) {
    const Entry& entry = entries_.at(ids_.at(check.name));
    Summary day = entry.day;
    day.merge(entry.hour);
    Shown target = shown(check.probe);
    view.checks.push_back({.name = check.name,
                           .kind = std::move(target.kind),
                           .target = std::move(target.target),
                           .state = entry.state.state(),
                           .since = entry.state.since(),
                           .what = entry.state.what(),
                           .severity = check.severity,
                           .flapping = entry.state.flapping(now.wall),
                           .in_maintenance = in_maintenance(settings_.maintenance, check.name, now.wall),
                           .last = entry.last,
                           .up_share_24h = day.up_share(),
                           .p95_ms_24h = day.quantile_ms(0.95)});
  }
  view.uplink = uplink_.verdict();
  view.looks_total = looks_;
  view.second_looks_total = second_looks_;
  view.late_total = schedule_.late_total();
  view.skipped_total = schedule_.skipped_total() + not_begun_;
  return view;
}

}  // namespace tenfold::watch
