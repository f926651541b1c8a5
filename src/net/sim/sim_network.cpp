#include "net/sim/sim_network.hpp"

#include <algorithm>
#include <deque>

#include "net/sim/sim_loop.hpp"
#include "net/sim/sim_stream.hpp"

namespace tenfold::net::sim {

class SimListener final : public Listener {
 public:
  SimListener(SimLoop& loop, const Endpoint& local) : loop_(loop), local_(local) {
    loop_.network().listeners_[local_] = this;
  }
  ~SimListener() override { loop_.network().listeners_.erase(local_); }

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    while (waiting_.empty()) {
      auto arrived = co_await arrived_.wait(loop_, no_deadline, stop_.token());
      if (!arrived) co_return std::unexpected(arrived.error());
    }
    auto stream = std::move(waiting_.front());
    waiting_.pop_front();
    co_return stream;
  }
  void stop() override { stop_.cancel(); }
  const Endpoint& local() const override { return local_; }

  std::unique_ptr<Stream> connect_from(SimLoop& client, const Endpoint& from) {
    auto near = std::make_unique<SimStream>(client, SimStream::Side::connecting, from, local_);
    auto far = std::make_unique<SimStream>(loop_, SimStream::Side::listening, local_, from);
    SimStream::join(*near, *far);
    waiting_.push_back(std::move(far));
    loop_.post([&network = loop_.network(), at = local_] {
      const auto found = network.listeners_.find(at);
      if (found != network.listeners_.end()) found->second->arrived_.notify_one();
    });
    return near;
  }

 private:
  SimLoop& loop_;
  Endpoint local_;
  std::deque<std::unique_ptr<Stream>> waiting_;
  Event arrived_;
  CancelSource stop_;
};

// ---- the loop ----

Result<std::unique_ptr<Listener>> SimLoop::listen(const Endpoint& at, const ListenOptions&) {
  Endpoint local = at;
  if (local.port == 0) local.port = network_.free_port();
  if (network_.listeners_.contains(local)) return fail(Errc::busy, "listening on " + local.text());
  return std::make_unique<SimListener>(*this, local);
}

Task<Result<std::unique_ptr<Stream>>> SimLoop::connect(Endpoint to, ConnectOptions options, TimePoint deadline) {
  const Faults faults = network_.faults(to);
  if (faults.black_hole) {
    auto slept = co_await sleep_until(deadline, options.cancel);
    co_return fail(slept ? Errc::timed_out : Errc::cancelled, "connecting to " + to.text());
  }
  if (faults.latency > Duration(0)) {
    auto slept = co_await sleep_for(2 * faults.latency, options.cancel);
    if (!slept) co_return fail(Errc::cancelled, "connecting to " + to.text());
  }
  const auto found = network_.listeners_.find(to);
  if (found == network_.listeners_.end() || network_.faults(to).refuse) {
    co_return fail(Errc::refused, "connecting to " + to.text());
  }
  co_return found->second->connect_from(*this, Endpoint{options.source.value_or(address_), network_.free_port()});
}

Task<Result<std::unique_ptr<Stream>>> SimLoop::connect_unix(std::string path, ConnectOptions options,
                                                            TimePoint deadline) {
  const auto found = network_.paths_.find(path);
  if (found == network_.paths_.end()) co_return fail(Errc::unreachable, "connecting to unix:" + path);
  auto connected = co_await connect(found->second, options, deadline);
  co_return connected;
}

Task<Result<void>> SimLoop::wait_ready(int, short, TimePoint, CancelToken) {
  co_return fail(Errc::unsupported, "descriptors in a simulated loop");
}

void SimLoop::run_once(Duration) {
  update_now();
  timers_.advance(now_);
  run_posted();
}

// ---- the network ----

SimNetwork::SimNetwork(std::uint64_t seed) : random_(seed) {}
SimNetwork::~SimNetwork() = default;

SimLoop& SimNetwork::make_loop(IpAddress address) {
  loops_.push_back(std::make_unique<SimLoop>(*this, address));
  return *loops_.back();
}

void SimNetwork::settle() {
  do {
    for (const auto& loop : loops_) loop->run_once(Duration(0));
  } while (std::ranges::any_of(loops_, [](const auto& loop) { return loop->busy(); }));
}

void SimNetwork::advance(Duration by) {
  const TimePoint target = clock_.now() + by;
  run_until([&] { return clock_.now() >= target; }, by);
}

bool SimNetwork::run_until(const std::function<bool()>& condition, Duration limit) {
  const TimePoint end = clock_.now() + limit;
  settle();
  while (!condition()) {
    TimePoint next = end;
    for (const auto& loop : loops_) {
      if (const auto wakeup = loop->timers().next_wakeup()) next = std::min(next, *wakeup);
    }
    if (clock_.now() >= end) return false;
    clock_.advance(std::max(next - clock_.now(), Duration(0)));
    settle();
  }
  return true;
}

SimStream* SimNetwork::find_stream(std::uint64_t number) const {
  const auto found = std::ranges::find_if(streams_, [&](const SimStream* at) { return at->number_ == number; });
  return found == streams_.end() ? nullptr : *found;
}

std::vector<std::uint64_t> SimNetwork::stream_numbers() const {
  std::vector<std::uint64_t> numbers;
  for (const SimStream* stream : streams_) numbers.push_back(stream->number_);
  return numbers;
}

Faults SimNetwork::faults(const Endpoint& listener) const {
  const auto found = faults_.find(listener);
  return found == faults_.end() ? Faults{} : found->second;
}

void SimNetwork::kill(const Endpoint& listener) {
  faults_[listener].refuse = true;
  for (const std::uint64_t number : stream_numbers()) {
    SimStream* const stream = find_stream(number);
    if (stream == nullptr || stream->side() != SimStream::Side::listening) continue;
    if (stream->listener() == listener) stream->break_connection();
  }
}

void SimNetwork::revive(const Endpoint& listener) { faults_[listener].refuse = false; }

void SimNetwork::stop(const Endpoint& listener) { faults_[listener].stopped = true; }

void SimNetwork::resume(const Endpoint& listener) {
  faults_[listener].stopped = false;
  for (const std::uint64_t number : stream_numbers()) {
    SimStream* const stream = find_stream(number);
    if (stream != nullptr && stream->listener() == listener) stream->pump();
  }
}

}  // namespace tenfold::net::sim
