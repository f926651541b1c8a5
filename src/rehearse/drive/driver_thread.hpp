#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <latch>
#include <memory>

#include "net/loop.hpp"
#include "net/scope.hpp"
#include "rehearse/drive/connection/route.hpp"
#include "rehearse/drive/players/player.hpp"

namespace tenfold::rehearse {

using MakePlayer = std::function<std::unique_ptr<Player>(net::Scope&, Route&)>;

// Where the threads of a run wait for each other: making a plan takes its time, and none may be late at its beginning.
struct StartLine {
  explicit StartLine(std::ptrdiff_t threads) : ready(threads) {}
  std::latch ready;
  std::promise<TimePoint> begin;
  std::shared_future<TimePoint> when_begins{begin.get_future()};
};

// One core's share of a load: a loop, its connections and what they measure. Shares nothing with the others; a second's
// figures are handed over without waiting.
class DriverThread {
 public:
  // `hand_over`, `target` and `model` (may be null) must outlive it.
  DriverThread(std::unique_ptr<net::Loop> loop, const Target& target, std::shared_ptr<net::TlsClientContext> tls,
               HandOver& hand_over, const TrafficModel* model, MakePlayer make_player);

  // On a thread of its own; returns when the player is over and every connection closed.
  void run(StartLine& line);

  // ---- From any thread ----
  void use(ProvenAddresses addresses);
  // Nothing more is sent; what is unanswered at that moment is given up.
  void stop(TimePoint give_up);

 private:
  void play_through();
  bool hand_over(TimePoint now);

  std::unique_ptr<net::Loop> loop_;
  HandOver& hand_over_;
  Recorder recorder_;
  Route route_;
  MakePlayer make_player_;
  net::Scope scope_;
  std::unique_ptr<Player> player_;
  TimePoint next_hand_over_{};
  TimePoint give_up_ = TimePoint::max();
};

}  // namespace tenfold::rehearse
