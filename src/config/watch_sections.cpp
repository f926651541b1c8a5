#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/schema/compound.hpp"
#include "config/schema/kept.hpp"
#include "config/schema/scalars.hpp"
#include "config/sections.hpp"

namespace tenfold::config {
namespace {

using namespace std::chrono_literals;
using watch::Capture;
using watch::DnsProbe;
using watch::Expectation;
using watch::HeartbeatProbe;
using watch::HttpProbe;
using watch::JourneyStep;
using watch::TcpProbe;
using watch::TlsProbe;

// A hang is told within the interval, this, two seconds and the moments of a call: under the interval + 5 s. Whoever
// waits so long for a page that took a fifth of a second yesterday has left. Only where the file says nothing of the
// time-out.
constexpr Duration hung_after = 2500ms;

using HeaderPair = std::pair<std::string, std::string>;

TypeOf<HeaderPair> header_pair() {
  return kept<HeaderPair>(
      header_line(),
      [](const HeaderPair& pair) {
        return HeaderLine{pair.first, pair.second};
      },
      [](HeaderPair& pair, const HeaderLine& line) {
        pair = {line.name, line.value};
      });
}

TypeOf<std::string> resolver() {
  return kept<std::string>(
      host_port(PortUse::connect), [](const std::string&) { return HostPort(); },
      [](std::string& to, const HostPort& address) { to = address.text(); });
}

TypeOf<std::string> revealed(TypeOf<Secret> secret) {
  return kept<std::string>(
      std::move(secret), [](const std::string& text) { return Secret(text); },
      [](std::string& text, const Secret& read) { text = read.reveal(); });
}

SectionOf<Expectation> json_section() {
  auto s = section<Expectation>("json", "What the body must say, as JSON.");
  s->field("pointer", &Expectation::json_pointer, json_pointer(), "Where to look (RFC 6901).", Need::required);
  s->field("equals", &Expectation::json_equals, text(1000), "What must stand there.").otherwise("anything");
  return s;
}

SectionOf<Expectation> expectation_section() {
  auto s = section<Expectation>("expect", "What counts as a good answer.");
  s->field("status", std::identity(), statuses<Expectation>(), "The status.");
  s->field("text", &Expectation::text, text(1000), "Must be in the body.").otherwise("not looked at");
  s->field("no_text", &Expectation::no_text, text(1000), "Must not be in the body.").otherwise("not looked at");
  s->field(
       "matches", &Expectation::matches, regular_expression(),
       "Must be found in the body. Perl's syntax, without back references and look-around: they have no bound in time.")
      .otherwise("not looked at");
  s->field("headers", &Expectation::headers, list(header_pair(), {.most = 50}),
           "Must be there, with that value if one is given.");
  s->field("json", std::identity(), json_section(), "What the body must say, as JSON.").otherwise("not looked at");
  s->field("least_bytes", &Expectation::least_bytes, size({.most = 1 << 30}), "The body is not shorter.");
  s->field("most_bytes", &Expectation::most_bytes, size({.least = 1, .most = 1 << 30}),
           "The body is not longer; more is not read.");
  return s;
}

SectionOf<HttpProbe> http_section() {
  auto s = section<HttpProbe>("http", "Asks for a page.");
  s->field("url", &HttpProbe::url, url(), "What is asked for.", Need::required);
  s->field("method", &HttpProbe::method, http_method(), "How.");
  s->field("headers", &HttpProbe::headers, list(header_pair(), {.most = 50}), "Sent with it.");
  s->field("body", &HttpProbe::body, text(64 << 10), "Sent with it.").otherwise("none");
  s->field("verify", &HttpProbe::verify, on_off(), "Whether the certificate must be valid.");
  s->field("follow", &HttpProbe::follow, on_off(), "Whether redirects are followed, at most 10.");
  s->field("expect", &HttpProbe::expect, expectation_section(), "What counts as a good answer.");
  s->shorthand_for("url");
  return s;
}

SectionOf<Capture> capture_section() {
  auto s =
      section<Capture>("capture", "A value for the steps after it, which write it as {name} in URL, headers and body.");
  s->field("name", &Capture::name, identifier(), "What it is called.", Need::required);
  s->field("matches", &Capture::matches, regular_expression(), "The first group of it, in the body.")
      .otherwise("not looked at");
  s->field("pointer", &Capture::pointer, json_pointer(), "What stands there, in the body as JSON.")
      .otherwise("not looked at");
  s->field("header", &Capture::header, identifier(), "A header of the answer.").otherwise("not looked at");
  s->check([](Capture& capture, const Node& node, Reader& reader) {
    const int sources = !capture.matches.empty() + !capture.pointer.empty() + !capture.header.empty();
    if (sources != 1 && !capture.name.empty()) reader.error(node, "expected one of matches, pointer and header");
  });
  return s;
}

SectionOf<JourneyStep> step_section() {
  auto s = section<JourneyStep>("journey", "A step of a visit. Cookies are kept from step to step.");
  s->field("name", &JourneyStep::name, identifier(), "What messages call it.", Need::required);
  s->field("http", &JourneyStep::http, http_section(), "What is asked for.", Need::required);
  s->field("capture", &JourneyStep::capture, list(capture_section(), {.most = 20}), "Values for the steps after it.");
  return s;
}

SectionOf<DnsProbe> dns_section() {
  using Record = DnsProbe::Record;
  auto s = section<DnsProbe>("dns", "Asks for a name.");
  s->field("name", &DnsProbe::name, host_name(), "The name.", Need::required);
  s->field("record", &DnsProbe::record,
           one_of<Record>({{"A", Record::a, "IPv4 addresses"},
                           {"AAAA", Record::aaaa, "IPv6 addresses"},
                           {"CNAME", Record::cname, "the name it stands for"},
                           {"MX", Record::mx, "mail servers"},
                           {"TXT", Record::txt, "texts"},
                           {"NS", Record::ns, "name servers"}}),
           "What is asked for.");
  s->field("answers", &DnsProbe::answers, list(text(255), {.most = 50}), "All must be in the answer.")
      .otherwise("any answer is good");
  s->field("resolver", &DnsProbe::resolver, resolver(), "Who is asked.").otherwise("the system's");
  s->shorthand_for("name");
  return s;
}

SectionOf<TlsProbe> tls_section() {
  auto s = section<TlsProbe>("tls", "Shakes hands and looks at the certificate and its chain.");
  s->field("address", std::identity(), host_and_port<TlsProbe>(PortUse::connect), "Host and port.", Need::required);
  s->field("server_name", &TlsProbe::server_name, host_name(), "The name asked for and verified.")
      .otherwise("the host");
  s->field("valid_for", &TlsProbe::valid_for, duration(), "The certificate must still be valid for so long.");
  s->shorthand_for("address");
  s->check([](TlsProbe& tls, const Node&, Reader&) {
    if (tls.server_name.empty()) tls.server_name = tls.host;
  });
  return s;
}

SectionOf<HeartbeatProbe> heartbeat_section() {
  auto s = section<HeartbeatProbe>(
      "heartbeat", "Waits to be called, as by a nightly job; silence is the failure, and a job may report one.");
  s->field("every", &HeartbeatProbe::every, duration({.least = 10s}), "How often it is called.", Need::required);
  s->field("grace", &HeartbeatProbe::grace, duration(), "By how much it may be late.");
  s->field("token", &HeartbeatProbe::token, revealed(secret(16)), "Part of the URL that is called.", Need::required);
  return s;
}

// The way to the probe of that kind: a check has the one whose key was read.
template <class P>
P& probe(Check& check) {
  ++check.probes;
  return check.probe.emplace<P>();
}

std::vector<JourneyStep>& journey(Check& check) { return check.probe.emplace<watch::JourneyProbe>().steps; }

void check_probes(Check& check, const Node& node, Reader& reader) {
  check.probes += node.find("journey") != nullptr ? 1 : 0;
  if (node.kind == Node::Kind::map && check.probes != 1) {
    reader.error(node,
                 fmt::format("found {} of http, journey, tcp, dns, tls and heartbeat, expected one", check.probes));
  }
  if (node.kind == Node::Kind::map && node.find("timeout") == nullptr) {
    check.hung_after = hung_after;
    // Who looks often and says nothing of the time-out wants a shorter one, not an error.
    check.timeout = std::min(check.timeout, check.every);
  }
  if (check.timeout > check.every && !std::holds_alternative<HeartbeatProbe>(check.probe)) {
    reader.error(node.at("timeout"), fmt::format("timeout ({}) is longer than every ({})", duration_text(check.timeout),
                                                 duration_text(check.every)));
  }
}

SectionOf<Check> check_section() {
  auto s = section<Check>("checks", "One thing that is looked at, in one of six ways.");
  s->field("name", &Check::name, identifier(), "What messages call it.", Need::required);
  s->field("http", probe<HttpProbe>, http_section(), "Asks for a page.").otherwise("another way");
  s->field("journey", journey, list(step_section(), {.least = 1, .most = 30}), "Visits the shop, step by step.")
      .otherwise("another way");
  s->field("tcp", probe<TcpProbe>, host_and_port<TcpProbe>(PortUse::connect), "Connects.").otherwise("another way");
  s->field("dns", probe<DnsProbe>, dns_section(), "Asks for a name.").otherwise("another way");
  s->field("tls", probe<TlsProbe>, tls_section(), "Looks at the certificate.").otherwise("another way");
  s->field("heartbeat", probe<HeartbeatProbe>, heartbeat_section(), "Waits to be called.").otherwise("another way");
  s->field("every", &Check::every, duration({.least = 1s, .most = 24h * 7}),
           "From the start of one check to the next.");
  s->field("timeout", &Check::timeout, duration({.least = 50ms, .most = 10min}),
           "For the whole; in a journey, for each step.")
      .otherwise("10s, `every` if that is shorter; hung before: after eight times the usual answer, 2.5s at least");
  s->field("slow_after", &Check::slow_after, duration({.most = 10min}), "Good, but slow. 0s: never.");
  s->field("failing_after", &Check::failing_after, count(1, 100),
           "Failures in a row until it is down. Each failure is looked at again at once, by another path.");
  s->field("good_after", &Check::good_after, count(1, 100), "Good ones in a row until it is up again.");
  s->field("severity", &Check::severity,
           one_of<watch::Severity>({{"info", watch::Severity::info, "shown only"},
                                    {"warning", watch::Severity::warning, "told by quiet channels"},
                                    {"critical", watch::Severity::critical, "somebody is rung"}}),
           "What happens when it is down.");
  s->field("escalation", &Check::escalation, identifier(), "Who is told: the name of an escalation.")
      .otherwise("the first one");
  s->check(check_probes);
  return s;
}

SectionOf<Maintenance> maintenance_section() {
  auto s = section<Maintenance>("maintenance", "A time in which failures are recorded and nobody is told.");
  s->field("checks", &Maintenance::checks, list(identifier()), "Their names.").otherwise("all");
  s->field("from", &Maintenance::from, local_time(), "In watch.time_zone.", Need::required);
  s->field("until", &Maintenance::until, local_time(), "In watch.time_zone.", Need::required);
  s->check([](Maintenance& window, const Node& node, Reader& reader) {
    if (node.find("from") != nullptr && node.find("until") != nullptr && window.until <= window.from) {
      reader.error(node.at("until"), "until is not after from");
    }
  });
  return s;
}

SectionOf<HeartbeatOut> heartbeat_out_section() {
  auto s = section<HeartbeatOut>("heartbeat_out",
                                 "Reports to an outside service, which raises the alarm when the reports end.");
  s->field("url", &HeartbeatOut::url, secret(10), "What is called.", Need::required);
  s->field("every", &HeartbeatOut::every, duration({.least = 10s, .most = 24h}), "How often.");
  return s;
}

}  // namespace

SectionOf<Watch> watch_section() {
  auto s = section<Watch>("watch", "Looks at the shop from outside.");
  s->field("checks", &Watch::checks, list(check_section(), {.most = 10'000}), "What is looked at.")
      .otherwise("nothing");
  s->field("anchors", &Watch::anchors, list(host_port(PortUse::connect), {.most = 20}),
           "Hosts outside. When none of them answers, our own uplink is down and not the shop.")
      .otherwise("an uplink that is down looks like a shop that is down");
  s->field("maintenance", &Watch::maintenance, list(maintenance_section()), "When nobody is told.");
  s->field("heartbeat_out", &Watch::heartbeat_out, optional(heartbeat_out_section()), "The dead man's switch.")
      .otherwise("nobody notices when Tenfold itself falls silent");
  s->field("authorities", &Watch::authorities, file(FileUse::read),
           "PEM file with the authorities that checks trust, read again when it changes. Another file takes a restart.")
      .otherwise("the system's authorities");
  s->field("time_zone", &Watch::time_zone, time_zone(), "Of maintenance.");
  s->field("keep_results", &Watch::keep_results, duration({.least = 1h, .most = 24h * 90}),
           "How long each result is kept; after it only hours are, after two years only days.");
  return s;
}

}  // namespace tenfold::config
