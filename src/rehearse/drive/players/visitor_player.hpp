#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rehearse/drive/connection/client_addresses.hpp"
#include "rehearse/drive/players/player.hpp"
#include "rehearse/drive/visitor/visitor.hpp"

namespace tenfold::rehearse {

struct VisitorPlay {
  std::unique_ptr<Planner> planner;  // of this thread's shard
  Duration length{};
  std::string credential;
  std::shared_ptr<const KnownPages> known_pages;  // not null
  std::size_t most_in_flight = 0;
  ClientAddresses sources;
};

// Plays a plan's sessions: each begins at its moment, and goes on as its visitor does.
class VisitorPlayer final : public Player {
 public:
  // The model and the options must outlive it.
  VisitorPlayer(VisitorPlay play, const TrafficModel& model, const DriveOptions& options, net::Scope& scope,
                Route& route);

  void start(TimePoint begin) override { begin_ = begin; }
  TimePoint next_due() const override;
  void play(TimePoint now) override;
  void stop() override;
  void abandon() override;
  bool over() const override { return context_.abandoned || (context_.stopping && visitors_.empty()); }
  std::uint64_t in_flight() const override { return context_.in_flight; }
  std::uint64_t visitors() const override { return visitors_.size(); }

 private:
  // So much is begun before the loop may take in answers again.
  static constexpr int batch = 64;

  void draw_next();
  TimePoint session_due() const;
  void begin_session(TimePoint now);
  void let_go();

  TimePoint end() const { return begin_ + play_.length; }

  VisitorPlay play_;
  TimePoint begin_{};
  VisitorContext context_;
  std::optional<PlannedSession> next_session_;
  std::vector<std::unique_ptr<Visitor>> visitors_;
};

}  // namespace tenfold::rehearse
