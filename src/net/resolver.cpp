#include "net/resolver.hpp"

#include <ares.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"
#include "net/detached.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"

namespace tenfold::net {

namespace {

constexpr std::size_t most_lookups = 256;
constexpr std::size_t most_names = 16;  // of one address
constexpr int class_internet = 1;       // RFC 1035, 3.2.4
constexpr int type_pointer = 12;        // RFC 1035, 3.2.2

// One name or address being looked up; shared by all who wait for it.
template <class Answer>
struct LookupOf {
  explicit LookupOf(std::string its_name) : name(std::move(its_name)) {}

  const std::string name;
  std::optional<Result<Answer>> result;
  Event done;
};
using Lookup = LookupOf<Resolution>;
using Names = std::vector<std::string>;
using ReverseLookup = LookupOf<Names>;

// A socket of c-ares and the coroutine that waits for it.
struct Watch {
  int descriptor;
  short wanted = 0;                    // poll(2) events
  bool running = false;                // the coroutine lives, and will close the descriptor if asked to
  bool closed = false;                 // c-ares is done with it
  std::shared_ptr<CancelSource> wait;  // of the wait that is under way, if one is
};

// c-ares's channel. Shared by the resolver and the coroutines that wait for its sockets: a wait can end after the
// resolver is gone, and its descriptor must stay open until then. One thread only.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(Loop& loop, const ResolverOptions& options) : loop_(loop), options_(options), timer_(&on_timer, this) {}

  Result<void> open();
  // Ends all lookups with cancelled and closes all sockets.
  void close();

  Result<std::shared_ptr<Lookup>> look_up(std::string name);
  Result<std::shared_ptr<ReverseLookup>> look_up(const IpAddress& address);
  Loop& loop() { return loop_; }
  Duration most_time_to_live() const { return options_.most_time_to_live; }

 private:
  template <class Asked>
  struct QueryFor {
    Channel& channel;
    std::shared_ptr<Asked> lookup;
  };
  using Query = QueryFor<Lookup>;
  using ReverseQuery = QueryFor<ReverseLookup>;

  static void on_timer(void* self);
  static void on_answer(void* query, int status, int timeouts, ares_addrinfo* answer);
  static void on_names(void* query, int status, int timeouts, unsigned char* answer, int bytes);
  static void on_socket_state(void* self, ares_socket_t descriptor, int readable, int writable);
  static int close_socket(ares_socket_t descriptor, void* self);
  static Detached watch_socket(std::shared_ptr<Channel> self, std::shared_ptr<Watch> watch);

  Result<Resolution> resolution(const std::string& name, int status, const ares_addrinfo* answer) const;
  void process(ares_socket_t readable, ares_socket_t writable);
  void after_processing();

  Loop& loop_;
  const ResolverOptions options_;
  ares_channel channel_ = nullptr;
  Timer timer_;  // c-ares's next time-out
  std::unordered_map<std::string, std::shared_ptr<Lookup>> lookups_;
  std::size_t reverse_lookups_ = 0;
  // Answered inside a call of c-ares; who waits is woken after it, because they may call c-ares again.
  std::vector<std::shared_ptr<Event>> answered_;
  std::unordered_map<int, std::shared_ptr<Watch>> watches_;
};

// ---- sockets ----

ares_socket_t open_socket(int domain, int type, int protocol, void*) {
  return ::socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}
int connect_socket(ares_socket_t descriptor, const sockaddr* to, ares_socklen_t length, void*) {
  return ::connect(descriptor, to, length);
}
ares_ssize_t receive_from(ares_socket_t descriptor, void* room, std::size_t size, int flags, sockaddr* from,
                          ares_socklen_t* length, void*) {
  return ::recvfrom(descriptor, room, size, flags, from, length);
}
ares_ssize_t send_parts(ares_socket_t descriptor, const iovec* parts, int count, void*) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<std::size_t>(count);
  return ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

int Channel::close_socket(ares_socket_t descriptor, void* self) {
  auto& watches = static_cast<Channel*>(self)->watches_;
  const auto found = watches.find(descriptor);
  if (found == watches.end()) return ::close(descriptor);
  const std::shared_ptr<Watch> watch = found->second;
  watches.erase(found);
  watch->closed = true;
  if (!watch->running) return ::close(descriptor);
  if (const auto wait = watch->wait) wait->cancel();
  return 0;
}

void Channel::on_socket_state(void* self, ares_socket_t descriptor, int readable, int writable) {
  auto& channel = *static_cast<Channel*>(self);
  const auto wanted = static_cast<short>((readable != 0 ? POLLIN : 0) | (writable != 0 ? POLLOUT : 0));
  std::shared_ptr<Watch>& entry = channel.watches_[descriptor];
  if (!entry) entry = std::make_shared<Watch>(Watch{.descriptor = descriptor, .wait = {}});
  const std::shared_ptr<Watch> watch = entry;
  if (watch->wanted == wanted) return;
  watch->wanted = wanted;
  if (const auto wait = watch->wait) {
    wait->cancel();
  } else if (!watch->running && wanted != 0) {
    watch_socket(channel.shared_from_this(), watch);
  }
}

Detached Channel::watch_socket(std::shared_ptr<Channel> self, std::shared_ptr<Watch> watch) {
  watch->running = true;
  while (!watch->closed && watch->wanted != 0) {
    const short events = watch->wanted;
    watch->wait = std::make_shared<CancelSource>();
    const CancelToken token = watch->wait->token();
    auto ready = co_await self->loop_.wait_ready(watch->descriptor, events, no_deadline, token);
    watch->wait = nullptr;
    if (watch->closed) break;
    // Cancelled: what is wanted has changed.
    if (!ready && ready.error().code == Errc::cancelled) continue;
    // Also after a failure: c-ares finds out what is wrong with the socket when it uses it, and closes it.
    self->process((events & POLLIN) != 0 ? watch->descriptor : ARES_SOCKET_BAD,
                  (events & POLLOUT) != 0 ? watch->descriptor : ARES_SOCKET_BAD);
    if (!ready) break;
  }
  watch->running = false;
  if (watch->closed) ::close(watch->descriptor);
}

// ---- the channel ----

Result<void> Channel::open() {
  ares_options settings{};
  settings.timeout =
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(options_.attempt_timeout).count());
  settings.tries = options_.attempts;
  settings.sock_state_cb = &on_socket_state;
  settings.sock_state_cb_data = this;
  int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
  settings.qcache_max_ttl = 0;  // from 1.31 on answers are kept: when to ask again is ours to say
  given |= ARES_OPT_QUERY_CACHE;
#endif
  int status = ares_init_options(&channel_, &settings, given);
  if (status != ARES_SUCCESS) {
    channel_ = nullptr;
    return fail(Errc::failed, fmt::format("starting c-ares: {}", ares_strerror(status)));
  }
  static constexpr ares_socket_functions functions{&open_socket, &close_socket, &connect_socket, &receive_from,
                                                   &send_parts};
  ares_set_socket_functions(channel_, &functions, this);
  if (options_.servers.empty()) return {};

  std::string servers;
  for (const Endpoint& server : options_.servers) servers += (servers.empty() ? "" : ",") + server.text();
  status = ares_set_servers_ports_csv(channel_, servers.c_str());
  if (status != ARES_SUCCESS) {
    return fail(Errc::failed, fmt::format("name servers {}: {}", servers, ares_strerror(status)));
  }
  return {};
}

void Channel::close() {
  if (channel_ == nullptr) return;
  timer_.cancel();
  ares_destroy(std::exchange(channel_, nullptr));
  after_processing();
}

Error lookup_error(const std::string& name, int status) {
  switch (status) {
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION: return {Errc::cancelled};
    case ARES_ENOMEM: return {Errc::exhausted, "resolving " + name};
    case ARES_EBADNAME: return {Errc::invalid, "not a host name: " + name};
    case ARES_ETIMEOUT:
    case ARES_ECONNREFUSED: return {Errc::unreachable, "no name server answered for " + name};
    default: return {Errc::unreachable, fmt::format("resolving {}: {}", name, ares_strerror(status))};
  }
}

// Other characters than those of host names have no business in one, whatever the zone says.
void add_name(const char* text, Names& names) {
  std::string name = lower_case(text);
  if (name.ends_with('.')) name.pop_back();
  const bool good =
      std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; });
  if (!good || name.empty() || names.size() == most_names || std::ranges::find(names, name) != names.end()) return;
  names.push_back(std::move(name));
}

Result<Names> names_in(const std::string& address, int status, std::span<const unsigned char> answer) {
  hostent* read = nullptr;
  if (status == ARES_SUCCESS) {
    status = ares_parse_ptr_reply(answer.data(), static_cast<int>(answer.size()), nullptr, 0, AF_INET, &read);
    if (status == ARES_EBADRESP || status == ARES_EBADNAME) return fail(Errc::invalid, address + " has no proper name");
  }
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA) return fail(Errc::not_found, address + " has no name");
  if (status != ARES_SUCCESS) return std::unexpected(lookup_error(address, status));
  const std::unique_ptr<hostent, decltype(&ares_free_hostent)> host(read, &ares_free_hostent);
  Names names;
  if (host->h_name != nullptr) add_name(host->h_name, names);
  for (char** alias = host->h_aliases; alias != nullptr && *alias != nullptr; ++alias) add_name(*alias, names);
  if (names.empty()) return fail(Errc::not_found, address + " has no name");
  return names;
}

// "7.2.0.192.in-addr.arpa" (RFC 1035, 3.5); by half-bytes below ip6.arpa (RFC 3596, 2.5).
std::string reverse_name(const IpAddress& address) {
  const auto& bytes = address.bytes();
  std::string name;
  if (address.is_v4()) {
    for (std::size_t i = 16; i-- > 12;) name += std::to_string(bytes[i]) + ".";
    return name + "in-addr.arpa";
  }
  for (std::size_t i = 16; i-- > 0;) {
    for (const int digit : {bytes[i] & 15, bytes[i] >> 4}) (name += hex_digits[static_cast<std::size_t>(digit)]) += '.';
  }
  return name + "ip6.arpa";
}

Result<std::shared_ptr<Lookup>> Channel::look_up(std::string name) {
  if (channel_ == nullptr) return fail(Errc::cancelled);
  if (const auto found = lookups_.find(name); found != lookups_.end()) return found->second;
  if (lookups_.size() >= most_lookups) return fail(Errc::exhausted, "256 names are being looked up already");

  const auto lookup = std::make_shared<Lookup>(std::move(name));
  lookups_.emplace(lookup->name, lookup);
  ares_addrinfo_hints hints{};
  hints.ai_flags = ARES_AI_NOSORT;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  auto query = std::make_unique<Query>(Query{*this, lookup});
  ares_getaddrinfo(channel_, lookup->name.c_str(), nullptr, &hints, &on_answer, query.release());
  after_processing();
  return lookup;
}

// Called exactly once for each query, at the latest with ARES_EDESTRUCTION.
void Channel::on_answer(void* context, int status, int, ares_addrinfo* answer) {
  const std::unique_ptr<Query> query(static_cast<Query*>(context));
  query->lookup->result = query->channel.resolution(query->lookup->name, status, answer);
  query->channel.lookups_.erase(query->lookup->name);
  query->channel.answered_.emplace_back(query->lookup, &query->lookup->done);
  ares_freeaddrinfo(answer);
}

Result<std::shared_ptr<ReverseLookup>> Channel::look_up(const IpAddress& address) {
  if (channel_ == nullptr) return fail(Errc::cancelled);
  if (reverse_lookups_ >= most_lookups) return fail(Errc::exhausted, "256 addresses are being looked up already");

  const auto lookup = std::make_shared<ReverseLookup>(address.text());
  ++reverse_lookups_;
  auto query = std::make_unique<ReverseQuery>(ReverseQuery{*this, lookup});
  // Not ares_gethostbyaddr(), for which a silent server is an address without a name.
  ares_query(channel_, reverse_name(address).c_str(), class_internet, type_pointer, &on_names, query.release());
  after_processing();
  return lookup;
}

// As on_answer().
void Channel::on_names(void* context, int status, int, unsigned char* answer, int bytes) {
  const std::unique_ptr<ReverseQuery> query(static_cast<ReverseQuery*>(context));
  query->lookup->result = names_in(query->lookup->name, status, std::span(answer, static_cast<std::size_t>(bytes)));
  --query->channel.reverse_lookups_;
  query->channel.answered_.emplace_back(query->lookup, &query->lookup->done);
}

Result<Resolution> Channel::resolution(const std::string& name, int status, const ares_addrinfo* answer) const {
  if (status == ARES_ENOTFOUND) return fail(Errc::unreachable, "no such name: " + name);
  if (status == ARES_ENODATA) return fail(Errc::unreachable, name + " has no address");
  if (status != ARES_SUCCESS) return std::unexpected(lookup_error(name, status));
  Resolution resolution;
  Duration least = options_.most_time_to_live;
  for (const ares_addrinfo_node* node = answer->nodes; node != nullptr; node = node->ai_next) {
    sockaddr_storage storage{};
    std::copy_n(reinterpret_cast<const char*>(node->ai_addr), std::min<std::size_t>(node->ai_addrlen, sizeof storage),
                reinterpret_cast<char*>(&storage));
    const IpAddress address = Endpoint::from(storage).address;
    if (std::ranges::find(resolution.addresses, address) == resolution.addresses.end()) {
      resolution.addresses.push_back(address);
    }
    least = std::min<Duration>(least, std::chrono::seconds(node->ai_ttl));
  }
  for (const ares_addrinfo_cname* alias = answer->cnames; alias != nullptr; alias = alias->next) {
    least = std::min<Duration>(least, std::chrono::seconds(alias->ttl));
  }
  if (resolution.addresses.empty()) return fail(Errc::unreachable, name + " has no address");
  resolution.time_to_live = std::max(least, options_.least_time_to_live);
  return resolution;
}

void Channel::process(ares_socket_t readable, ares_socket_t writable) {
  if (channel_ == nullptr) return;
  ares_process_fd(channel_, readable, writable);
  after_processing();
}

// Arms the timer for c-ares's next time-out, and wakes those whose lookup is done. They may close the channel.
void Channel::after_processing() {
  const auto self = shared_from_this();
  timeval wait{};
  if (channel_ != nullptr && ares_timeout(channel_, nullptr, &wait) != nullptr) {
    // One more: c-ares rounds down, and would be asked again before it is time.
    const auto until =
        std::chrono::seconds(wait.tv_sec) + std::chrono::microseconds(wait.tv_usec) + std::chrono::milliseconds(1);
    loop_.timers().arm(timer_, loop_.clock().now() + until);
  } else {
    timer_.cancel();
  }
  for (const auto& done : std::exchange(answered_, {})) done->notify_all();
}

void Channel::on_timer(void* self) {
  const auto channel = static_cast<Channel*>(self)->shared_from_this();
  channel->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

// ---- the resolver ----

// Lower case, so that equal names are found equal. A dot at the end stays: it keeps search domains out.
Result<std::string> normal_name(std::string name) {
  constexpr std::size_t longest = 254;  // RFC 1035, 2.3.4, with the last dot
  for (char& c : name) {
    c = to_lower(c);
    if (c <= ' ' || c > '~') return fail(Errc::invalid, "a host name has no spaces, control or non-ASCII characters");
  }
  if (name.empty() || name.size() > longest) return fail(Errc::invalid, "a host name has 1 to 254 characters");
  return name;
}

Task<Result<Resolution>> resolve_in(std::shared_ptr<Channel> channel, std::string name, TimePoint deadline,
                                    CancelToken token) {
  if (const auto literal = IpAddress::parse(name)) co_return Resolution{{*literal}, channel->most_time_to_live()};
  const auto normal = normal_name(std::move(name));
  if (!normal) co_return std::unexpected(normal.error());
  const auto lookup = channel->look_up(*normal);
  if (!lookup) co_return std::unexpected(lookup.error());
  if (!(*lookup)->result) {
    auto waited = co_await (*lookup)->done.wait(channel->loop(), deadline, token);
    if (!waited) co_return fail(waited.error().code, "resolving " + (*lookup)->name);
  }
  co_return *(*lookup)->result;
}

Task<Result<Names>> reverse_in(std::shared_ptr<Channel> channel, IpAddress address, TimePoint deadline,
                               CancelToken token) {
  const auto lookup = channel->look_up(address);
  if (!lookup) co_return std::unexpected(lookup.error());
  if (!(*lookup)->result) {
    auto waited = co_await (*lookup)->done.wait(channel->loop(), deadline, token);
    if (!waited) co_return fail(waited.error().code, "looking up " + (*lookup)->name);
  }
  co_return *(*lookup)->result;
}

class AresResolver final : public Resolver {
 public:
  explicit AresResolver(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  ~AresResolver() override { channel_->close(); }

  using Resolver::resolve;
  Task<Result<Resolution>> resolve(std::string name, TimePoint deadline, CancelToken token) override {
    return resolve_in(channel_, std::move(name), deadline, token);
  }
  Task<Result<Names>> reverse(IpAddress address, TimePoint deadline, CancelToken token) override {
    return reverse_in(channel_, address, deadline, token);
  }

 private:
  std::shared_ptr<Channel> channel_;
};

}  // namespace

Result<std::unique_ptr<Resolver>> make_resolver(Loop& loop, const ResolverOptions& options) {
  const auto channel = std::make_shared<Channel>(loop, options);
  auto resolver = std::make_unique<AresResolver>(channel);
  if (auto opened = channel->open(); !opened) return std::unexpected(opened.error());
  return resolver;
}

}  // namespace tenfold::net
