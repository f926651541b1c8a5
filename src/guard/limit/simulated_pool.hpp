#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "guard/limit/limiter.hpp"
#include "guard/limit/times.hpp"

// For tests: a shop's servers, those who ask, and the edge's queue between them, on simulated time.
namespace tenfold::guard::limit::simulation {

// What a contender learns of one answer, and every 100 ms.
struct Answer {
  std::uint64_t route = 0;
  enum class Asker : std::uint8_t { known, other } asker = Asker::known;
  // `error`: a 5xx of the shop's own. `overdue`: none came in time.
  enum class End : std::uint8_t { answered, error, overdue } end = End::answered;
  Duration time{};           // at the servers
  std::uint32_t active = 0;  // requests there when it began, itself included
  TimePoint begun{};
};
struct Window {
  std::uint32_t active_most = 0;
  Duration waited{};
};

// What decides the limit.
class Contender {
 public:
  virtual ~Contender() = default;
  virtual std::uint32_t limit() const = 0;
  virtual void answered(const Answer& answer, TimePoint now) = 0;
  virtual void step(const Window& window, TimePoint now) = 0;  // every 100 ms
};

// How times vary around a route's mean.
enum class Spread : std::uint8_t {
  none,
  even,   // uniform, ±30 %
  wide,   // log-normal, sigma 1: the hundredth is ten times the median
  tail,   // Pareto, alpha 1.5, cut at a hundred times the least: no variance to speak of
  split,  // seven in ten take a tenth of the others: answers from the shop's own cache
};

inline double drawn(Spread spread, Random& random) {
  const double u = std::max(1e-12, random.unit());
  switch (spread) {
    case Spread::none: return 1;
    case Spread::even: return 0.7 + 0.6 * u;
    case Spread::wide: {
      const double angle = 2 * 3.14159265358979 * random.unit();
      return std::exp(std::sqrt(-2 * std::log(u)) * std::cos(angle) - 0.5);
    }
    case Spread::tail: return std::min(100.0, std::pow(u, -1 / 1.5)) / 2.8;
    case Spread::split: return u < 0.7 ? 0.1 / 0.37 : 1 / 0.37;
  }
  return 1;
}

// Requests that come whatever becomes of them, at random (Poisson); or from so many clients who ask again as soon as
// they are answered, and are sent away after 20 ms in the edge's queue, as strangers are.
struct Stream {
  struct Route {
    std::uint64_t id = 0;
    double mean_s = 0;
    double share = 1;
  };
  std::vector<Route> routes;
  double per_s = 0;
  std::uint32_t clients = 0;  // not 0: `per_s` does not count
  double failing = 0;         // share that is answered with a 5xx, for nothing
  double leaving = 0;         // share of clients who wait for 50 ms for an answer that would never come
  Answer::Asker asker = Answer::Asker::known;
  Spread spread = Spread::even;
  enum class Paths : std::uint8_t { shared, unique } paths = Paths::shared;  // unique: each request is its own route

  double mean_s() const {
    double sum = 0, shares = 0;
    for (const Route& route : routes) sum += route.mean_s * route.share, shares += route.share;
    return sum / shares;
  }
};

// The routes of a shop: mean 38.5 ms.
inline std::vector<Stream::Route> shop_routes() {
  return {{1, 0.020, 30}, {2, 0.030, 20}, {3, 0.025, 10}, {4, 0.080, 15},
          {5, 0.035, 10}, {6, 0.040, 10}, {7, 0.070, 5}};
}
constexpr std::uint64_t search_route = 4;

struct Shop {
  std::uint32_t workers = 20;
  enum class Order : std::uint8_t {
    queue,   // a request waits until a worker is free
    shared,  // all are worked on at once, with `workers` processors between them
  } order = Order::queue;
  double slowness = 1;  // what every request takes, times this
  // More at once than this, and it does less: each beyond costs a tenth (shared only). 0: never.
  std::uint32_t bears = 0;
  std::uint32_t own_limit = 0;  // connections to it; who finds none waits at the edge. 0: none
  double dark = 0;              // share of requests that get no answer within 2 s
};

struct Second {
  double capacity = 0;  // worker seconds that there were
  double worked = 0;    // worker seconds used
  std::uint32_t asked = 0;
  std::uint32_t admitted = 0;
  std::uint32_t given_up = 0;
  std::uint32_t answered = 0;
  double server_wait_s = 0;  // sum, of those answered: beyond what they took of a worker
  double edge_wait_s = 0;    // sum, of those admitted
};

class Simulation {
 public:
  Simulation(Shop shop, std::uint64_t seed) : shop_(shop), random_(seed) {}

  Shop& shop() { return shop_; }
  std::vector<Stream>& streams() { return streams_; }
  const std::vector<Second>& seconds() const { return seconds_; }
  const std::vector<std::uint32_t>& limits() const { return limits_; }  // every 100 ms
  std::function<void(double at_s)> each_step = [](double) {};           // every 100 ms, before the contender

  // Runs on for so long.
  void run(Contender& contender, double length_s);
  double now_s() const { return now_; }

 private:
  struct Request {
    std::size_t stream = 0;
    std::uint64_t route = 0;
    Answer::Asker asker = Answer::Asker::known;
    Answer::End end = Answer::End::answered;
    double service_s = 0;
    double held_s = 0;  // not 0: it takes a place for so long, and no work
    double came = 0;
    double begun = 0;
    std::uint32_t active = 0;
  };
  struct Done {
    double at = 0;  // time, or work per request if the processors are shared
    Request request;
    bool operator>(const Done& other) const { return at > other.at; }
  };
  using Queue = std::priority_queue<Done, std::vector<Done>, std::greater<>>;

  static constexpr double patience_s = 2;
  static constexpr double stranger_patience_s = 0.02;
  static constexpr double timeout_s = 2;
  static constexpr double leaves_after_s = 0.05;
  static constexpr std::size_t most_waiting = 4096;
  static constexpr double step_s = 0.1;

  TimePoint time() const { return TimePoint(std::chrono::hours(1)) + Duration(static_cast<std::int64_t>(now_ * 1e9)); }
  std::uint32_t at_servers() const {
    return static_cast<std::uint32_t>(working_.size() + queued_.size() + held_.size());
  }
  bool shared() const { return shop_.order == Shop::Order::shared; }
  Second& second();
  void come(std::size_t stream);
  void gone(const Request& request);
  void admit(Contender& contender);
  void start();
  double penalty() const;
  double rate() const;
  double next_done() const;
  double next_coming();
  void pass(double to);
  void finish(Contender& contender);
  void finish_held(Contender& contender);
  void answer(const Request& request, Contender& contender);
  void step(Contender& contender);

  Shop shop_;
  FastRandom random_;
  std::vector<Stream> streams_;
  std::vector<double> next_;
  std::vector<double> rates_;           // that the next were drawn with
  std::vector<std::uint32_t> present_;  // of each stream's clients, those who ask
  std::size_t coming_ = 0;
  std::vector<Second> seconds_;
  std::vector<std::uint32_t> limits_;
  Queue working_;
  Queue held_;
  std::deque<Request> queued_;                  // at the servers
  std::array<std::deque<Request>, 2> waiting_;  // at the edge: known customers first
  double now_ = 0;
  double shared_work_ = 0;  // done for each request since the beginning
  double next_step_ = step_s;
  double waited_ = 0;
  std::uint32_t active_most_ = 0;
};

inline Second& Simulation::second() {
  const auto at = static_cast<std::size_t>(now_);
  if (seconds_.size() <= at) seconds_.resize(at + 1);
  return seconds_[at];
}

inline double Simulation::penalty() const {
  if (shop_.bears == 0 || working_.size() <= shop_.bears) return 1;
  return 1 / (1 + 0.1 * static_cast<double>(working_.size() - shop_.bears));
}

inline double Simulation::rate() const {
  if (!shared() || working_.empty()) return 1;
  return penalty() * std::min(1.0, static_cast<double>(shop_.workers) / static_cast<double>(working_.size()));
}

inline void Simulation::pass(double to) {
  const double length = to - now_;
  second().capacity += length * shop_.workers;
  second().worked += length * penalty() * std::min<double>(shop_.workers, static_cast<double>(working_.size()));
  shared_work_ += length * rate();
  if (!waiting_[0].empty() || !waiting_[1].empty()) waited_ += length;
  now_ = to;
}

inline void Simulation::come(std::size_t index) {
  const Stream& stream = streams_[index];
  double at = 0;
  for (const Stream::Route& route : stream.routes) at += route.share;
  at *= random_.unit();
  std::size_t chosen = 0;
  while (chosen + 1 < stream.routes.size() && at >= stream.routes[chosen].share) at -= stream.routes[chosen++].share;
  const Stream::Route& route = stream.routes[chosen];
  Request request{.stream = index, .route = route.id, .asker = stream.asker, .came = now_};
  request.service_s = route.mean_s * drawn(stream.spread, random_);
  if (stream.paths == Stream::Paths::unique) request.route = random_.next();
  const double fate = random_.unit();
  if (fate < stream.failing) {
    request.end = Answer::End::error;
    request.service_s /= 10;
  } else if (fate < stream.failing + stream.leaving) {
    request.held_s = leaves_after_s;
  } else if (shop_.dark > 0 && random_.unit() < shop_.dark) {
    request.held_s = timeout_s;
    request.end = Answer::End::overdue;
  }
  auto& queue = waiting_[static_cast<std::size_t>(stream.asker)];
  ++second().asked;
  if (queue.size() >= most_waiting) return void(++second().given_up);
  queue.push_back(request);
}

// Whoever asked has an answer, or none.
inline void Simulation::gone(const Request& request) {
  if (streams_[request.stream].clients != 0) --present_[request.stream];
}

inline void Simulation::admit(Contender& contender) {
  const auto gives_up = [&](const Request& request) {
    return now_ - request.came > (streams_[request.stream].clients != 0 ? stranger_patience_s : patience_s);
  };
  const auto has_place = [&] {
    return at_servers() < contender.limit() && (shop_.own_limit == 0 || at_servers() < shop_.own_limit);
  };
  for (auto& queue : waiting_) {
    while (!queue.empty() && gives_up(queue.front())) {
      gone(queue.front());
      queue.pop_front();
      ++second().given_up;
    }
    while (!queue.empty() && has_place()) {
      Request request = queue.front();
      queue.pop_front();
      request.begun = now_;
      request.active = at_servers() + 1;
      second().edge_wait_s += now_ - request.came;
      ++second().admitted;
      if (request.held_s > 0) {
        held_.push({now_ + request.held_s, request});
      } else {
        queued_.push_back(request);
        start();
      }
    }
  }
  active_most_ = std::max(active_most_, at_servers());
}

inline void Simulation::start() {
  while (!queued_.empty() && (shared() || working_.size() < shop_.workers)) {
    Request request = queued_.front();
    queued_.pop_front();
    request.service_s *= shop_.slowness;
    working_.push({(shared() ? shared_work_ : now_) + request.service_s, request});
  }
}

inline void Simulation::answer(const Request& request, Contender& contender) {
  const auto took = Duration(static_cast<std::int64_t>((now_ - request.begun) * 1e9));
  contender.answered({.route = request.route,
                      .asker = request.asker,
                      .end = request.end,
                      .time = took,
                      .active = request.active,
                      .begun = time() - took},
                     time());
}

inline void Simulation::finish(Contender& contender) {
  const Request request = working_.top().request;
  working_.pop();
  ++second().answered;
  second().server_wait_s += now_ - request.begun - request.service_s;
  answer(request, contender);
  gone(request);
  start();
}

inline void Simulation::finish_held(Contender& contender) {
  const Request request = held_.top().request;
  held_.pop();
  if (request.end == Answer::End::overdue) answer(request, contender);
  gone(request);
}

inline double Simulation::next_done() const {
  if (working_.empty()) return 1e18;
  if (!shared()) return std::max(now_, working_.top().at);
  return now_ + std::max(0.0, working_.top().at - shared_work_) / rate();
}

inline double Simulation::next_coming() {
  next_.resize(streams_.size(), 0);
  rates_.resize(streams_.size(), 0);
  present_.resize(streams_.size(), 0);
  double next = 1e18;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    double at = 1e18;
    if (streams_[i].clients != 0) {
      if (present_[i] < streams_[i].clients) at = now_;
    } else if (streams_[i].per_s > 0) {
      if (next_[i] < now_ || rates_[i] != streams_[i].per_s) {
        next_[i] = now_ - std::log(1 - random_.unit()) / streams_[i].per_s;
      }
      at = next_[i];
    }
    rates_[i] = streams_[i].per_s;
    if (at < next) next = at, coming_ = i;
  }
  return next;
}

inline void Simulation::step(Contender& contender) {
  each_step(now_);
  contender.step({active_most_, Duration(static_cast<std::int64_t>(waited_ * 1e9))}, time());
  waited_ = 0, active_most_ = at_servers();
  next_step_ += step_s;
  limits_.push_back(contender.limit());
}

inline void Simulation::run(Contender& contender, double length_s) {
  const double end = now_ + length_s;
  while (now_ < end) {
    const double comes = next_coming();
    const double done = next_done();
    const double released = held_.empty() ? 1e18 : std::max(now_, held_.top().at);
    const double next = std::min({end, next_step_, comes, done, released});
    pass(next);
    if (next == done) {
      finish(contender);
    } else if (next == released) {
      finish_held(contender);
    } else if (next == comes) {
      come(coming_);
      if (streams_[coming_].clients != 0) {
        ++present_[coming_];
      } else {
        next_[coming_] = now_ - std::log(1 - random_.unit()) / streams_[coming_].per_s;
      }
    } else if (next == next_step_) {
      step(contender);
    }
    admit(contender);
  }
}

}  // namespace tenfold::guard::limit::simulation
