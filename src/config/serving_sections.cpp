#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "config/schema/compound.hpp"
#include "config/schema/kept.hpp"
#include "config/schema/scalars.hpp"
#include "config/sections.hpp"
#include "config/units.hpp"

namespace tenfold::config {
namespace {

using origin::EjectionPolicy;
using origin::HangPolicy;
using origin::HealthPolicy;
using origin::PoolSettings;
using origin::RetryPolicy;
using origin::RouteSettings;
using origin::ServerSettings;
using origin::StickySettings;
using origin::Timeouts;
using origin::TlsSettings;

TypeOf<std::uint32_t> in_whole(TypeOf<double> number) {
  return kept<std::uint32_t>(
      std::move(number), [](const std::uint32_t& whole) { return whole; },
      [](std::uint32_t& whole, const double& read) { whole = static_cast<std::uint32_t>(read); });
}

TypeOf<RouteSettings::Pattern> route_pattern() {
  using Pattern = RouteSettings::Pattern;
  return kept<Pattern>(
      request_pattern(),
      [](const Pattern& pattern) {
        return RequestPattern{pattern.method, pattern.path};
      },
      [](Pattern& pattern, const RequestPattern& read) {
        pattern = {read.method, read.path};
      });
}

void check_certificate(Certificate& certificate, const Node& node, Reader& reader) {
  const auto& look = reader.surroundings().certificate_check;
  if (!look || certificate.chain.empty() || certificate.key.empty()) return;
  for (const CertificateFinding& finding : look(certificate)) {
    const Node& at = node.at(finding.about == CertificateFinding::About::chain ? "chain" : "key");
    if (finding.weight == CertificateFinding::Weight::error) {
      reader.error(at, finding.message);
    } else {
      reader.warning(at, finding.message);
    }
  }
}

void check_listener(Listener& listener, const Node& node, Reader& reader) {
  if (listener.redirect_to_https != Redirect::off && !listener.certificates.empty()) {
    reader.error(node.at("redirect_to_https"),
                 "this listener has certificates, so it speaks HTTPS already; expected it on a plain HTTP listener");
  }
  for (std::size_t i = 0; i < listener.proxy_protocol_from.size(); ++i) {
    const Network& network = listener.proxy_protocol_from[i];
    if (!holds_anyone(network)) continue;
    reader.warning(
        node.item("proxy_protocol_from", i),
        fmt::format("{} holds more than anybody's own machines, so that a visitor can claim any address in a "
                    "PROXY header; expected the networks of your own balancers, such as 10.0.0.0/8",
                    network.text));
  }
}

SectionOf<Certificate> certificate_section() {
  auto s = section<Certificate>("certificate", "A certificate and its key. Both are read again on SIGHUP.");
  s->field("chain", &Certificate::chain, file(FileUse::read),
           "PEM file with the server's certificate first, then the intermediate ones.", Need::required);
  s->field("key", &Certificate::key, file(FileUse::read), "PEM file with the private key, unencrypted.",
           Need::required);
  s->check(check_certificate);
  return s;
}

SectionOf<ServerSettings> server_section() {
  auto s =
      section<ServerSettings>("server", "One server of an origin; only its address is needed, and may stand alone.");
  s->field(
      "address", std::identity(),
      kept<ServerSettings>(server_address(), address_of,
                           [](ServerSettings& server, const ServerAddress& address) {
                             server.host = address.host;
                             server.port = address.port;
                             server.unix_path = address.unix_path;
                           }),
      "Host and port, or `unix:` and the path of a socket. A name is looked up again when its time to live is over; "
      "each of its addresses, 16 at most, is a server.",
      Need::required);
  s->field("weight", &ServerSettings::weight, count(1, 1000),
           "Share of the requests, relative to the servers beside it.");
  s->field("max_connections", &ServerSettings::max_connections, count(0, 100'000),
           "Most connections to this server, from all workers. 0: the origin's max_connections.");
  s->shorthand_for("address");
  return s;
}

SectionOf<TlsSettings> origin_tls_section() {
  using Verify = TlsSettings::Verify;
  auto s = section<TlsSettings>("tls", "How the origin's servers are spoken to over TLS.");
  s->field("verify", &TlsSettings::verify, on_off_as(Verify::certificate, Verify::nothing),
           "Whether the server's certificate must be valid for its name. Off: whoever sits between the edge and the "
           "origin can read and change everything.");
  s->field("server_name", &TlsSettings::server_name, host_name(), "The name that is asked for (SNI) and verified.")
      .otherwise("the server's host as written in `servers`");
  s->field("authorities", &TlsSettings::authorities_file, file(FileUse::read),
           "PEM file with the authorities that may have signed the certificate.")
      .otherwise("the system's authorities");
  s->check([](TlsSettings& tls, const Node& node, Reader& reader) {
    if (tls.verify == Verify::nothing) {
      reader.warning(node.at("verify"), "the origin's certificate is not verified: anyone on the way can pose as it");
    }
  });
  return s;
}

SectionOf<StickySettings> stickiness_section() {
  auto s = section<StickySettings>("stickiness", "Keeps a visitor on the server that answered first, by a cookie.");
  s->field("cookie", &StickySettings::cookie, identifier(),
           "The cookie's name. It holds a keyed hash, not the address.");
  s->field("ttl", &StickySettings::lifetime, duration(), "How long the cookie lives. 0s: until the browser is closed.");
  return s;
}

SectionOf<Timeouts> origin_timeouts_section() {
  using namespace std::chrono_literals;
  const auto bounds = DurationBounds{.least = 10ms, .most = 24h};
  auto s = section<Timeouts>("timeouts", "How long the origin's servers may take.");
  s->field("connect", &Timeouts::connect, duration(bounds), "To connect, TLS included; then another server is tried.");
  s->field("first_byte", &Timeouts::first_byte, duration(bounds),
           "From the request sent to the head of the response; then another server is tried, or the client gets 504.");
  s->field("idle", &Timeouts::idle, duration(bounds), "A connection that nobody used for so long is closed.");
  s->field("queue", &Timeouts::queue, duration(bounds),
           "For a free connection while every server is at its limit; then 503.");
  return s;
}

}  // namespace

ServerAddress address_of(const ServerSettings& server) { return {{server.host, server.port}, server.unix_path}; }

SectionOf<Listener> listener_section() {
  auto s = section<Listener>("listen", "Where visitors connect.");
  s->field("address", &Listener::address, host_port(PortUse::listen),
           "Address and port. 0.0.0.0 is every IPv4 address, [::] every IPv6 address. Fixed at start.", Need::required);
  s->field("certificates", &Listener::certificates, list(certificate_section(), {.most = 1000}),
           "Chosen by the name the client asks for; the first is for clients that ask for none of them.")
      .otherwise("plain HTTP");
  s->field("redirect_to_https", &Listener::redirect_to_https,
           one_of<Redirect>({{"off", Redirect::off, "serve plain HTTP"},
                             {"301", Redirect::moved_permanently, "for good; browsers remember; POST may become GET"},
                             {"302", Redirect::found, "for now; POST may become GET"},
                             {"307", Redirect::temporary, "for now; the method is kept"},
                             {"308", Redirect::permanent, "for good; browsers remember; the method is kept"}}),
           "Sends visitors of this plain HTTP listener to the same URL over HTTPS, with this status.");
  s->field("redirect_port", &Listener::redirect_port, port(), "The port that redirects point to.");
  s->field("proxy_protocol_from", &Listener::proxy_protocol_from, list(network()),
           "Connections from these networks must begin with a PROXY protocol header (version 1 or 2), whose client "
           "address is believed. Elsewhere such a header is a bad request.")
      .otherwise("nowhere");
  s->check(check_listener);
  return s;
}

SectionOf<PoolSettings> origin_section() {
  using namespace std::chrono_literals;
  using Role = PoolSettings::Role;
  auto s = section<PoolSettings>("origins", "Servers that can stand in for each other.");
  s->field("name", &PoolSettings::name, identifier(), "How routes, metrics and messages call it.", Need::required);
  s->field("servers", &PoolSettings::servers, list(server_section(), {.least = 1, .most = 1000}),
           "The servers: `host:port`, `unix:/path`, or a mapping for more.", Need::required);
  s->field("region", &PoolSettings::region, identifier(), "Origins of one region are used before those of the next.")
      .otherwise("the same region as all that name none");
  s->field("standby", &PoolSettings::role, on_off_as(Role::standby, Role::active),
           "Used only while the origins before it are short of healthy servers.");
  s->field("tls", &PoolSettings::tls, on_off_or(origin_tls_section()), "Speaks TLS to the servers.");
  s->field("stickiness", &PoolSettings::sticky, on_off_or(stickiness_section()),
           "For shops that keep a visitor's basket in one server's memory.");
  s->field("timeouts", &PoolSettings::timeouts, origin_timeouts_section(), "How long the servers may take.");
  s->field("max_connections", &PoolSettings::max_connections, count(1, 100'000),
           "Most connections to each server, from all workers; past it requests wait.");
  s->field("max_total_connections", &PoolSettings::max_total_connections, count(0, 10'000'000),
           "Most connections to all its servers together, for an origin that must be spared. 0: no such limit.");
  s->field("slow_start", &PoolSettings::slow_start, duration({.most = 1h}),
           "A server that is healthy again gets its share little by little over this time. 0s: at once.");
  s->field("host", &PoolSettings::host, unless("pass", host_name()),
           "The Host header that the servers get; pass: the visitor's.");
  s->field("health_path", &PoolSettings::health_path, url_path(), "The path that its health check asks for.")
      .otherwise("health.path");
  s->check([](PoolSettings& origin, const Node& node, Reader& reader) {
    if (!origin.tls || !origin.tls->server_name.empty()) return;
    const bool has_socket =
        std::ranges::any_of(origin.servers, [](const ServerSettings& server) { return !server.unix_path.empty(); });
    if (!has_socket) return;
    reader.error(node.at("tls"),
                 "a Unix socket has no name that its certificate could be for; expected tls.server_name");
  });
  return s;
}

SectionOf<HealthPolicy> health_section() {
  using namespace std::chrono_literals;
  auto s = section<HealthPolicy>("health", "How it is found out whether a server can serve.");
  s->field("path", &HealthPolicy::path, url_path(),
           "Asked for with GET. A page that touches the database says more than one that does not.");
  s->field("every", &HealthPolicy::every, duration({.least = 100ms, .most = 1h}),
           "Time between two checks of a server. A dead server is found after at most this times unhealthy_after.");
  s->field("timeout", &HealthPolicy::timeout, duration({.least = 10ms, .most = 10min}),
           "No answer within it is a bad answer.");
  s->field("unhealthy_after", &HealthPolicy::unhealthy_after, count(1, 100),
           "So many bad answers in a row take a server out.");
  s->field("healthy_after", &HealthPolicy::healthy_after, count(1, 100),
           "So many good answers in a row bring it back.");
  s->field("status", std::identity(), statuses<HealthPolicy>(), "Statuses that are good answers.");
  s->field("host", &HealthPolicy::host, host_name(), "The Host header that checks send.")
      .otherwise("the origin's host, else the server's address");
  return s;
}

SectionOf<EjectionPolicy> ejection_section() {
  using namespace std::chrono_literals;
  auto s = section<EjectionPolicy>("ejection", "Takes a server out because of how it answers real requests.");
  s->field("consecutive_failures", &EjectionPolicy::consecutive_failures, count(0, 10'000),
           "Failed connects, resets and time-outs in a row that eject. 0: they never do.");
  s->field("consecutive_5xx", &EjectionPolicy::consecutive_5xx, count(0, 10'000),
           "5xx answers in a row that eject. 0: they never do.");
  s->field(
      "error_share", &EjectionPolicy::error_share, share(),
      "A server is ejected when so many of its answers in `window` are 5xx, and twice as many as its neighbours'.");
  s->field("error_volume", &EjectionPolicy::error_volume, count(1, 1'000'000),
           "With fewer answers in `window`, error_share says nothing.");
  s->field("window", &EjectionPolicy::window, duration({.least = 1s, .most = 10min}),
           "The time that error_share looks back.");
  s->field("base_ejection", &EjectionPolicy::base_ejection, duration({.least = 100ms, .most = 1h}),
           "How long the first ejection lasts; the n-th in a row lasts n times as long.");
  s->field("max_ejection", &EjectionPolicy::max_ejection, duration({.least = 100ms, .most = 24h}),
           "No ejection lasts longer.");
  s->field("max_ejected_share", &EjectionPolicy::max_ejected_share, share(),
           "Of an origin's servers; past it none more is ejected, so that a flood cannot eject them all.");
  s->field("panic_threshold", &EjectionPolicy::panic_threshold, share(),
           "With a smaller share of an origin's servers healthy, all of them are used.");
  s->check([](EjectionPolicy& ejection, const Node& node, Reader& reader) {
    if (ejection.max_ejection < ejection.base_ejection) {
      reader.error(node.at("max_ejection"),
                   fmt::format("max_ejection ({}) is shorter than base_ejection ({})",
                               duration_text(ejection.max_ejection), duration_text(ejection.base_ejection)));
    }
  });
  return s;
}

SectionOf<RetryPolicy> retries_section() {
  auto s = section<RetryPolicy>(
      "retries", "When a request is sent to another server. Only requests that may be repeated are (RFC 9110, 9.2.2).");
  s->field("budget", &RetryPolicy::budget_share, share(),
           "Retries, as a share of the requests of the last 10 s; past it a failure is passed on.");
  s->field("min", &RetryPolicy::min_per_s, in_whole(rate(0, 1e6)), "So many are allowed whatever the budget says.");
  s->field("attempts", &RetryPolicy::attempts, count(1, 8), "Attempts in all, the first included. 1: never retry.");
  return s;
}

SectionOf<HangPolicy> hang_section() {
  using namespace std::chrono_literals;
  const auto bounds = DurationBounds{.least = 10ms, .most = 10min};
  auto s = section<HangPolicy>("hang", "When a server that is silent, but was quick before, is no longer waited for.");
  s->field("latency_factor", &HangPolicy::latency_factor, factor(1, 1000),
           "A first byte is late after so many times the server's usual time,");
  s->field("at_least", &HangPolicy::at_least, duration(bounds), "but not before this,");
  s->field("at_most", &HangPolicy::at_most, duration(bounds), "and always after this.");
  s->check([](HangPolicy& hang, const Node& node, Reader& reader) {
    if (hang.at_least <= hang.at_most) return;
    reader.error(node.at("at_least"), fmt::format("at_least ({}) is longer than at_most ({})",
                                                  duration_text(hang.at_least), duration_text(hang.at_most)));
  });
  return s;
}

SectionOf<RouteSettings> route_section() {
  auto s =
      section<RouteSettings>("routes", "Sends requests to some of the origins. The first route that matches decides.");
  s->field("hosts", &RouteSettings::hosts, list(host_pattern()), "Names that the visitor asked for.").otherwise("any");
  s->field("paths", &RouteSettings::paths, list(route_pattern()), "Paths, with * for any run of characters.")
      .otherwise("any");
  s->field("origins", &RouteSettings::pools, list(identifier()), "Names of origins, tried in this order.")
      .otherwise("all, in the file's order");
  // The label is the edge's, and origin does not look at it.
  constexpr auto follow = static_cast<std::uint32_t>(edge::RouteCaching::follow);
  constexpr auto bypass = static_cast<std::uint32_t>(edge::RouteCaching::bypass);
  s->field("cache", &RouteSettings::label,
           one_of<std::uint32_t>({{"default", follow, "as the origin's headers say (RFC 9111)"},
                                  {"bypass", bypass, "neither stored nor answered from the cache"}}),
           "Whether the cache may be used.");
  return s;
}

SectionOf<Cache> cache_section() {
  using namespace std::chrono_literals;
  auto s = section<Cache>(
      "cache",
      "Keeps pages and pictures in memory, as the origin's headers allow. Fixed at start, but for coalesce_wait.");
  s->field("memory", &Cache::memory_bytes, size({.most = std::uint64_t{1} << 42}),
           "All workers together. When it is full, what is least useful goes. 0: nothing is kept.");
  s->field("max_object", &Cache::max_object_bytes, size({.least = 1, .most = std::uint64_t{1} << 32}),
           "Larger responses pass through and are not kept; at most an eighth of the memory.");
  s->field(
      "stale_if_error", &Cache::stale_if_error, duration(),
      "How long past its time a page stands in for an origin that fails, where the response does not say. What came "
      "without any time (max-age=0, a past Expires) never does.");
  s->field(
      "stale_while_revalidate", &Cache::stale_while_revalidate, duration(),
      "How long past its time a page is served while it is fetched anew, where the response does not say. What came "
      "without any time never is.");
  s->field("heuristic", &Cache::heuristic,
           one_of<cache::Heuristic>(
               {{"off", cache::Heuristic::off, "never guess"},
                {"static", cache::Heuristic::static_types, "pictures, fonts, style sheets, scripts, sound and film"},
                {"all", cache::Heuristic::all_types, "everything"}}),
           "Where freshness is guessed from Last-Modified when the origin names none (RFC 9111, 4.2.2).");
  s->field("heuristic_max", &Cache::heuristic_limit, duration(), "No guess is longer.");
  s->field("client_directives", &Cache::client_directives,
           one_of<cache::ClientDirectives>(
               {{"ignore", cache::ClientDirectives::ignore, "a flood of \"no-cache\" does not reach the origin"},
                {"revalidate", cache::ClientDirectives::revalidate,
                 "no-cache, max-age, min-fresh and max-stale are honoured"}}),
           "What a visitor's Cache-Control may ask for.");
  s->field("set_cookie", &Cache::set_cookie,
           one_of<cache::StoreSetCookie>({{"never", cache::StoreSetCookie::never, "they pass through"},
                                          {"when_public", cache::StoreSetCookie::when_public,
                                           "with \"Cache-Control: public\" they are kept, without the cookie"}}),
           "Whether responses that set a cookie are kept.");
  s->field("coalesce_wait", &Cache::coalesce_wait, duration({.most = 5min}),
           "How long a request waits for another's fetch of the same page before it goes itself.");
  s->check([](Cache& cache, const Node& node, Reader& reader) {
    if (cache.memory_bytes > 0 && cache.max_object_bytes > cache.memory_bytes) {
      reader.warning(node.find("max_object") != nullptr ? *node.find("max_object") : node.at("memory"),
                     fmt::format("max_object ({}) is larger than the whole cache ({})",
                                 size_text(cache.max_object_bytes), size_text(cache.memory_bytes)));
    }
  });
  return s;
}

SectionOf<Limits> limits_section() {
  using namespace std::chrono_literals;
  const auto bounds = DurationBounds{.least = 100ms, .most = 24h};
  auto s = section<Limits>("limits", "What a visitor's connection may send and how slowly.");
  s->field("request_line", &Limits::request_line_bytes, size({.least = 256, .most = 1 << 20}),
           "Method, path and version; past it 414.");
  s->field("headers", &Limits::header_bytes, size({.least = 1024, .most = 1 << 20}),
           "All header lines together; past it 431.");
  s->field("header_count", &Limits::header_count, large_count(10, 10'000), "Header lines; past it 431.");
  s->field("body", &Limits::body_bytes, size(), "A request's body; past it 413.");
  s->field("head_timeout", &Limits::head_timeout, duration(bounds),
           "For a request's whole head; then 408. As long for the first byte on a new connection; then it is closed.");
  s->field("body_timeout", &Limits::body_timeout, duration(bounds), "Between two parts of a request's body; then 408.");
  s->field("idle_timeout", &Limits::idle_timeout, duration(bounds),
           "Between two requests; then the connection is closed.");
  s->field("write_timeout", &Limits::write_timeout, duration(bounds),
           "While a visitor takes nothing of an answer; then the connection is reset.");
  s->field("handshake_timeout", &Limits::handshake_timeout, duration(bounds),
           "For TLS and the PROXY header, from its first byte; then the connection is reset.");
  s->field("requests_per_connection", &Limits::requests_per_connection, large_count(1, 1'000'000'000),
           "The last of them is answered with \"Connection: close\".");
  s->field(
      "uploads_per_client", &Limits::uploads_per_client, count(1, 100'000),
      "Bodies of over 64 KiB that one client address (an IPv6 /64) may have on their way to the origins at one time, "
      "and never more than half of their connections; past it 429.");
  s->field("connections", &Limits::connections, count(16, 10'000'000),
           "Open at once, in all. Past it a new one takes the place of one that has been idle for longest, and for a "
           "second at least; where none has, it is closed.");
  s->field(
      "answer_memory", &Limits::answer_memory_bytes, size({.most = 1ull << 40}),
      "For answers that visitors take more slowly than the origins give them: the rest of each is taken into memory, "
      "at most 1 MiB, so that its connection to the origin is free for the next request. Visitors of one network (an "
      "IPv4 /24, an IPv6 /56) get at most a sixteenth of what is free. What finds no room stays at the origin until "
      "its visitor takes it. 0: nothing is taken.");
  s->field(
      "answer_timeout", &Limits::answer_timeout, duration(bounds),
      "For an origin's response to begin, all attempts and waiting included, also for another visitor's fetch; then "
      "504. At most 10s, but for orders and other requests that may not be repeated, where all servers that are "
      "left answer no health check. Not for a body of over 64 KiB: that is given the origin's `first_byte`, from when "
      "all of it is sent.");
  s->field("stream_timeout", &Limits::stream_timeout, duration(bounds),
           "Between two parts of an origin's body; then the connection is reset.");
  s->field("tunnel_idle", &Limits::tunnel_idle, duration(bounds),
           "A WebSocket with nothing sent either way for so long is closed.");
  s->field("drain", &Limits::drain, duration({.most = 1h}),
           "On SIGTERM, connections that are open after it are reset.");
  return s;
}

SectionOf<AccessLog> access_log_section() {
  auto s = section<AccessLog>("access_log", "A line for each request. Fixed at start.");
  s->field("path", &AccessLog::path, log_file(),
           "The file, opened again on SIGUSR1; \"-\" is standard output, and so is /dev/stdout.");
  s->field("format", &AccessLog::format,
           one_of<AccessLogFormat>({{"combined", AccessLogFormat::combined, "as nginx and Apache write it"},
                                    {"json", AccessLogFormat::json, "one JSON object a line"}}),
           "What a line looks like.");
  s->field("queue", &AccessLog::queue_bytes, size({.least = 256 << 10, .most = std::uint64_t{1} << 32}),
           "Memory of each worker for lines that wait for a slow disk; past it lines are dropped, and counted.");
  return s;
}

}  // namespace tenfold::config
