#include "origin/server.hpp"

#include <algorithm>

#include "base/result.hpp"

namespace tenfold::origin {

namespace {

constexpr std::uint32_t bit(Mark mark) { return static_cast<std::uint32_t>(mark); }

std::string name_of(const ServerSettings& settings) {
  const bool is_v6 = settings.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + settings.host + "]" : settings.host) + ":" + std::to_string(settings.port);
}

std::int64_t nanoseconds(TimePoint at) { return at.time_since_epoch().count(); }

void count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

Outcome outcome_of(int status) {
  return status == 500 || (status >= 502 && status <= 504) ? Outcome::server_error : Outcome::answered;
}

Server::Server(std::uint32_t id, const ServerSettings& settings, std::optional<TlsSettings> tls)
    : id_(id), port_(settings.port), host_(settings.host), name_(name_of(settings)), tls_(std::move(tls)) {
  if (const auto literal = net::IpAddress::parse(host_)) {
    set_endpoints({net::Endpoint{*literal, port_}});
  } else {
    set(Mark::unresolved);
  }
}

bool Server::try_enter(std::uint32_t limit) {
  if (active_.fetch_add(1, std::memory_order_relaxed) < limit) return true;
  active_.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void Server::answered(int status, Duration latency, TimePoint now) {
  count(answers_);
  heard(now);
  // Two workers may overwrite each other's sample: the mean loses one of many, which costs less than a locked loop.
  const auto sample = static_cast<std::int64_t>(std::max<std::int64_t>(latency.count() / 1000, 1));
  const auto old = static_cast<std::int64_t>(ewma_us_.load(std::memory_order_relaxed));
  const std::int64_t next = old == 0 ? sample : old + (sample - old) / 16 + (sample > old ? 1 : 0);
  ewma_us_.store(static_cast<std::uint32_t>(std::clamp<std::int64_t>(next, 1, UINT32_MAX)), std::memory_order_relaxed);
  if (failures_in_row_.load(std::memory_order_relaxed) != 0) failures_in_row_.store(0, std::memory_order_relaxed);
  if (outcome_of(status) == Outcome::server_error) {
    count(server_errors_);
    server_errors_in_row_.fetch_add(1, std::memory_order_relaxed);
  } else if (server_errors_in_row_.load(std::memory_order_relaxed) != 0) {
    server_errors_in_row_.store(0, std::memory_order_relaxed);
  }
}

std::uint32_t Server::failed(Outcome outcome) {
  switch (outcome) {
    case Outcome::no_connection: count(no_connection_); break;
    case Outcome::no_answer: count(no_answer_); break;
    case Outcome::broken: count(broken_); break;
    case Outcome::answered:
    case Outcome::server_error: TENFOLD_ASSERT(false); break;
  }
  return failures_in_row_.fetch_add(1, std::memory_order_relaxed) + 1;
}

void Server::heard(TimePoint now) {
  const std::int64_t at = nanoseconds(now);
  if (last_answer_ns_.load(std::memory_order_relaxed) < at) last_answer_ns_.store(at, std::memory_order_relaxed);
}

void Server::forget_rows() {
  failures_in_row_.store(0, std::memory_order_relaxed);
  server_errors_in_row_.store(0, std::memory_order_relaxed);
}

ServerTotals Server::totals() const {
  return {.answers = answers_.load(std::memory_order_relaxed),
          .server_errors = server_errors_.load(std::memory_order_relaxed),
          .no_connection = no_connection_.load(std::memory_order_relaxed),
          .no_answer = no_answer_.load(std::memory_order_relaxed),
          .broken = broken_.load(std::memory_order_relaxed)};
}

bool Server::set(Mark mark) { return (marks_.fetch_or(bit(mark), std::memory_order_relaxed) & bit(mark)) == 0; }

bool Server::clear(Mark mark) { return (marks_.fetch_and(~bit(mark), std::memory_order_relaxed) & bit(mark)) != 0; }

double Server::warmth(TimePoint now, Duration slow_start) const {
  if (slow_start <= Duration::zero()) return 1;
  const double share = static_cast<double>((now - warming_since()).count()) / static_cast<double>(slow_start.count());
  return std::clamp(share, 0.1, 1.0);
}

void Server::start_warming(TimePoint now) {
  warming_since_ns_.store(nanoseconds(now), std::memory_order_relaxed);
  set(Mark::warming);
}

std::vector<net::Endpoint> Server::endpoints() const {
  return endpoints_.with([](const auto& endpoints) { return endpoints; });
}

void Server::set_endpoints(std::vector<net::Endpoint> endpoints) {
  endpoints_.with([&](auto& mine) { mine = std::move(endpoints); });
}

}  // namespace tenfold::origin
