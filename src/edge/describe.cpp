// The edge's families for Prometheus: declared once, with what each counts.
#include <fmt/format.h>

#include <cmath>

#include "edge/edge.hpp"

namespace tenfold::edge {

namespace {

using Workers = std::vector<std::unique_ptr<Worker>>;

template <class Value>
void counter(MetricsText& out, const Workers& workers, std::string_view name, std::string_view help, Value value) {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    out.counter(name, help, static_cast<double>(value(workers[i]->metrics()).value()), {{"worker", std::to_string(i)}});
  }
}

template <class Value>
void gauge(MetricsText& out, const Workers& workers, std::string_view name, std::string_view help, Value value) {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    out.gauge(name, help, static_cast<double>(value(workers[i]->metrics()).value()), {{"worker", std::to_string(i)}});
  }
}

void describe_requests(MetricsText& out, const Workers& workers) {
  constexpr std::string_view classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < workers.size(); ++i) {
    for (std::size_t family = 0; family < std::size(classes); ++family) {
      out.counter("tenfold_requests_total",
                  "Requests by class of the answer's status; none: the client left before an answer",
                  static_cast<double>(workers[i]->metrics().answers[family].value()),
                  {{"worker", std::to_string(i)}, {"status", classes[family]}});
    }
  }
  counter(
      out, workers, "tenfold_rehearsal_requests_total",
      "Requests of our own rehearsals, which tenfold_requests_total counts as well",
      [](const WorkerMetrics& m) -> auto& { return m.rehearsals; });
  counter(
      out, workers, "tenfold_requests_from_cache_total", "Requests answered without asking an origin",
      [](const WorkerMetrics& m) -> auto& { return m.from_cache; });
  counter(
      out, workers, "tenfold_requests_stale_on_error_total", "Of those: with a stale entry, for want of an origin",
      [](const WorkerMetrics& m) -> auto& { return m.stale_on_error; });
  counter(
      out, workers, "tenfold_requests_origin_failed_total",
      "Requests answered with an error page because no origin answered",
      [](const WorkerMetrics& m) -> auto& { return m.origin_failures; });
  counter(
      out, workers, "tenfold_answers_broken_total", "Answers cut short because an origin broke off in the middle",
      [](const WorkerMetrics& m) -> auto& { return m.broken_answers; });
  counter(
      out, workers, "tenfold_sent_body_bytes_total", "Bytes of bodies sent to clients",
      [](const WorkerMetrics& m) -> auto& { return m.body_bytes; });
  counter(
      out, workers, "tenfold_received_body_bytes_total", "Bytes of bodies received from clients",
      [](const WorkerMetrics& m) -> auto& { return m.upload_bytes; });
  counter(
      out, workers, "tenfold_bad_requests_total", "Requests that the parser refused",
      [](const WorkerMetrics& m) -> auto& { return m.server.bad_requests; });
  counter(
      out, workers, "tenfold_slow_requests_total", "Heads and bodies that came too slowly (408)",
      [](const WorkerMetrics& m) -> auto& { return m.server.timeouts; });
  counter(
      out, workers, "tenfold_requests_held_back_total",
      "Requests that waited until their client had taken the answers to those before",
      [](const WorkerMetrics& m) -> auto& { return m.server.held_back; });
  counter(
      out, workers, "tenfold_slow_readers_total", "Connections reset because the client did not take the answer",
      [](const WorkerMetrics& m) -> auto& { return m.server.slow_readers; });
}

void describe_guard_answers(MetricsText& out, const Workers& workers) {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    for (std::size_t answer = 1; answer < guard_answer_kinds; ++answer) {
      out.counter("tenfold_guard_answers_total",
                  "Requests that the shield itself answered, by what it answered, in the words of the access log; "
                  "tenfold_requests_total counts them as well",
                  static_cast<double>(workers[i]->metrics().guard_answers[answer].value()),
                  {{"worker", std::to_string(i)}, {"answer", name(static_cast<GuardAnswer>(answer))}});
    }
  }
}

void describe_connections(MetricsText& out, const Workers& workers) {
  counter(
      out, workers, "tenfold_connections_total", "Connections accepted from clients",
      [](const WorkerMetrics& m) -> auto& { return m.server.connections; });
  gauge(
      out, workers, "tenfold_open_connections", "Connections from clients that are open",
      [](const WorkerMetrics& m) -> auto& { return m.server.open_connections; });
  counter(
      out, workers, "tenfold_connections_turned_away_total",
      "Connections closed at once: the limit was reached and none was idle",
      [](const WorkerMetrics& m) -> auto& { return m.turned_away; });
  counter(
      out, workers, "tenfold_connections_dropped_total", "Connections reset at once: the shield drops their client",
      [](const WorkerMetrics& m) -> auto& { return m.dropped; });
  counter(
      out, workers, "tenfold_connections_displaced_total",
      "Idle connections closed to make place for new ones: the limit was reached",
      [](const WorkerMetrics& m) -> auto& { return m.server.displaced; });
  counter(
      out, workers, "tenfold_connections_of_customers_displaced_total",
      "Of those: customers' and whose client was cleared, since no stranger's was idle",
      [](const WorkerMetrics& m) -> auto& { return m.customers_displaced; });
  counter(
      out, workers, "tenfold_accept_failures_total", "Times that no connection could be accepted (descriptors)",
      [](const WorkerMetrics& m) -> auto& { return m.accept_failures; });
  counter(
      out, workers, "tenfold_tls_handshake_failures_total", "TLS handshakes that failed",
      [](const WorkerMetrics& m) -> auto& { return m.handshake_failures; });
  counter(
      out, workers, "tenfold_proxy_header_failures_total", "Connections with a bad PROXY header",
      [](const WorkerMetrics& m) -> auto& { return m.proxy_header_failures; });
  counter(
      out, workers, "tenfold_tunnels_total", "Connections that changed protocols (WebSocket)",
      [](const WorkerMetrics& m) -> auto& { return m.tunnels; });
  counter(
      out, workers, "tenfold_spooled_answers_total",
      "Answers whose rest was taken into memory because the client was slow, so that their place at the origin is free",
      [](const WorkerMetrics& m) -> auto& { return m.spooled_answers; });
  gauge(
      out, workers, "tenfold_answer_memory_bytes", "Memory that such answers take",
      [](const WorkerMetrics& m) -> auto& { return m.answer_memory_bytes; });
  gauge(
      out, workers, "tenfold_open_tunnels", "Of those: open",
      [](const WorkerMetrics& m) -> auto& { return m.open_tunnels; });
}

void describe_upstreams(MetricsText& out, const Workers& workers) {
  struct Family {
    std::string_view name;
    std::string_view help;
    Counter origin::UpstreamMetrics::*counter;
  };
  using Upstream = origin::UpstreamMetrics;
  static constexpr Family families[] = {
      {"tenfold_origin_fetches_total", "Requests for an origin", &Upstream::fetches},
      {"tenfold_origin_fetches_failed_total", "Of those: no origin gave an answer", &Upstream::failed},
      {"tenfold_origin_attempts_total", "Attempts at a server, retries included", &Upstream::attempts},
      {"tenfold_origin_retries_total", "Attempts after a failed one", &Upstream::retries},
      {"tenfold_origin_retries_denied_total", "Retries not made because the budget was spent",
       &Upstream::retries_denied},
      {"tenfold_origin_connections_total", "Connections made to servers", &Upstream::connections},
      {"tenfold_origin_connections_reused_total", "Attempts on a kept connection", &Upstream::reused},
      {"tenfold_origin_queued_total", "Requests that waited for a place at a server", &Upstream::queued},
      {"tenfold_origin_queue_full_total", "Of those: turned away because too many waited", &Upstream::queue_full},
      {"tenfold_origin_holds_denied_total",
       "Requests failed, or cut short, because uploads, long answers or tunnels held too many connections",
       &Upstream::holds_denied},
      {"tenfold_origin_suspicions_total", "Servers suspected to hang", &Upstream::suspicions},
  };
  for (const Family& family : families) {
    for (std::size_t i = 0; i < workers.size(); ++i) {
      out.counter(family.name, family.help,
                  static_cast<double>((workers[i]->upstream_metrics().*family.counter).value()),
                  {{"worker", std::to_string(i)}});
    }
  }
}

void describe_latency(MetricsText& out, const EdgeSnapshot& sum) {
  constexpr std::string_view name = "tenfold_request_duration_seconds";
  constexpr std::string_view help = "From a request's first byte to the end of its answer";
  constexpr double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
  std::uint64_t cumulative = 0;
  int bucket = 0;
  for (const double bound : bounds) {
    for (; bucket < LatencyHistogram::buckets; ++bucket) {
      if (std::chrono::duration<double>(LatencyHistogram::upper_bound(bucket)).count() > bound) break;
      cumulative += sum.latency[bucket];
    }
    out.histogram_bucket(name, help, bound, cumulative);
  }
  for (; bucket < LatencyHistogram::buckets; ++bucket) cumulative += sum.latency[bucket];
  out.histogram_bucket(name, help, INFINITY, cumulative);
  out.histogram_total(name, static_cast<double>(sum.latency_sum_us) / 1e6, cumulative);
}

}  // namespace

void Edge::describe(MetricsText& out) const {
  describe_requests(out, workers_);
  describe_guard_answers(out, workers_);
  describe_connections(out, workers_);
  describe_latency(out, snapshot());
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    out.counter("tenfold_access_log_dropped_total", "Access log lines dropped because the disk was slow",
                static_cast<double>(rings_[i]->dropped()), {{"worker", std::to_string(i)}});
  }
  describe_upstreams(out, workers_);
}

}  // namespace tenfold::edge
