#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>

#include "base/clock.hpp"

// How long a pool's servers took, as workers add it up and the brain hands it to the limiter.
namespace tenfold::guard::limit {

// Of requests alike. A time is what the servers took for one request (connecting and waiting for the head), never what
// it waited here. Values: add them up over workers and windows as wished.
struct Times {
  std::uint32_t answered = 0;  // by a server that did the work: neither a 5xx nor a refusal
  std::uint32_t overdue = 0;   // no answer in time, or one that says overload: 502, 503, 504
  Duration sum{};              // of those answered
  double log_sum = 0;          // of the natural logarithms of their nanoseconds
  double log_square_sum = 0;   // of the squares of those

  void add_answer(Duration time);
  void add_overdue() { ++overdue; }
  std::uint32_t requests() const { return answered + overdue; }
  Times& operator+=(const Times& other);
};

// Requests that cost a server alike: one page of the shop, whatever its parameters.
struct RouteTimes {
  std::uint64_t route = 0;  // opaque
  Times known;              // of known customers (and whom the owner allows)
  Times others;
};

// All routes' times over a while. Bounded by whoever decides which routes it counts one by one (Baselines).
struct Sums {
  absl::flat_hash_map<std::uint64_t, RouteTimes> routes;
  Duration uncounted{};        // the sum of the times of all other routes
  std::uint32_t requests = 0;  // answered or overdue, of all routes
  Duration time{};             // the while
  Duration waited{};           // of it, somebody waited for a place

  Sums& operator+=(const Sums& other);
  void clear();
};

}  // namespace tenfold::guard::limit
