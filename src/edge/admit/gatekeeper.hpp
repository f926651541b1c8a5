#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "edge/admit/guard_window.hpp"
#include "guard/admit/fair_queue.hpp"
#include "net/loop.hpp"
#include "net/timers.hpp"
#include "origin/admission.hpp"

namespace tenfold::edge {

struct GuardPolicy;

// What a request of each kind of work costs an origin, as far as this worker has seen: a running mean in milliseconds.
// One thread only.
class ExpectedCosts {
 public:
  static constexpr std::size_t most_kinds = 512;  // past it further ones cost the mean of all
  double of(std::uint64_t kind) const;
  std::optional<double> known_of(std::uint64_t kind) const;  // nothing: none of it was answered
  void learn(std::uint64_t kind, double ms);
  double average() const { return average_ms_; }

 private:
  absl::flat_hash_map<std::uint64_t, double> ms_;
  double average_ms_ = 20;
};

// In what order those come who wait.
enum class Order : std::uint8_t {
  by_rank,       // the guard's
  by_arrival,    // first come, first served, whoever it is; bounded as the guard's is
  as_they_come,  // likewise, bounded by each pool's own: while no guard acts
};

// Only a guard that acts changes it.
Order order_of(const GuardPolicy& guard);

// A worker's side of the guard at the origins' door: the order of those who wait (guard::FairQueue), who of them is
// sent away when there is not enough, and what everything cost, counted for the brain. Claim::rank is a guard::Rank and
// Claim::standing a guard::Standing. One thread only, but for exchange().
class Gatekeeper final : public origin::Admission {
 public:
  Gatekeeper(net::Loop& loop, const guard::Meter::Options& meter);
  ~Gatekeeper() override;

  void set_order(Order order) { order_ = order; }
  // What is counted now; handed to the brain at least every window_length while anything is.
  GuardWindow& window();
  // Hands it over now, if anything was counted: the brain is about to decide.
  void hand_over_window();
  WindowExchange& exchange() { return exchange_; }
  static constexpr Duration window_length = std::chrono::milliseconds(100);

  // What a request of that kind of work takes of the origins, as far as this worker has seen.
  Duration expected_cost(std::uint64_t kind) const;
  // Counts what the request would take, if that is known, whether or not it is let in.
  void price(guard::Standing standing, std::uint64_t kind);
  std::size_t waiting() const { return queue_.size(); }

  // For how long a request is still wanted whose client seems to have left (ServerExchange::departure_grace): while
  // half of what the origins bear is in use, for as long as such a request may take, and not for longer.
  Duration departure_grace(const origin::Claim& claim, const origin::Route& route) const;

  Turn turn_of(const origin::Ticket& newcomer) override;
  Joined join(origin::Ticket& ticket) override;
  void leave(origin::Ticket& ticket, Left how) override;
  bool inherit(origin::Ticket& ticket, const origin::Claim& claim) override;
  std::uint8_t holds_as(const origin::Claim& claim) const override;
  void held(const origin::Claim& claim, const origin::Pool& pool, Duration time) override;
  bool waits_for(const origin::Server& server) override;
  void call_for(const origin::Server& server) override;
  bool may_look(const origin::Ticket& ticket) override;
  void answered(const origin::Claim& claim, const origin::OriginUse& use) override;
  void returned(const origin::Claim& claim, const origin::OriginUse& use) override;

 private:
  bool has_ranks() const { return order_ == Order::by_rank; }

  using Waiter = guard::FairQueue::Waiter;
  // Of a pool for which somebody waits.
  struct Waited {
    origin::PoolLoad* load = nullptr;
    std::size_t count = 0;
    TimePoint since{};
  };

  static constexpr double pressed_from_backlog_ms = 500;
  static constexpr Duration pressed_from_wait = std::chrono::milliseconds(250);
  static constexpr Duration pressed_for = std::chrono::seconds(1);

  guard::Rank rank_of(const origin::Claim& claim) const;
  Waiter& new_waiter(const origin::Ticket& ticket);
  void free_waiter(origin::Ticket& ticket);
  void set_claim(Waiter& waiter, const origin::Claim& claim) const;
  Waiter* next_for(const origin::Server& server) const;
  // Somebody of a better rank waits at another worker, and this one's rank is not owed its turn.
  bool yields(const Waiter& waiter) const;
  void look_at_backlog();
  void send_away(Waiter& waiter);
  void send_away_overdue();
  void count_waiting(const origin::Route& route, int change);
  void count_time_waited();
  static void on_window(void* self);

  net::Loop& loop_;
  Order order_ = Order::as_they_come;
  guard::FairQueue queue_{guard::FairQueueOptions()};
  ExpectedCosts costs_;
  std::vector<std::unique_ptr<Waiter>> free_;
  std::vector<Waited> waited_;
  TimePoint last_sent_away_{};
  WindowExchange exchange_;
  net::Timer window_timer_{&on_window, this};
};

}  // namespace tenfold::edge
