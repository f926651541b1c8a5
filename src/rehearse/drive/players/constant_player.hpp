#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "rehearse/drive/connection/client_addresses.hpp"
#include "rehearse/drive/connection/connection.hpp"
#include "rehearse/drive/players/player.hpp"
#include "rehearse/drive/players/schedule.hpp"

namespace tenfold::rehearse {

struct ConstantPlay {
  ConstantSchedule schedule;
  std::string request;
  Duration timeout;
  // This one sends every `shards`th request, beginning with `shard`.
  std::uint64_t shard = 0;
  std::uint64_t shards = 1;
  std::size_t connections = 0;  // opened at the beginning, and used in turn; 0: as needed, the last used first
  std::size_t most_in_flight = 0;
  ClientAddresses sources;
};

// Sends each request at its moment, whatever became of those before: on a free connection, or on one more.
class ConstantPlayer final : public Player, private ConnectionUser {
 public:
  ConstantPlayer(ConstantPlay play, net::Scope& scope, Route& route);

  void start(TimePoint begin) override { begin_ = begin; }
  TimePoint next_due() const override;
  void play(TimePoint now) override;
  void stop() override;
  void abandon() override;
  bool over() const override { return abandoned_ || (next_ >= play_.schedule.count() && in_flight_ == 0); }
  std::uint64_t in_flight() const override { return in_flight_; }

 private:
  // So many are sent before the loop may take in answers again.
  static constexpr int batch = 64;

  void send(TimePoint planned, TimePoint now);
  void make(Call& call);
  void open(Call* call, TimePoint deadline);
  Call& new_call();
  void call_sent(Call& call) override;
  void connection_free(Connection& connection) override;
  void call_ended(Connection& connection, Call& call, const CallEnd& end) override;
  void connection_gone(Connection& connection) override;
  void keep(Connection& connection);

  ConstantPlay play_;
  net::Scope& scope_;
  Route& route_;
  Recorder& recorder_;
  TimePoint begin_{};
  std::uint64_t next_;
  std::uint64_t in_flight_ = 0;
  bool opened_first_ = false;
  bool abandoned_ = false;
  std::deque<Call> calls_;  // as many as were ever in flight at once
  std::vector<Call*> unused_calls_;
  net::IntrusiveList<Connection> free_;
};

}  // namespace tenfold::rehearse
