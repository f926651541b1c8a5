#include "app/wiring/watch_settings.hpp"

#include "base/log.hpp"

namespace tenfold::app {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(const std::vector<config::HeaderLine>& from) {
  Pairs to;
  for (const config::HeaderLine& line : from) to.emplace_back(line.name, line.value);
  return to;
}

watch::Expectation expectation(const config::HttpExpectation& from) {
  watch::Expectation to;
  to.status_from = from.status.from;
  to.status_to = from.status.to;
  to.text = from.text;
  to.no_text = from.no_text;
  to.matches = from.matches;
  to.headers = pairs(from.headers);
  if (from.json) {
    to.json_pointer = from.json->pointer;
    to.json_equals = from.json->equals;
  }
  to.least_bytes = from.least_bytes;
  to.most_bytes = from.most_bytes;
  return to;
}

watch::HttpProbe http_probe(const config::HttpProbe& from) {
  return {.url = from.url,
          .method = from.method,
          .headers = pairs(from.headers),
          .body = from.body,
          .verify = from.verify,
          .follow = from.follow,
          .expect = expectation(from.expect)};
}

watch::JourneyProbe journey(const std::vector<config::JourneyStep>& from) {
  watch::JourneyProbe to;
  for (const config::JourneyStep& step : from) {
    watch::JourneyStep made{.name = step.name, .http = http_probe(step.http), .capture = {}};
    for (const config::Capture& capture : step.capture) {
      made.capture.push_back({capture.name, capture.matches, capture.pointer, capture.header});
    }
    to.steps.push_back(std::move(made));
  }
  return to;
}

watch::DnsProbe::Record record(config::DnsProbe::Record from) {
  switch (from) {
    case config::DnsProbe::Record::a: return watch::DnsProbe::Record::a;
    case config::DnsProbe::Record::aaaa: return watch::DnsProbe::Record::aaaa;
    case config::DnsProbe::Record::cname: return watch::DnsProbe::Record::cname;
    case config::DnsProbe::Record::mx: return watch::DnsProbe::Record::mx;
    case config::DnsProbe::Record::txt: return watch::DnsProbe::Record::txt;
    case config::DnsProbe::Record::ns: return watch::DnsProbe::Record::ns;
  }
  return watch::DnsProbe::Record::a;
}

watch::Probe probe(const config::Check& from) {
  if (from.http) return http_probe(*from.http);
  if (!from.journey.empty()) return journey(from.journey);
  if (from.tcp) return watch::TcpProbe{from.tcp->host, from.tcp->port};
  if (from.dns) {
    return watch::DnsProbe{.name = from.dns->name,
                           .record = record(from.dns->record),
                           .answers = from.dns->answers,
                           .resolver = from.dns->resolver ? from.dns->resolver->text() : std::string()};
  }
  if (from.tls) {
    return watch::TlsProbe{
        .host = from.tls->address.host,
        .port = from.tls->address.port,
        .server_name = from.tls->server_name.empty() ? from.tls->address.host : from.tls->server_name,
        .valid_for = from.tls->valid_for};
  }
  TENFOLD_ASSERT(from.heartbeat.has_value());  // config has checked that there is one
  return watch::HeartbeatProbe{from.heartbeat->every, from.heartbeat->grace, from.heartbeat->token.reveal()};
}

watch::Severity severity(config::Gravity from) {
  switch (from) {
    case config::Gravity::info: return watch::Severity::info;
    case config::Gravity::warning: return watch::Severity::warning;
    case config::Gravity::critical: return watch::Severity::critical;
  }
  return watch::Severity::critical;
}

// A hang is told within the interval, this, two seconds and the moments of a call: under the interval + 5 s. Whoever
// waits so long for a page that took a fifth of a second yesterday has left.
constexpr Duration hung_after = std::chrono::milliseconds(2500);

watch::Check check_of(const config::Check& from) {
  return {.name = from.name,
          .probe = probe(from),
          .every = from.every,
          .timeout = from.timeout,
          .hung_after = from.patience == config::Check::Patience::given ? Duration::zero() : hung_after,
          .slow_after = from.slow_after,
          .failing_after = from.failing_after,
          .good_after = from.good_after,
          .severity = severity(from.severity),
          .escalation = from.escalation};
}

}  // namespace

watch::Settings watch_settings(const config::Watch& from) {
  watch::Settings to;
  for (const config::Check& each : from.checks) to.checks.push_back(check_of(each));
  for (const config::HostPort& anchor : from.anchors) to.anchors.push_back({anchor.host, anchor.port});
  for (const config::Maintenance& each : from.maintenance) {
    auto window = watch::maintenance_window(each.checks, {each.from.day, each.from.time},
                                            {each.until.day, each.until.time}, from.time_zone);
    if (window) {
      to.maintenance.push_back(std::move(*window));
    } else {
      log::warn("watch.maintenance: {}; this window is left out", window.error().text());
    }
  }
  if (from.heartbeat_out) {
    to.heartbeat_out_url = from.heartbeat_out->url.reveal();
    to.heartbeat_out_every = from.heartbeat_out->every;
  }
  to.keep_results = from.keep_results;
  return to;
}

watch::ProberOptions watch_prober_options(const config::Watch& from) {
  watch::ProberOptions to;
  to.authorities = from.authorities;
  return to;
}

}  // namespace tenfold::app
