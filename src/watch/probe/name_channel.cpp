#include "watch/probe/name_channel.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>

namespace tenfold::watch {
namespace {

using transfer::Poller;

// A lost datagram is asked for again after this long, twice as long the next time, and so on: 1 + 2 + 4 + 8 s.
constexpr int attempt_timeout_ms = 1'000;
constexpr int attempts = 4;

Result<void> initialise_ares() {
  static std::once_flag once;
  static int status = ARES_SUCCESS;
  std::call_once(once, [] { status = ares_library_init(ARES_LIB_INIT_ALL); });
  if (status != ARES_SUCCESS) return fail(Errc::exhausted, fmt::format("c-ares: {}", ares_strerror(status)));
  return {};
}

Error error_of(int status, const std::string& name, std::string_view nothing) {
  switch (status) {
    case ARES_ENOTFOUND: return {Errc::not_found, fmt::format("there is no name {}", name)};
    case ARES_ENODATA: return {Errc::not_found, fmt::format("{} has no {}", name, nothing)};
    case ARES_ETIMEOUT: return {Errc::unreachable, fmt::format("no name server answers for {}", name)};
    // What c-ares makes of the last server's failure as well.
    case ARES_ECONNREFUSED:
      return {Errc::unreachable, fmt::format("the name servers refuse or fail to answer for {}", name)};
    case ARES_ESERVFAIL:
      return {Errc::unreachable, fmt::format("the name server cannot answer for {} (SERVFAIL)", name)};
    case ARES_EREFUSED: return {Errc::refused, fmt::format("the name server refuses to answer for {}", name)};
    case ARES_EBADNAME: return {Errc::invalid, fmt::format("\"{}\" is not a host name", name)};
    case ARES_ENOMEM: return {Errc::exhausted, fmt::format("no memory to look up {}", name)};
    default: return {Errc::failed, fmt::format("looking up {}: {}", name, ares_strerror(status))};
  }
}

std::vector<Address> addresses_of(const ares_addrinfo* answer) {
  std::vector<Address> addresses;
  for (const ares_addrinfo_node* node = answer->nodes; node != nullptr; node = node->ai_next) {
    const Address address = Address::of(node->ai_addr, static_cast<socklen_t>(node->ai_addrlen));
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  return addresses;
}

// One question under way at c-ares, which calls back exactly once, at the latest when its channel ends.
template <class Done>
struct AskedName {
  NameChannel& channel;
  std::weak_ptr<Done> done;
  std::string name;
};

}  // namespace

struct AresCallbacks {
  static void on_socket(void* user, ares_socket_t descriptor, int readable, int writable) {
    auto& channel = *static_cast<NameChannel*>(user);
    if (readable == 0 && writable == 0) {
      if (channel.watched_.erase(descriptor) != 0) channel.poller_.unwatch(descriptor);
      return;
    }
    const auto interest = readable != 0 && writable != 0 ? Poller::Interest::both
                          : readable != 0                ? Poller::Interest::read
                                                         : Poller::Interest::write;
    // One that cannot be watched times out: c-ares has no way to be told.
    if (channel.poller_.watch(descriptor, interest, [&channel, descriptor](Poller::Interest ready) {
          const auto bits = static_cast<unsigned>(ready);
          channel.process((bits & 1u) != 0 ? descriptor : ARES_SOCKET_BAD,
                          (bits & 2u) != 0 ? descriptor : ARES_SOCKET_BAD);
        })) {
      channel.watched_.insert(descriptor);
    }
  }

  // c-ares may call back from within the call that asks; those who asked are told later.
  template <class Done, class T>
  static void tell(const AskedName<Done>& asked, Result<T> result) {
    --asked.channel.under_way_;
    if (asked.done.expired()) return;
    Poller& poller = asked.channel.poller_;
    poller.at(poller.now(), [done = asked.done, result = std::move(result)] {
      if (const auto waiting = done.lock()) (*waiting)(result);
    });
  }

  static void on_addresses(void* user, int status, int, ares_addrinfo* answer) {
    const std::unique_ptr<AskedName<NameChannel::Found>> asked(static_cast<AskedName<NameChannel::Found>*>(user));
    const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owner(answer, &ares_freeaddrinfo);
    std::vector<Address> addresses;
    if (status == ARES_SUCCESS) addresses = addresses_of(answer);
    if (status == ARES_SUCCESS && addresses.empty()) status = ARES_ENODATA;
    using Addresses = Result<std::vector<Address>>;
    tell(*asked, status == ARES_SUCCESS ? Addresses(std::move(addresses))
                                        : Addresses(std::unexpected(error_of(status, asked->name, "address"))));
  }

  static void on_answer(void* user, int status, int, unsigned char* message, int size) {
    const std::unique_ptr<AskedName<NameChannel::Answered>> asked(static_cast<AskedName<NameChannel::Answered>*>(user));
    using Message = Result<std::vector<std::uint8_t>>;
    tell(*asked, status == ARES_SUCCESS && size > 0
                     ? Message(std::vector<std::uint8_t>(message, message + size))
                     : Message(std::unexpected(error_of(status, asked->name, "record of this kind"))));
  }
};

Result<std::shared_ptr<NameChannel>> NameChannel::make(Poller& poller, const std::string& servers) {
  if (auto ready = initialise_ares(); !ready) return std::unexpected(ready.error());
  std::shared_ptr<NameChannel> channel(new NameChannel(poller));
  if (auto opened = channel->open(servers); !opened) return std::unexpected(opened.error());
  return channel;
}

Result<void> NameChannel::open(const std::string& servers) {
  ares_options options{};
  options.timeout = attempt_timeout_ms;
  options.tries = attempts;
  options.sock_state_cb = &AresCallbacks::on_socket;
  options.sock_state_cb_data = this;
  int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
  options.qcache_max_ttl = 0;  // newer versions would keep answers
  mask |= ARES_OPT_QUERY_CACHE;
#endif
  int status = ares_init_options(&channel_, &options, mask);
  if (status != ARES_SUCCESS) {
    channel_ = nullptr;
    return fail(Errc::exhausted, fmt::format("c-ares: {}", ares_strerror(status)));
  }
  if (servers.empty()) return {};
  status = ares_set_servers_ports_csv(channel_, servers.c_str());
  if (status == ARES_SUCCESS && this->servers().empty()) status = ARES_EBADSTR;
  if (status == ARES_SUCCESS) return {};
  return fail(Errc::invalid, fmt::format("\"{}\" is not a list of name servers like 192.0.2.1:53", servers));
}

NameChannel::~NameChannel() {
  if (timer_ != 0) poller_.cancel(timer_);
  if (channel_ != nullptr) ares_destroy(channel_);
  for (const int descriptor : watched_) poller_.unwatch(descriptor);
}

std::shared_ptr<void> NameChannel::addresses(const std::string& host, Found found) {
  auto done = std::make_shared<Found>(std::move(found));
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ++under_way_;
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &AresCallbacks::on_addresses,
                   new AskedName<Found>{*this, done, host});
  arm();
  return done;
}

std::shared_ptr<void> NameChannel::ask(const std::string& name, int type, Answered answered) {
  constexpr int internet = 1;  // RFC 1035, 3.2.4
  auto done = std::make_shared<Answered>(std::move(answered));
  ++under_way_;
  ares_query(channel_, name.c_str(), internet, type, &AresCallbacks::on_answer,
             new AskedName<Answered>{*this, done, name});
  arm();
  return done;
}

std::vector<std::string> NameChannel::servers() const {
  ares_addr_port_node* first = nullptr;
  std::vector<std::string> out;
  if (ares_get_servers_ports(channel_, &first) != ARES_SUCCESS) return out;
  for (const ares_addr_port_node* node = first; node != nullptr; node = node->next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(node->family, &node->addr, text.data(), text.size());
    const int port = node->udp_port != 0 ? node->udp_port : 53;
    out.push_back(node->family == AF_INET6 ? fmt::format("[{}]:{}", text.data(), port)
                                           : fmt::format("{}:{}", text.data(), port));
  }
  ares_free_data(first);
  return out;
}

void NameChannel::process(int readable, int writable) {
  ares_process_fd(channel_, readable, writable);
  arm();
}

void NameChannel::arm() {
  if (timer_ != 0) poller_.cancel(timer_);
  timer_ = 0;
  timeval wait{};
  if (ares_timeout(channel_, nullptr, &wait) == nullptr) return;
  // One more: c-ares rounds down, and would be asked again before it is time.
  const auto until =
      std::chrono::seconds(wait.tv_sec) + std::chrono::microseconds(wait.tv_usec) + std::chrono::milliseconds(1);
  timer_ = poller_.at(poller_.now() + until, [this] {
    timer_ = 0;
    process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  });
}

}  // namespace tenfold::watch
