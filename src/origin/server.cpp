#include "origin/server.hpp"

#include <algorithm>

#include "base/result.hpp"

namespace tenfold::origin {

namespace {

constexpr std::uint32_t bit(Mark mark) { return static_cast<std::uint32_t>(mark); }

std::string name_of(const ServerSettings& settings) {
  if (!settings.unix_path.empty()) return "unix:" + settings.unix_path;
  const bool is_v6 = settings.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + settings.host + "]" : settings.host) + ":" + std::to_string(settings.port);
}

std::optional<net::Endpoint> endpoint_of(const ServerSettings& settings, std::optional<net::IpAddress> resolved) {
  if (resolved) return net::Endpoint{*resolved, settings.port};
  const auto literal = net::IpAddress::parse(settings.host);
  if (!literal) return {};
  return net::Endpoint{*literal, settings.port};
}

std::int64_t nanoseconds(TimePoint at) { return at.time_since_epoch().count(); }

void count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

Outcome outcome_of(int status) {
  return status == 500 || (status >= 502 && status <= 504) ? Outcome::server_error : Outcome::answered;
}

Server::Server(std::uint32_t id, const ServerSettings& settings, std::optional<TlsSettings> tls,
               std::optional<net::IpAddress> resolved)
    : id_(id),
      port_(settings.port),
      host_(settings.host),
      unix_path_(settings.unix_path),
      name_(name_of(settings)),
      tls_(std::move(tls)),
      endpoint_(endpoint_of(settings, resolved)),
      address_(endpoint_            ? endpoint_->text()
               : unix_path_.empty() ? std::string()
                                    : name_) {
  if (address_.empty()) set(Mark::unresolved);
}

net::Task<Result<std::unique_ptr<net::Stream>>> Server::connect(net::Loop& loop,
                                                                std::shared_ptr<net::TlsClientContext> context,
                                                                TimePoint deadline, net::CancelToken cancel) const {
  if (address_.empty()) co_return fail(Errc::unreachable, "its name does not resolve");
  auto connecting = endpoint_ ? loop.connect(*endpoint_, {.cancel = cancel}, deadline)
                              : loop.connect_unix(unix_path_, {.cancel = cancel}, deadline);
  auto stream = co_await std::move(connecting);
  if (!stream || !tls_) co_return stream;
  const std::string& name = tls_->server_name.empty() ? host_ : tls_->server_name;
  auto secured = co_await net::connect_tls(std::move(*stream), std::move(context), name, deadline, cancel);
  co_return secured;
}

Result<std::shared_ptr<net::TlsClientContext>> Server::make_tls_context() const {
  return net::make_tls_client_context({.verify = tls_->verify == TlsSettings::Verify::certificate,
                                       .authorities_file = tls_->authorities_file,
                                       .protocols = {"http/1.1"}});
}

bool Server::try_enter(std::uint32_t limit) {
  if (active_.fetch_add(1, std::memory_order_relaxed) < limit) return true;
  active_.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void Server::answered(int status, Duration latency, TimePoint now, Witnesses::Blame blame) {
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
    if (blame == Witnesses::Blame::request) return;
    count(own_errors_);
    server_errors_in_row_.fetch_add(1, std::memory_order_relaxed);
  } else if (server_errors_in_row_.load(std::memory_order_relaxed) != 0) {
    server_errors_in_row_.store(0, std::memory_order_relaxed);
  }
}

std::uint32_t Server::failed(Outcome outcome, Witnesses::Blame blame) {
  switch (outcome) {
    case Outcome::no_connection: count(no_connection_); break;
    case Outcome::no_answer: count(no_answer_); break;
    case Outcome::broken: count(broken_); break;
    case Outcome::answered:
    case Outcome::server_error: TENFOLD_ASSERT(false); break;
  }
  if (blame == Witnesses::Blame::request) return failures_in_row();
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
          .own_errors = own_errors_.load(std::memory_order_relaxed),
          .no_connection = no_connection_.load(std::memory_order_relaxed),
          .no_answer = no_answer_.load(std::memory_order_relaxed),
          .broken = broken_.load(std::memory_order_relaxed)};
}

bool Server::set(Mark mark) { return (marks_.fetch_or(bit(mark), std::memory_order_relaxed) & bit(mark)) == 0; }

bool Server::clear(Mark mark) { return (marks_.fetch_and(~bit(mark), std::memory_order_relaxed) & bit(mark)) != 0; }

void Server::forget_marks() { marks_.store(address_.empty() ? bit(Mark::unresolved) : 0, std::memory_order_relaxed); }

double Server::warmth(TimePoint now, Duration slow_start) const {
  if (slow_start <= Duration::zero()) return 1;
  const double share = static_cast<double>((now - warming_since()).count()) / static_cast<double>(slow_start.count());
  return std::clamp(share, 0.1, 1.0);
}

void Server::start_warming(TimePoint now) {
  warming_since_ns_.store(nanoseconds(now), std::memory_order_relaxed);
  set(Mark::warming);
}

}  // namespace tenfold::origin
