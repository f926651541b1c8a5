#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "net/heap_buffers.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/scope.hpp"
#include "net/sim/sim_network.hpp"

namespace tenfold::net::sim {

class SimLoop final : public Loop {
 public:
  SimLoop(SimNetwork& network, IpAddress address) : Loop(network.clock()), network_(network), address_(address) {}

  std::string_view backend() const override { return "simulated"; }
  Buffer allocate() override { return buffers_.allocate(); }
  Result<std::unique_ptr<Listener>> listen(const Endpoint& at, const ListenOptions& options) override;
  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, ConnectOptions options, TimePoint deadline) override;
  Task<Result<std::unique_ptr<Stream>>> connect_unix(std::string path, ConnectOptions options,
                                                     TimePoint deadline) override;
  Task<Result<void>> wait_ready(int descriptor, short poll_events, TimePoint deadline, CancelToken token) override;
  // Handles what is due now; the clock is the network's to move.
  void run_once(Duration max_wait) override;

  bool busy() const { return has_posted(); }
  HeapBuffers& buffers() { return buffers_; }
  SimNetwork& network() { return network_; }

 protected:
  void wake() override {}

 private:
  SimNetwork& network_;
  IpAddress address_;
  HeapBuffers buffers_;
};

// Answers from a table; names that are not in it do not resolve, and while it is mute nothing does.
class SimResolver final : public Resolver {
 public:
  void set(std::string name, Resolution resolution) { names_[std::move(name)] = std::move(resolution); }
  void remove(const std::string& name) { names_.erase(name); }
  void set_reverse(const IpAddress& address, std::vector<std::string> names) { reverse_[address] = std::move(names); }
  // No name server answers: each lookup waits for its deadline on that loop.
  void mute(Loop& loop) { mute_ = &loop; }
  using Resolver::resolve;
  Task<Result<Resolution>> resolve(std::string name, TimePoint deadline, CancelToken token) override;
  Task<Result<std::vector<std::string>>> reverse(IpAddress address, TimePoint deadline, CancelToken token) override;

 private:
  std::map<std::string, Resolution> names_;
  std::map<IpAddress, std::vector<std::string>> reverse_;
  Loop* mute_ = nullptr;
};

namespace detail {

template <class T>
Task<void> store_result(Task<T> task, std::optional<T>& into) {
  into.emplace(co_await std::move(task));
}

}  // namespace detail

template <class T>
T run_task(SimNetwork& network, SimLoop&, Task<T> task) {
  Scope scope;
  if constexpr (std::is_void_v<T>) {
    scope.spawn(std::move(task));
    TENFOLD_ASSERT(network.run_until([&] { return scope.running() == 0; }, std::chrono::hours(24)));
  } else {
    std::optional<T> result;
    scope.spawn(detail::store_result(std::move(task), result));
    TENFOLD_ASSERT(network.run_until([&] { return scope.running() == 0; }, std::chrono::hours(24)));
    return std::move(*result);
  }
}

}  // namespace tenfold::net::sim
