#include "guard/limit/times.hpp"

#include <algorithm>
#include <cmath>

namespace tenfold::guard::limit {

void Times::add_answer(Duration time) {
  const double log = std::log(static_cast<double>(std::max<std::int64_t>(time.count(), 1000)));
  ++answered;
  sum += time;
  log_sum += log;
  log_square_sum += log * log;
}

Times& Times::operator+=(const Times& other) {
  answered += other.answered;
  overdue += other.overdue;
  sum += other.sum;
  log_sum += other.log_sum;
  log_square_sum += other.log_square_sum;
  return *this;
}

Sums& Sums::operator+=(const Sums& other) {
  for (const auto& [route, times] : other.routes) {
    RouteTimes& mine = routes[route];
    mine.route = route;
    mine.known += times.known;
    mine.others += times.others;
  }
  uncounted += other.uncounted;
  requests += other.requests;
  time += other.time;
  waited += other.waited;
  return *this;
}

void Sums::clear() {
  routes.clear();
  uncounted = time = waited = {};
  requests = 0;
}

}  // namespace tenfold::guard::limit
