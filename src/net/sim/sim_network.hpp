#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "net/loop.hpp"

// A network in memory and loops on a hand-moved clock, so that whole parts of the program run in a test: same code, no
// sockets, no real time, faults on demand, the same course for the same seed. One thread for everything.
namespace tenfold::net::sim {

class SimLoop;
class SimListener;
class SimStream;

// How the connections of one listening address behave, from the listener's side. May be changed at any time.
struct Faults {
  Duration latency{0};                   // one way
  std::size_t largest_piece = SIZE_MAX;  // each delivery is cut into pieces of random size up to this
  bool refuse = false;                   // connecting fails with refused
  bool black_hole = false;               // connecting never ends
  bool stopped = false;                  // as after SIGSTOP: connecting works, bytes are taken in, nobody answers
  std::uint64_t reset_after_bytes = UINT64_MAX;  // sent by the listener's side of each connection, then a reset
};

class SimNetwork {
 public:
  explicit SimNetwork(std::uint64_t seed = 1);
  ~SimNetwork();

  ManualClock& clock() { return clock_; }
  Random& random() { return random_; }

  // A loop in this network; its connections come from the given address. Destroyed with the network.
  SimLoop& make_loop(IpAddress address = IpAddress::v4(0x7f000001));

  // Handles everything that can happen without time passing.
  void settle();
  // Moves time on, timer by timer, settling after each.
  void advance(Duration by);
  // Moves time on until the condition holds; false if it does not within the limit.
  bool run_until(const std::function<bool()>& condition, Duration limit = std::chrono::seconds(60));

  // The listener is reached by this path, too, as if it were a Unix-domain socket's.
  void bind_path(std::string path, const Endpoint& listener) { paths_[std::move(path)] = listener; }
  void set_faults(const Endpoint& listener, Faults faults) { faults_[listener] = faults; }
  Faults faults(const Endpoint& listener) const;
  // As after SIGKILL: resets the listener's connections and refuses new ones until revive().
  void kill(const Endpoint& listener);
  void revive(const Endpoint& listener);
  // As after SIGSTOP and SIGCONT: what was sent meanwhile is delivered on resume().
  void stop(const Endpoint& listener);
  void resume(const Endpoint& listener);

 private:
  friend class SimLoop;
  friend class SimListener;
  friend class SimStream;

  std::uint16_t free_port() { return next_port_++; }
  SimStream* find_stream(std::uint64_t number) const;  // null: it is gone
  std::vector<std::uint64_t> stream_numbers() const;

  ManualClock clock_;
  FastRandom random_;
  std::uint16_t next_port_ = 20000;
  std::map<Endpoint, SimListener*> listeners_;
  std::map<Endpoint, Faults> faults_;
  std::map<std::string, Endpoint> paths_;
  std::vector<SimStream*> streams_;
  std::uint64_t streams_made_ = 0;
  std::vector<std::unique_ptr<SimLoop>> loops_;
};

// Runs a task to its end in a simulated or real loop and gives its result; for tests. Moves simulated time as needed.
template <class T>
T run_task(SimNetwork& network, SimLoop& loop, Task<T> task);

}  // namespace tenfold::net::sim
