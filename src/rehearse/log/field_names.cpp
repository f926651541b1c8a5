#include "rehearse/log/field_names.hpp"

#include <absl/container/flat_hash_map.h>

#include "base/text/letters.hpp"

namespace tenfold::rehearse {
namespace {

struct Name {
  std::string_view text;
  Slot slot;
  std::uint8_t rank = 0;
};

// What logs call their fields: nginx (by its variables), Apache, Caddy, Traefik, HAProxy, Envoy, the edge itself;
// Cloudflare Logpush, Fastly, Google's load balancers, Akamai DataStream, Azure Front Door, CloudFront's real-time
// logs; the elastic common schema.
constexpr Name names[] = {
    {"msec", Slot::time, 0},
    {"startutc", Slot::time, 0},
    {"edgestarttimestamp", Slot::time, 0},
    {"reqtimesec", Slot::time, 0},
    {"time_iso8601", Slot::time, 1},
    {"start_time", Slot::time, 1},
    {"ts", Slot::time, 1},
    {"time_local", Slot::time, 2},
    {"startlocal", Slot::time, 2},
    {"edgeendtimestamp", Slot::time, 2},
    {"timestamp", Slot::time, 3},
    {"time", Slot::time, 3},
    {"datetime", Slot::time, 3},
    {"date_time", Slot::time, 3},
    {"@timestamp", Slot::time, 4},
    {"date", Slot::time, 5},

    {"client_ip", Slot::client, 0},
    {"clientip", Slot::client, 0},
    {"client.ip", Slot::client, 0},
    {"client_addr", Slot::client, 1},
    {"real_ip", Slot::client, 1},
    {"realip", Slot::client, 1},
    {"the_real_ip", Slot::client, 1},
    {"cliip", Slot::client, 1},
    {"c_ip", Slot::client, 1},

    {"source.ip", Slot::peer, 0},
    {"remote_addr", Slot::peer, 0},
    {"remote_ip", Slot::peer, 0},
    {"remoteip", Slot::peer, 0},
    {"remoteaddr", Slot::peer, 0},
    {"clienthost", Slot::peer, 0},
    {"client", Slot::peer, 1},
    {"clientaddr", Slot::peer, 1},
    {"source.address", Slot::peer, 1},
    {"client.address", Slot::peer, 1},
    {"remote_host", Slot::peer, 1},
    {"remote", Slot::peer, 2},
    {"ip", Slot::peer, 2},
    {"downstream_remote_address", Slot::peer, 1},
    {"downstream_remote_address_without_port", Slot::peer, 0},

    {"cf_connecting_ip", Slot::forwarded, 0},
    {"http_cf_connecting_ip", Slot::forwarded, 0},
    {"request_cf_connecting_ip", Slot::forwarded, 0},
    {"true_client_ip", Slot::forwarded, 0},
    {"http_true_client_ip", Slot::forwarded, 0},
    {"fastly_client_ip", Slot::forwarded, 0},
    {"http_x_forwarded_for", Slot::forwarded, 1},
    {"x_forwarded_for", Slot::forwarded, 1},
    {"request_x_forwarded_for", Slot::forwarded, 1},
    {"xforwardedfor", Slot::forwarded, 1},
    {"forwarded_for", Slot::forwarded, 1},
    {"forwardedfor", Slot::forwarded, 1},
    {"xff", Slot::forwarded, 1},
    {"proxy_add_x_forwarded_for", Slot::forwarded, 2},
    {"http_x_real_ip", Slot::forwarded, 3},
    {"x_real_ip", Slot::forwarded, 3},
    {"request_x_real_ip", Slot::forwarded, 3},

    {"request_method", Slot::method, 0},
    {"requestmethod", Slot::method, 0},
    {"clientrequestmethod", Slot::method, 0},
    {"http.request.method", Slot::method, 0},
    {"http_method", Slot::method, 0},
    {"httpmethod", Slot::method, 0},
    {"reqmethod", Slot::method, 0},
    {"cs_method", Slot::method, 0},
    {"method", Slot::method, 1},
    {"verb", Slot::method, 1},

    {"request_uri", Slot::target, 0},
    {"requesturi", Slot::target, 0},
    {"requesturl", Slot::target, 0},
    {"request_url", Slot::target, 0},
    {"clientrequesturi", Slot::target, 0},
    {"url.original", Slot::target, 0},
    {"requestpath", Slot::target, 0},
    {"request_path", Slot::target, 1},
    {"url.full", Slot::target, 1},
    {"uri", Slot::target, 1},
    {"url", Slot::target, 1},
    {"target", Slot::target, 2},
    {"document_uri", Slot::path, 1},
    {"clientrequestpath", Slot::path, 0},
    {"cs_uri_stem", Slot::path, 0},
    {"url.path", Slot::path, 0},
    {"reqpath", Slot::path, 0},
    {"uri_path", Slot::path, 0},
    {"path", Slot::path, 1},
    {"url.query", Slot::query, 0},
    {"query_string", Slot::query, 0},
    {"querystring", Slot::query, 0},
    {"querystr", Slot::query, 0},
    {"cs_uri_query", Slot::query, 0},
    {"requestquery", Slot::query, 0},
    {"args", Slot::query, 1},
    {"query", Slot::query, 1},
    {"request", Slot::request, 0},
    {"request_line", Slot::request, 0},
    {"requestline", Slot::request, 0},
    {"http_request", Slot::request, 1},

    {"status", Slot::status, 0},
    {"downstreamstatus", Slot::status, 0},
    {"edgeresponsestatus", Slot::status, 0},
    {"http.response.status_code", Slot::status, 0},
    {"status_code", Slot::status, 1},
    {"statuscode", Slot::status, 1},
    {"httpstatus", Slot::status, 1},
    {"httpstatuscode", Slot::status, 1},
    {"response_code", Slot::status, 1},
    {"response_status", Slot::status, 1},
    {"http_status", Slot::status, 1},
    {"sc_status", Slot::status, 1},
    {"response", Slot::status, 2},

    {"body_bytes_sent", Slot::bytes, 0},
    {"downstreamcontentsize", Slot::bytes, 0},
    {"edgeresponsebytes", Slot::bytes, 0},
    {"http.response.body.bytes", Slot::bytes, 0},
    {"response_body_size", Slot::bytes, 0},
    {"responsesize", Slot::bytes, 0},
    {"bytes_sent", Slot::bytes, 1},
    {"size", Slot::bytes, 1},
    {"bytes", Slot::bytes, 1},
    {"resp_body_size", Slot::bytes, 0},
    {"sc_bytes", Slot::bytes, 1},

    {"request_time", Slot::seconds, 0},
    {"duration", Slot::seconds, 0},

    {"http_referer", Slot::referer, 0},
    {"http.request.referrer", Slot::referer, 0},
    {"clientrequestreferer", Slot::referer, 0},
    {"request_referer", Slot::referer, 0},
    {"referer", Slot::referer, 1},
    {"referrer", Slot::referer, 1},
    {"http_referrer", Slot::referer, 1},
    {"cs_referer", Slot::referer, 1},

    {"http_user_agent", Slot::agent, 0},
    {"user_agent.original", Slot::agent, 0},
    {"clientrequestuseragent", Slot::agent, 0},
    {"request_user_agent", Slot::agent, 0},
    {"user_agent", Slot::agent, 0},
    {"useragent", Slot::agent, 0},
    {"cs_user_agent", Slot::agent, 0},
    {"ua", Slot::agent, 1},
    {"agent", Slot::agent, 1},

    {"http_host", Slot::host, 0},
    {"requesthost", Slot::host, 0},
    {"request_host", Slot::host, 0},
    {"clientrequesthost", Slot::host, 0},
    {"url.domain", Slot::host, 0},
    {"reqhost", Slot::host, 0},
    {"x_host_header", Slot::host, 0},
    {"authority", Slot::host, 0},
    {":authority", Slot::host, 0},
    {"request.host", Slot::host, 0},
    {"vhost", Slot::host, 1},
    {"virtual_host", Slot::host, 1},
    {"cs_host", Slot::host, 1},
    {"host", Slot::host, 2},
    {"server_name", Slot::host, 2},

    {"log", Slot::wrapped, 0},
    {"message", Slot::wrapped, 1},
    {"short_message", Slot::wrapped, 1},
    {"event.original", Slot::wrapped, 2},
    {"textpayload", Slot::wrapped, 1},
    {"raw", Slot::wrapped, 2},
    {"line", Slot::wrapped, 2},
    {"msg", Slot::wrapped, 3},

    {"resp_headers", Slot::foreign},
    {"response_headers", Slot::foreign},
    {"responseheaders", Slot::foreign},
    {"upstream", Slot::foreign},
    {"kubernetes", Slot::foreign},
    {"container", Slot::foreign},
    {"observer", Slot::foreign},
    {"resource", Slot::foreign},
    {"metadata", Slot::foreign},
    {"@metadata", Slot::foreign},
    {"labels", Slot::foreign},
    {"cloud", Slot::foreign},
    {"server", Slot::foreign},
    {"destination", Slot::foreign},
    {"process", Slot::foreign},
    {"tls", Slot::foreign},
    {"geo", Slot::foreign},
    {"geoip", Slot::foreign},
    {"ecs", Slot::foreign},
    {"input", Slot::foreign},
    {"attrs", Slot::foreign},
    {"http.request.body", Slot::foreign},
    {"log.file", Slot::foreign},
    {"host.ip", Slot::foreign},
    {"host.name", Slot::foreign},
    {"host.hostname", Slot::foreign},
    {"agent.name", Slot::foreign},
    {"event.duration", Slot::nanoseconds},
};

}  // namespace

std::string field_name(std::string_view written) {
  std::string normal = lower_case(trimmed(written));
  while (normal.starts_with('$')) normal.erase(0, 1);
  for (char& c : normal) c = c == '-' ? '_' : c;
  return normal;
}

Meaning meaning_of(std::string_view path) {
  static const auto known = [] {
    absl::flat_hash_map<std::string_view, Meaning> map;
    for (const Name& name : names) map.emplace(name.text, Meaning{name.slot, name.rank});
    return map;
  }();
  if (const auto at = known.find(path); at != known.end()) return at->second;
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return {};
  const auto at = known.find(path.substr(dot + 1));
  return at == known.end() ? Meaning{} : at->second;
}

}  // namespace tenfold::rehearse
