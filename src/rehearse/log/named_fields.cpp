#include "rehearse/log/named_fields.hpp"

#include "base/text/letters.hpp"
#include "rehearse/log/address_text.hpp"
#include "rehearse/log/fields.hpp"

namespace tenfold::rehearse {
namespace {

double seconds_of(const NamedFields& found) {
  if (const auto nanoseconds = number<double>(found[Slot::nanoseconds])) return *nanoseconds / 1e9;
  const auto seconds = number<double>(found[Slot::seconds]);
  return seconds && *seconds >= 0 ? *seconds : -1;
}

// Logstash's patterns keep the quotes of the line.
std::string_view without_quotes(std::string_view text) {
  return text.size() > 1 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

// An address without its port, or whatever is there in its place.
std::string_view client_text(std::string_view text) {
  const std::string_view address = client_in(text);
  return address.empty() ? unless_dash(trimmed(text)) : address;
}

void take_client(const NamedFields& found, Entry& entry) {
  if (const std::string_view named = client_text(found.named_client()); !named.empty()) {
    entry.client = named;
    entry.client_settled = true;
    return;
  }
  const std::string_view peer = client_text(found[Slot::peer]);
  const std::string_view stated = client_text(found[Slot::client]);
  const std::string_view forwarded = client_in(found[Slot::forwarded]);
  // A server that states a client who is not its peer has looked at what the proxies say.
  if (!stated.empty() && !peer.empty() && stated != peer) {
    entry.client = stated;
    return;
  }
  const std::string_view first = stated.empty() ? peer : stated;
  if (first.empty())
    entry.client = forwarded;
  else
    take_addresses(first, forwarded, entry);
}

void take_request(const NamedFields& found, Scratch& scratch, Entry& entry) {
  const std::string_view method = found[Slot::method];
  const std::string_view request = found[Slot::request];
  const std::string_view target = found[Slot::target];
  if (!method.empty() && !target.empty() && found.rank(Slot::target) == 0) {
    take_target(method, target, scratch, entry);
    if (!entry.target.empty()) return;
  }
  if (is_request_line(request)) {
    take_request_line(request, scratch, entry);
    return;
  }
  if (method.empty()) return;
  std::string_view path = !target.empty() ? target : found[Slot::path];
  if (path.empty()) path = request;
  if (path.empty()) return;
  if (target.empty() && path.front() != '/' && path.find("://") == std::string_view::npos)
    path = scratch.with_slash(path);  // Akamai's
  if (path.find('?') == std::string_view::npos) path = scratch.joined(path, found[Slot::query]);
  take_target(method, path, scratch, entry);
}

}  // namespace

bool take_named_fields(const NamedFields& found, LogTime& time, Scratch& scratch, Entry& entry,
                       std::string_view& expected) {
  take_client(found, entry);
  take_request(found, scratch, entry);
  expected = "a time in one of the fields time_iso8601, time_local, time, timestamp, ts, msec, StartUTC ...";
  const auto at = time.any(found[Slot::time]);
  if (!at) return false;
  entry.at_ms = *at;
  entry.zoned = time.zoned();
  expected = "a client in one of the fields remote_addr, remote_ip, client_ip, ClientHost ...";
  // An empty field of a request all the same: the log's writer sees who asks, or somebody before it does.
  const bool has_field = found.has(Slot::client) || found.has(Slot::peer) || found.has(Slot::forwarded);
  if (entry.client.empty() && has_field && !entry.target.empty()) entry.client = "-";
  if (entry.client.empty()) return false;
  if (entry.host.empty()) entry.host = host_in(found[Slot::host]);
  if (const auto status = number<int>(found[Slot::status]); status && *status >= 100 && *status <= 599)
    entry.status = *status;
  if (const auto bytes = number<std::int64_t>(found[Slot::bytes]); bytes && *bytes >= 0) entry.bytes = *bytes;
  entry.seconds = seconds_of(found);
  entry.referer = unless_dash(without_quotes(found[Slot::referer]));
  entry.user_agent = unless_dash(without_quotes(found[Slot::agent]));
  if (entry.user_agent.find("%20") != std::string_view::npos && entry.user_agent.find(' ') == std::string_view::npos)
    entry.user_agent = scratch.without_percent(entry.user_agent);
  entry.agent_logged = found.has(Slot::agent);
  return true;
}

}  // namespace tenfold::rehearse
