#pragma once

#include <chrono>

#include "base/clock.hpp"
#include "http/exchange.hpp"
#include "http/server.hpp"

// Whose idle connection makes place at the bound of connections (docs/decisions/0020-idle-makes-place.md): a stranger's
// first, then a customer's; never that of a customer whose last request was of the first worth class and who is still
// thinking about what comes next. Where the guard does not act all are strangers'.
namespace tenfold::edge {

// From when on a customer's goes, if no stranger's can: ten times a stranger's second, and longer than most look at a
// page.
inline constexpr Duration shortest_idle_of_customers = std::chrono::seconds(10);
// How long a customer fills in a form of the checkout. Past it the connection is as any customer's.
inline constexpr Duration think_time = std::chrono::seconds(60);

constexpr Duration shortest_idle(http::IdleTurn turn) {
  switch (turn) {
    case http::IdleTurn::first: return http::shortest_idle_displaced;
    case http::IdleTurn::second: return shortest_idle_of_customers;
    case http::IdleTurn::last: return think_time;
  }
  return think_time;
}

}  // namespace tenfold::edge
