#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rehearse/drive/connection/client_addresses.hpp"
#include "rehearse/drive/connection/connection.hpp"
#include "rehearse/drive/players/player.hpp"

namespace tenfold::rehearse {

struct ClosedPlay {
  std::string request;
  Duration length{};
  Duration timeout;
  std::size_t connections = 1;
  ClientAddresses sources;
};

// Each connection sends its next request when the last is answered: as much as the server bears. A request is planned
// when it is sent, so that nothing is ever late, and a stall is hardly seen: this measures ceilings, not visitors.
class ClosedPlayer final : public Player, private ConnectionUser {
 public:
  ClosedPlayer(ClosedPlay play, net::Scope& scope, Route& route);

  void start(TimePoint begin) override;
  TimePoint next_due() const override;
  void play(TimePoint now) override;
  void stop() override { end_ = TimePoint(); }
  void abandon() override;
  bool over() const override;
  std::uint64_t in_flight() const override { return in_flight_; }

 private:
  // A server that cannot be connected to is asked again after this.
  static constexpr Duration pause_after_failure = std::chrono::milliseconds(100);

  struct Slot : Call {
    TimePoint due{};  // max: under way
    std::optional<net::IpAddress> source;
  };

  void plan(Slot& slot, TimePoint now);
  void open(Slot& slot);
  void call_sent(Call& call) override;
  void call_ended(Connection& connection, Call& call, const CallEnd& end) override;
  void connection_gone(Connection&) override {}

  ClosedPlay play_;
  net::Scope& scope_;
  Route& route_;
  Recorder& recorder_;
  TimePoint end_{};
  std::vector<Slot> slots_;
  std::size_t waiting_;  // slots with a moment at which they are due
  std::uint64_t in_flight_ = 0;
  bool abandoned_ = false;
};

}  // namespace tenfold::rehearse
