// Plays a scenario against one contender on loopback: customers on their way to an order, and an attack.
// bench/siege/run makes the scenario and reads what this prints. Not part of Tenfold.
//
//   siege_driver SCENARIO.json
//
// Prints a line for each phase as it begins ("calm", "siege", "end"), then one JSON object: Record of record.hpp.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "attack.hpp"
#include "customer.hpp"
#include "record.hpp"
#include "scenario.hpp"
#include "web.hpp"

namespace tenfold::siege {
namespace {

using namespace std::chrono_literals;

enum Exit { good = 0, usage = 2, refused = 4, machine_lacks = 5 };

constexpr Duration lead = 300ms;  // until the first moment of the plan
constexpr Duration wind_up = 3s;  // for what still ends after the run
constexpr std::string_view host = "shop.example";
constexpr std::uint64_t spare_descriptors = 4'000;

void raise_descriptor_limit(std::uint64_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_max = std::max<rlim_t>(limit.rlim_max, wanted);  // as root
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void say(std::string_view line) { std::cout << line << std::endl; }

Duration cpu_so_far() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

net::Task<void> tell_phases(World& world, Record& record) {
  say("calm");
  [[maybe_unused]] auto first = co_await world.loop.sleep_until(world.at(world.scenario.siege_at_s));
  say("siege");
  const Duration before = cpu_so_far();
  [[maybe_unused]] auto second = co_await world.loop.sleep_until(world.end());
  record.cpu = cpu_so_far() - before;
  say("end");
}

// Earlier visits end before later ones of the same customer begin: scenario.py sees to it.
void spawn_customers(World& world, Record& record, std::deque<rehearse::CookieJar>& jars) {
  const auto& visits = world.scenario.visits;
  record.visits.resize(visits.size());
  for (std::size_t i = 0; i < visits.size(); ++i) {
    rehearse::CookieJar& jar = jars.emplace_back();
    if (visits[i].earlier_at_s >= 0) world.scope.spawn(earlier_visit(world, visits[i], jar, record.visits[i]));
    world.scope.spawn(visit(world, visits[i], jar, record.visits[i], record));
  }
}

// Nothing of it waits past the run's end.
void play(net::Loop& loop, const Scenario& scenario, Record& record) {
  net::Scope scope;
  Solver solver(loop);
  World world{loop, scenario, solver, scope, std::string(host), loop.clock().now() + lead};
  std::deque<rehearse::CookieJar> jars;
  std::deque<Attack> attacks;
  std::uint32_t open_connections = 0;
  record.waves.resize(scenario.waves.size());
  loop.run_once(Duration(0));
  scope.spawn(tell_phases(world, record));
  spawn_customers(world, record, jars);
  for (std::size_t i = 0; i < scenario.waves.size(); ++i) {
    attacks.emplace_back(world, scenario.waves[i], record.waves[i], record, open_connections);
    scope.spawn(attacks.back().run());
  }
  while (scope.running() > 0 && loop.now() < world.end() + wind_up) loop.run_once(100ms);
  TENFOLD_ASSERT(scope.running() == 0);
  attacks.clear();
  loop.stop();
  loop.run();
}

int run(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    std::cerr << path << ": cannot be read\n";
    return usage;
  }
  const auto scenario = parse_scenario(text.str());
  if (!scenario) {
    std::cerr << path << ": " << scenario.error().text() << "\n";
    return scenario.error().code == Errc::refused ? refused : usage;
  }
  raise_descriptor_limit(scenario->most_connections + spare_descriptors);
  // Waits end when they should, instead of up to 50 µs later for the sake of fewer wake-ups.
  ::prctl(PR_SET_TIMERSLACK, 1);
  const SystemClock clock;
  auto loop = net::make_loop(clock, net::Backend::epoll);
  if (!loop) return machine_lacks;
  Record record;
  play(**loop, *scenario, record);
  say(to_json(record));
  return good;
}

}  // namespace
}  // namespace tenfold::siege

int main(int count, char** words) {
  if (count != 2) {
    std::cerr << "siege_driver SCENARIO.json\n";
    return tenfold::siege::usage;
  }
  return tenfold::siege::run(words[1]);
}
