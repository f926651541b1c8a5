#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "edge/admit/passed_on.hpp"
#include "guard/judge/subject_id.hpp"
#include "guard/ladder/step.hpp"
#include "guard/limit/times.hpp"
#include "guard/measure/labels.hpp"
#include "guard/measure/meter.hpp"
#include "guard/measure/spread.hpp"
#include "guard/subject.hpp"
#include "net/address.hpp"
#include "origin/topology.hpp"

// What a worker counts for the guard, and how the brain gets it.
namespace tenfold::edge {

// How long requests stood in the queue, by powers of two of microseconds; the last is for all that are longer.
struct WaitCounts {
  std::array<std::uint32_t, 26> of{};  // from 1 us to 33 s

  void add(Duration wait);
  WaitCounts& operator+=(const WaitCounts& more);
  // The upper bound of the bucket in which that share of all lies; 0 if there are none.
  Duration quantile(double share) const;
};

// About how many different ones had to do with a pool: customers and who is cleared by their tokens, others by their
// networks.
struct Parties {
  guard::Spread answered;  // with an error or not, or not at all
  guard::Spread failed;    // of them, those that met a failure

  Parties& operator+=(const Parties& more) {
    answered.merge(more.answered);
    failed.merge(more.failed);
    return *this;
  }
};

// Of one pool.
struct PoolWindow {
  static constexpr std::size_t most_routes = 512;  // kinds of work; past it further ones are not told apart

  std::shared_ptr<origin::PoolLoad> load;
  absl::flat_hash_map<std::uint64_t, guard::limit::RouteTimes> routes;
  std::uint64_t answered = 0;
  std::uint64_t shed = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t errors = 0;
  std::uint32_t most_waiting = 0;
  Duration waited{};  // for how long somebody did
  WaitCounts stranger_waits;
  Parties known;   // and allowed
  Parties others;  // all else

  guard::limit::RouteTimes& route(std::uint64_t kind);
};

struct StandingWindow {
  std::uint64_t requests = 0;
  std::uint64_t asked = 0;  // came to need an origin, whatever became of them
  std::uint64_t answered = 0;
  std::uint64_t origin_us = 0;
  // Of what was asked and not refused, that whose kind of work is known; and what it would take of the origins.
  std::uint64_t priced = 0;
  std::uint64_t priced_us = 0;
};

// What is merely counted: together, so that a new window begins with none of the last one's.
struct GuardCounts {
  std::uint64_t errors = 0;
  std::uint64_t half_sent = 0;
  std::uint64_t denied = 0;            // by the owner; or would have been, where the guard observes
  std::uint64_t asked_refused = 0;     // by a measure
  std::uint64_t challenges_shown = 0;  // or would have been
  std::uint64_t challenges_solved = 0;
  std::uint64_t challenges_ignored = 0;
  std::uint64_t places_shown = 0;
  std::uint64_t orders_seen = 0;  // that the origin has confirmed, also of those whom the owner lets be
  std::uint64_t stranger_pages = 0;
  std::uint64_t stranger_assets = 0;
  std::uint64_t strangers_in_known_networks = 0;
  std::uint64_t new_connections = 0;
  std::uint64_t handshakes_unfinished = 0;
  std::uint64_t burnt_us = 0;           // by what was no whole request
  std::uint64_t burnt_turned_away = 0;  // connections of those who burn too much, while time is short
  std::uint64_t burnt_closed = 0;       // times that one of theirs was told to end
  bool core_was_short = false;          // of this worker
  bool operator==(const GuardCounts&) const = default;
};

// One worker's, over about 100 ms.
struct GuardWindow : GuardCounts {
  static constexpr std::size_t most_pools = 64;    // past it pools are not measured
  static constexpr std::size_t most_visits = 256;  // of known customers, that a trial is held against
  static constexpr std::size_t most_orders = 256;
  static constexpr std::size_t most_trials = 64;
  static constexpr std::size_t most_in_trial = 1024;
  static constexpr std::size_t most_senders = 1024;

  explicit GuardWindow(const guard::Meter::Options& options) : meter(options), labels(options.secret) {}

  guard::Meter meter;
  guard::LabelTable labels;  // of those who needed an origin
  PassedOnTable passed_on;   // likewise
  std::vector<PoolWindow> pools;
  std::array<StandingWindow, guard::standings> standings{};
  struct KnownVisit {
    std::uint64_t visitor = 0;
    net::IpAddress client;
  };
  std::vector<KnownVisit> known_visits;
  // Of measures that are tried: which of a tenth of the clients came, and whether they are people.
  struct Trial {
    guard::judging::Subject subject;
    absl::flat_hash_map<std::uint64_t, bool> clients;
  };
  std::vector<Trial> trials;
  // Of whom a request came, by a connection of its own, although it is refused or dropped: the kernel may drop it, once
  // it is at that step.
  absl::flat_hash_set<guard::judging::Subject> senders;
  std::vector<net::IpAddress> orders;  // of whom the origin has confirmed one
  TimePoint began{};

  StandingWindow& of(guard::Standing standing) { return standings[static_cast<std::size_t>(standing)]; }
  void note_order(const net::IpAddress& client) {
    if (orders.size() < most_orders) orders.push_back(client);
  }
  void note_trial(const guard::judging::Subject& subject, std::uint64_t client, bool person);
  // Those who are only refused leave half of the room to those who are dropped.
  void note_sender(const guard::judging::Subject& subject, guard::ladder::Step step) {
    const std::size_t room = step == guard::ladder::Step::drop ? most_senders : most_senders / 2;
    if (senders.size() < room) senders.insert(subject);
  }
  PoolWindow* pool(const std::shared_ptr<origin::PoolLoad>& load);  // null: past the bound
  void clear(TimePoint now);
};

// Passes windows between a worker, which fills them, and the brain, without a lock. Where the brain is late the worker
// goes on with the window that it has: nothing is lost.
class WindowExchange {
 public:
  explicit WindowExchange(const guard::Meter::Options& options);
  ~WindowExchange();
  WindowExchange(const WindowExchange&) = delete;
  WindowExchange& operator=(const WindowExchange&) = delete;

  // The worker's.
  GuardWindow& filling() { return *filling_; }
  // Hands over what has been filled, if the brain has given the last back; from then on filling() is another. False: it
  // has not.
  bool hand_over(TimePoint now);

  // The brain's: the window that was handed over; null: none since the last call. To be given back.
  std::unique_ptr<GuardWindow> take();
  void give_back(std::unique_ptr<GuardWindow> window);

 private:
  std::unique_ptr<GuardWindow> filling_;
  std::atomic<GuardWindow*> full_{nullptr};
  std::atomic<GuardWindow*> empty_;
};

}  // namespace tenfold::edge
