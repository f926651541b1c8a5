#include "edge/access_log/account.hpp"

namespace tenfold::edge {

namespace {

void count(const Visit& visit, Duration duration) {
  WorkerMetrics& metrics = visit.site.metrics;
  const int status = visit.exchange.status_sent();
  const std::size_t family = static_cast<std::size_t>(status / 100);
  metrics.answers[family < metrics.answers.size() ? family : 0].add();
  if (visit.guard_answer != GuardAnswer::none) {
    if (status != 0) metrics.guard_answers[static_cast<std::size_t>(visit.guard_answer)].add();
  } else if (family == 4) {
    metrics.client_errors.add();
  } else if (family == 5) {
    metrics.server_errors.add();
  }
  metrics.body_bytes.add(visit.exchange.body_bytes_sent());
  metrics.upload_bytes.add(visit.exchange.body_bytes_received());
  if (visit.client.credential == Credential::rehearsal) metrics.rehearsals.add();
  metrics.latency.record(duration);
}

void add_request(const http::RequestHead& request, AccessEntry& entry) {
  entry.version = request.version;
  entry.method = request.method_name;
  entry.target = request.target;
  entry.host = request.authority;
  for (const http::Header& header : request.headers) {
    if (header.field == http::Field::referer) entry.referer = header.value;
    if (header.field == http::Field::user_agent) entry.user_agent = header.value;
    if (header.field == http::Field::x_request_id) entry.request_id = header.value;
  }
}

AccessEntry entry_of(const Visit& visit, Duration duration) {
  const http::ServerExchange& exchange = visit.exchange;
  const http::RequestHead& request = exchange.request();
  AccessEntry entry;
  entry.at = visit.site.loop.clock().wall_now();
  entry.client = visit.client.address;
  entry.client_port = visit.client.port;
  // 499 as nginx logs it: the client left before there was an answer.
  entry.status = static_cast<std::uint16_t>(exchange.status_sent() != 0 ? exchange.status_sent() : 499);
  entry.worker = static_cast<std::uint16_t>(visit.site.worker);
  entry.guard = visit.guard_answer;
  entry.attempts = static_cast<std::uint8_t>(std::min(visit.attempts, 255u));
  entry.body_bytes = exchange.body_bytes_sent();
  entry.duration = duration;
  entry.origin_time = visit.origin_time;
  add_request(request, entry);
  if (const origin::Server* const server = visit.origin_server) {
    entry.origin_server = server->address().empty() ? server->name() : server->address();
  }
  entry.origin_error = visit.origin_error;
  entry.cache = cache::name(visit.cache.word);
  entry.rehearsal = visit.rehearsal_run;
  if (exchange.tls() != nullptr) entry.tls = exchange.tls()->version;
  return entry;
}

}  // namespace

void account(Visit& visit) {
  // The loop's time would be that of the last wake-up; what was written since belongs to the request as well.
  const Duration duration = visit.site.loop.clock().now() - visit.exchange.began();
  count(visit, duration);
  if (visit.site.access_log != nullptr) visit.site.access_log->push(entry_of(visit, duration));
}

void account_refused(Site& site, const http::RefusedRequest& request) {
  if (site.access_log == nullptr) return;
  AccessEntry entry;
  entry.at = site.loop.clock().wall_now();
  entry.client = request.client.address;
  entry.client_port = request.client.port;
  entry.status = static_cast<std::uint16_t>(request.status);
  entry.worker = static_cast<std::uint16_t>(site.worker);
  entry.body_bytes = request.body_bytes;
  entry.duration = site.loop.clock().now() - request.began;
  if (request.tls != nullptr) entry.tls = request.tls->version;
  if (request.head != nullptr) {
    add_request(*request.head, entry);
    const Scheme scheme = request.tls != nullptr ? Scheme::https : Scheme::http;
    const ClientFacts facts = client_facts(site.policy->trusted_proxies, request.client, scheme, request.head->headers);
    entry.client = facts.address;
    entry.client_port = facts.port;
  }
  site.access_log->push(entry);
}

}  // namespace tenfold::edge
