#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "cache/cache.hpp"
#include "console/model.hpp"
#include "edge/access_log/access_log_writer.hpp"
#include "edge/edge.hpp"
#include "origin/directory.hpp"

namespace tenfold::app {

// What the console shows, gathered from the modules that know it. tick() and the setters are the service's thread's;
// the readings any thread's.
class ConsoleSources final : public console::StatusSource,
                             public console::OriginsSource,
                             public console::CacheSource,
                             public console::MetricsSource {
 public:
  ConsoleSources(const Clock& clock, std::string shop, const edge::Edge& edge, const origin::Directory& directory,
                 cache::Cache* cache, const edge::AccessLogMetrics& access_log);

  // Once a second: keeps what latencies were counted by then, so that status() can tell those of the last ten seconds.
  void tick();
  void set_shop(std::string shop) {
    shop_.with([&](std::string& name) { name = std::move(shop); });
  }
  void set_reload(console::Status::Reload reload);
  void set_draining() { draining_.store(true, std::memory_order_relaxed); }

  console::Sources all() { return {*this, *this, *this, {this}}; }

  console::Status status() const override;
  std::vector<console::OriginPool> origins() const override;
  console::CacheState cache() const override;
  net::Task<Result<std::uint64_t>> purge(console::Purge purge) override;
  void write_metrics(MetricsText& text) const override;

 private:
  static constexpr std::size_t window_s = 10;

  const Clock& clock_;
  Guarded<std::string> shop_;
  const edge::Edge& edge_;
  const origin::Directory& directory_;
  cache::Cache* cache_;
  const edge::AccessLogMetrics& access_log_;
  WallTime started_at_;
  TimePoint started_;
  std::atomic<bool> draining_ = false;
  Guarded<console::Status::Reload> reload_;
  Guarded<std::deque<LatencyHistogram::Counts>> past_;  // one a second, oldest first
};

}  // namespace tenfold::app
