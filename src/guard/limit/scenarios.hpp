#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "guard/limit/simulated_pool.hpp"

// For tests: what happens to the simulated shop, and what came of it.
namespace tenfold::guard::limit::simulation {

struct Setting {
  std::uint32_t workers = 20;
  Spread spread = Spread::even;
  Shop::Order order = Shop::Order::queue;
  std::uint64_t seed = 1;

  double full_per_s() const { return workers / Stream{.routes = shop_routes()}.mean_s(); }
  Shop shop() const { return {.workers = workers, .order = order}; }
};

struct Outcome {
  double worked = 0;         // share of the servers' capacity that was used
  double worst = 0;          // the same, in the worst second
  double limit = 0;          // mean
  std::uint32_t least = 0;   // limit
  std::uint32_t most = 0;    // limit
  double server_wait_s = 0;  // mean: beyond what requests take of a worker
  double edge_wait_s = 0;    // mean
  double sent_away = 0;      // share of requests
};

// The shop's customers: `share` of what it can serve. Strangers ask for the same, or whatever else.
inline Stream customers(const Setting& setting, double share) {
  return {.routes = shop_routes(),
          .per_s = setting.full_per_s() * share,
          .asker = Answer::Asker::known,
          .spread = setting.spread};
}
inline Stream strangers(const Setting& setting, double share) {
  Stream stream = customers(setting, share);
  stream.asker = Answer::Asker::other;
  return stream;
}
// Strangers who ask for one page only, `share` of the shop's capacity at `cost_s` each.
inline Stream flood(const Setting& setting, double share, double cost_s) {
  return {.routes = {{search_route, cost_s, 1}},
          .per_s = share * setting.workers / cost_s,
          .asker = Answer::Asker::other,
          .spread = setting.spread};
}

// `from_s`, `to_s`: what counts, in simulated time.
inline Outcome outcome(const Simulation& simulation, double from_s, double to_s) {
  Outcome outcome{.worst = 1, .least = UINT32_MAX};
  double capacity = 0, worked = 0, answered = 0, admitted = 0, asked = 0, given_up = 0;
  for (auto at = static_cast<std::size_t>(from_s); at < static_cast<std::size_t>(to_s); ++at) {
    const Second& second = simulation.seconds()[at];
    capacity += second.capacity, worked += second.worked;
    answered += second.answered, admitted += second.admitted;
    asked += second.asked, given_up += second.given_up;
    outcome.worst = std::min(outcome.worst, second.worked / second.capacity);
    outcome.server_wait_s += second.server_wait_s;
    outcome.edge_wait_s += second.edge_wait_s;
  }
  outcome.worked = worked / capacity;
  outcome.server_wait_s /= std::max(1.0, answered);
  outcome.edge_wait_s /= std::max(1.0, admitted);
  outcome.sent_away = given_up / std::max(1.0, asked);
  const auto first = static_cast<std::size_t>(std::lround(from_s * 10));
  const auto last = std::min(static_cast<std::size_t>(std::lround(to_s * 10)), simulation.limits().size());
  for (std::size_t at = first; at < last; ++at) {
    const std::uint32_t limit = simulation.limits()[at];
    outcome.limit += limit / static_cast<double>(last - first);
    outcome.least = std::min(outcome.least, limit);
    outcome.most = std::max(outcome.most, limit);
  }
  return outcome;
}

struct Scenario {
  std::string_view name;
  std::function<Outcome(const Setting&, Contender&)> run;
};

namespace scenario {

// `length_s`: what counts is its second half, five minutes at most.
inline Outcome steady(const Setting& setting, Contender& contender, double length_s) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {customers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams().push_back(strangers(setting, 1.5));
  simulation.run(contender, length_s);
  return outcome(simulation, 60 + std::max(length_s / 2, length_s - 300), 60 + length_s);
}

// Half of what the shop can serve, for two minutes; then all come at once. What counts is the rush.
inline Outcome half_load(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {strangers(setting, 0.5)};
  simulation.run(contender, 120);
  simulation.streams().push_back(strangers(setting, 3));
  simulation.run(contender, 30);
  return outcome(simulation, 122, 150);
}

// The shop changes while there is a rush.
inline Outcome change(const Setting& setting, Contender& contender, double workers, double slowness) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {customers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams().push_back(strangers(setting, 3));
  simulation.run(contender, 20);
  simulation.shop().workers = static_cast<std::uint32_t>(workers * setting.workers);
  simulation.shop().slowness = slowness;
  simulation.run(contender, 20);
  return outcome(simulation, 82, 100);
}

// Half of the shop's workers fail one after the other, in two minutes of rush.
inline Outcome fade(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {customers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams().push_back(strangers(setting, 3));
  simulation.run(contender, 20);
  simulation.each_step = [&](double at) {
    const double share = 1 - std::clamp((at - 80) / 120, 0.0, 1.0) / 2;
    simulation.shop().workers = static_cast<std::uint32_t>(std::lround(setting.workers * share));
  };
  simulation.run(contender, 120);
  return outcome(simulation, 80, 200);
}

// More and more come, from a fifth of what the shop can serve to three times as much, in five minutes.
inline Outcome ramp(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {strangers(setting, 0.2)};
  simulation.each_step = [&](double at) { simulation.streams()[0] = strangers(setting, 0.2 + 2.8 * at / 300); };
  simulation.run(contender, 300);
  return outcome(simulation, 120, 300);
}

// Strangers come at once, after a minute of calm.
inline Outcome siege(const Setting& setting, Contender& contender, const Stream& attack) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {customers(setting, 0.5)};
  simulation.run(contender, 60);
  simulation.streams().push_back(attack);
  simulation.run(contender, 60);
  return outcome(simulation, 62, 120);
}

// The cost of a stranger's search jumps between a quarter and eight times of what it was, every `period_s`. `known`:
// what the shop's customers take, who are known to be that; else nobody is.
enum class Known : std::uint8_t { customers, nobody };
inline Outcome aimed(const Setting& setting, Contender& contender, double period_s, Known known) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {known == Known::customers ? customers(setting, 0.3) : strangers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams().push_back(flood(setting, 2, 0.08));
  simulation.each_step = [&](double at) {
    const bool costly = std::fmod(at, 2 * period_s) < period_s;
    simulation.streams()[1] = flood(setting, 2, costly ? 0.64 : 0.02);
  };
  simulation.run(contender, 120);
  return outcome(simulation, 62, 180);
}

// The attacker sees the limit and asks for what is cheap while it rises, and for what is dear else.
inline Outcome following(const Setting& setting, Contender& contender, Known known) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {known == Known::customers ? customers(setting, 0.3) : strangers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams().push_back(flood(setting, 2, 0.08));
  std::uint32_t usual = contender.limit();
  int until = 0;
  simulation.each_step = [&](double) {
    const std::uint32_t limit = contender.limit();
    if (limit > usual) until = 20;
    usual = limit;
    simulation.streams()[1] = flood(setting, 2, --until > 0 ? 0.02 : 0.64);
  };
  simulation.run(contender, 120);
  return outcome(simulation, 62, 180);
}

// First strangers' searches are cheap in calm, a quarter of what they are; then dear, and many.
inline Outcome lured(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {strangers(setting, 0.1), flood(setting, 0.1, 0.02)};
  simulation.run(contender, 120);
  simulation.streams()[1] = flood(setting, 3, 0.64);
  simulation.run(contender, 60);
  return outcome(simulation, 122, 180);
}

// In calm strangers' searches become costlier, to 25 times in five minutes. Then they come in numbers, as cheap as
// ever.
inline Outcome poisoned(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {customers(setting, 0.3), {}};
  simulation.each_step = [&](double at) {
    Stream slow = flood(setting, 0.1, 0.08 * std::pow(25, at / 300));
    simulation.streams()[1] = slow;
  };
  simulation.run(contender, 300);
  simulation.each_step = [](double) {};
  simulation.streams()[1] = flood(setting, 3, 0.08);
  simulation.run(contender, 60);
  return outcome(simulation, 302, 360);
}

inline Outcome pulses(const Setting& setting, Contender& contender, double period_s) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {customers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams().push_back({});
  simulation.each_step = [&](double at) {
    simulation.streams()[1] = strangers(setting, std::fmod(at, 2 * period_s) < period_s ? 3 : 0);
  };
  simulation.run(contender, 120);
  return outcome(simulation, 60, 180);
}

inline Outcome restart(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {customers(setting, 0.3), strangers(setting, 3)};
  simulation.run(contender, 60);
  return outcome(simulation, 2, 60);
}

// The shop becomes half as fast in a rush; then nobody comes for ten minutes; then all come again.
inline Outcome silence(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {customers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams() = {customers(setting, 3)};
  simulation.run(contender, 10);
  simulation.shop().slowness = 2;
  simulation.run(contender, 30);
  simulation.streams().clear();
  simulation.run(contender, 600);
  simulation.streams() = {customers(setting, 3)};
  simulation.run(contender, 30);
  return outcome(simulation, 702, 730);
}

// For ten seconds of a rush a third of the requests get no answer; after it all is well.
inline Outcome failing(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  simulation.streams() = {customers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams().push_back(strangers(setting, 3));
  simulation.run(contender, 10);
  simulation.shop().dark = 0.33;
  simulation.run(contender, 10);
  simulation.shop().dark = 0;
  simulation.run(contender, 20);
  return outcome(simulation, 85, 100);
}

// A twentieth of what is asked is answered with a 5xx, the whole time; some clients leave.
inline Outcome errors(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  Stream rush = strangers(setting, 3);
  rush.failing = 0.05;
  rush.leaving = 0.01;
  simulation.streams() = {customers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams().push_back(rush);
  simulation.run(contender, 60);
  return outcome(simulation, 62, 120);
}

// A log is replayed from so many connections as fast as they are answered, by two single-threaded origins whose answers
// take some hundred microseconds. Nothing is known before.
inline Outcome replay(const Setting& setting, Contender& contender, double mean_s, std::uint32_t clients) {
  Shop shop = setting.shop();
  shop.workers = 2;
  Simulation simulation(shop, setting.seed);
  simulation.streams() = {{.routes = {{1, mean_s, 8}, {2, 2 * mean_s, 3}, {3, mean_s / 2, 5}, {4, 6 * mean_s, 1}},
                           .clients = clients,
                           .failing = 0.03,
                           .leaving = 0.005,
                           .asker = Answer::Asker::other,
                           .spread = Spread::wide}};
  simulation.run(contender, 15);
  return outcome(simulation, 0, 15);
}

// One origin of two is out for a while, and there are more who ask than its connections; the pool is not full.
inline Outcome own_limit(const Setting& setting, Contender& contender) {
  Shop shop = setting.shop();
  shop.own_limit = setting.workers / 2;
  Simulation simulation(shop, setting.seed);
  simulation.streams() = {customers(setting, 0.3)};
  simulation.run(contender, 60);
  simulation.streams().push_back(strangers(setting, 3));
  simulation.run(contender, 30);
  simulation.shop().own_limit = 0;
  simulation.run(contender, 10);
  return outcome(simulation, 62, 100);
}

// Processors that four requests keep busy; each more makes the shop slower, for all.
inline Outcome small(const Setting& setting, Contender& contender, double calm_s) {
  Setting four = setting;
  four.workers = 4;
  Simulation simulation({.workers = 4, .order = Shop::Order::shared, .bears = 5}, setting.seed);
  simulation.streams() = {strangers(four, 0.3)};
  if (calm_s > 0) simulation.run(contender, calm_s);
  simulation.streams() = {strangers(four, 3)};
  simulation.run(contender, 60);
  return outcome(simulation, calm_s + 5, calm_s + 60);
}

// Requests that take seconds, of a shop that works on twenty of them; half of what it can serve, then twice as much.
inline Outcome of_seconds(const Setting& setting, Contender& contender) {
  Simulation simulation(setting.shop(), setting.seed);
  Stream slow = strangers(setting, 0.5);
  constexpr double times = 75;
  for (Stream::Route& route : slow.routes) route.mean_s *= times;
  slow.per_s /= times;
  simulation.streams() = {slow};
  simulation.run(contender, 120);
  slow.per_s *= 4;
  simulation.streams() = {slow};
  simulation.run(contender, 180);
  return outcome(simulation, 130, 300);
}

}  // namespace scenario

inline std::vector<Scenario> scenarios() {
  using namespace scenario;
  const auto unique = [](const Setting& setting) {
    Stream stream = flood(setting, 3, 0.1);
    stream.paths = Stream::Paths::unique;
    return stream;
  };
  const auto split = [](Setting setting) {
    setting.spread = Spread::split;
    return setting;
  };
  using S = const Setting&;
  using C = Contender&;
  return {
      {"half load, then a rush", half_load},
      {"steady, 2 min", [](S s, C c) { return steady(s, c, 120); }},
      {"steady, 10 min", [](S s, C c) { return steady(s, c, 600); }},
      {"steady, costs of two kinds", [=](S s, C c) { return steady(split(s), c, 60); }},
      {"half of the workers fail", [](S s, C c) { return change(s, c, 0.5, 1); }},
      {"as many workers again", [](S s, C c) { return change(s, c, 2, 1); }},
      {"all takes twice as long", [](S s, C c) { return change(s, c, 1, 2); }},
      {"all takes half as long", [](S s, C c) { return change(s, c, 1, 0.5); }},
      {"workers fail one by one", fade},
      {"slow ramp of demand", ramp},
      {"flood of searches", [](S s, C c) { return siege(s, c, flood(s, 3, 0.08)); }},
      {"flood, ten times as costly", [](S s, C c) { return siege(s, c, flood(s, 3, 0.8)); }},
      {"every request its own path", [=](S s, C c) { return siege(s, c, unique(s)); }},
      {"cost jumps every 0.4 s", [](S s, C c) { return aimed(s, c, 0.4, Known::customers); }},
      {"cost jumps every 3 s", [](S s, C c) { return aimed(s, c, 3, Known::customers); }},
      {"jumps every 3 s, nobody known", [](S s, C c) { return aimed(s, c, 3, Known::nobody); }},
      {"cost follows the limit", [](S s, C c) { return following(s, c, Known::customers); }},
      {"follows it, nobody known", [](S s, C c) { return following(s, c, Known::nobody); }},
      {"cheap first, then dear", lured},
      {"poisoned in calm, then flooded", poisoned},
      {"pulses of 0.5 s", [](S s, C c) { return pulses(s, c, 0.5); }},
      {"pulses of 10 s", [](S s, C c) { return pulses(s, c, 10); }},
      {"restart in a siege", restart},
      {"silence between two rushes", silence},
      {"no answers for 10 s", failing},
      {"5xx and clients that leave", errors},
      {"replay, 16 clients, 0.4 ms", [](S s, C c) { return replay(s, c, 0.0003, 16); }},
      {"replay, 48 clients, 0.4 ms", [](S s, C c) { return replay(s, c, 0.0003, 48); }},
      {"replay, 48 clients, 1.4 ms", [](S s, C c) { return replay(s, c, 0.001, 48); }},
      {"connections of its own short", own_limit},
      {"a shop that bears 4", [](S s, C c) { return small(s, c, 60); }},
      {"requests of seconds", of_seconds},
      {"bears 4, from the start", [](S s, C c) { return small(s, c, 0); }},
  };
}

}  // namespace tenfold::guard::limit::simulation
