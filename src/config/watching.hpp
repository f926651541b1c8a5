#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/calendar.hpp"
#include "config/values.hpp"

// Settings of the shop's outside view: what is checked, how often, and what counts as good. All replaceable.
namespace tenfold::config {

using namespace std::chrono_literals;

struct JsonExpectation {
  std::string pointer;  // RFC 6901: "/status/database"
  std::string equals;   // the value as text; empty: it need only be there

  bool operator==(const JsonExpectation&) const = default;
};

struct HttpExpectation {
  StatusRange status;               // 200-399
  std::string text;                 // must be in the body; empty: nothing must
  std::string no_text;              // must not be in the body; empty: anything may
  std::string matches;              // regular expression (RE2) found in the body; empty: not looked at
  std::vector<HeaderLine> headers;  // must be there with that value; an empty value: any
  std::optional<JsonExpectation> json;
  std::uint64_t least_bytes = 0;          // of the body
  std::uint64_t most_bytes = 8ull << 20;  // of the body; more is not read and is a failure

  bool operator==(const HttpExpectation&) const = default;
};

struct HttpProbe {
  std::string url;
  std::string method = "GET";
  std::vector<HeaderLine> headers;
  std::string body;    // empty: none
  bool verify = true;  // false: any certificate will do
  bool follow = true;  // redirects, at most 10
  HttpExpectation expect;

  bool operator==(const HttpProbe&) const = default;
};

// A value that a step finds and the steps after it use, as {name} in URL, headers and body. One source of the three.
struct Capture {
  std::string name;
  std::string matches;  // the first group of a regular expression
  std::string pointer;  // RFC 6901
  std::string header;

  bool operator==(const Capture&) const = default;
};

struct JourneyStep {
  std::string name;
  HttpProbe http;
  std::vector<Capture> capture;

  bool operator==(const JourneyStep&) const = default;
};

struct DnsProbe {
  std::string name;
  enum class Record : std::uint8_t { a, aaaa, cname, mx, txt, ns } record = Record::a;
  std::vector<std::string> answers;  // all of them must be in the answer; none: any answer is good
  std::optional<HostPort> resolver;  // absent: the system's

  bool operator==(const DnsProbe&) const = default;
};

struct TlsProbe {
  HostPort address;
  std::string server_name;        // empty: the address's host
  Duration valid_for = 14 * 24h;  // less than this until the certificate ends is a failure

  bool operator==(const TlsProbe&) const = default;
};

// Somebody else reports: silence is the failure.
struct HeartbeatProbe {
  Duration every = 24h;
  Duration grace = 10min;  // may be late by so much
  Secret token;            // part of the URL that is called

  bool operator==(const HeartbeatProbe&) const = default;
};

enum class Gravity : std::uint8_t {
  info,      // shown, nobody is told
  warning,   // told by quiet channels
  critical,  // somebody is rung
};

// Exactly one of the probes is there.
struct Check {
  std::string name;
  std::optional<HttpProbe> http;
  std::vector<JourneyStep> journey;
  std::optional<HostPort> tcp;
  std::optional<DnsProbe> dns;
  std::optional<TlsProbe> tls;
  std::optional<HeartbeatProbe> heartbeat;
  Duration every = 30s;    // start to start; checks are spread over it
  Duration timeout = 10s;  // the whole check; a journey: each step
  // Where the file says nothing, what usually is quick is called hung before that.
  enum class Patience : std::uint8_t { as_usual, given } patience = Patience::as_usual;
  Duration slow_after = 0s;    // good, but "slow" past this; 0: never
  unsigned failing_after = 2;  // failures in a row until it is down; each is repeated at once by another path
  unsigned good_after = 2;     // good ones in a row until it is up again
  Gravity severity = Gravity::critical;
  std::string escalation;  // its name; empty: the first one

  bool operator==(const Check&) const = default;
};

// Failures in it are recorded, and nobody is told.
struct Maintenance {
  std::vector<std::string> checks;  // names; none: all
  LocalTime from;
  LocalTime until;

  bool operator==(const Maintenance&) const = default;
};

// The dead man's switch: an outside service that raises the alarm when Tenfold itself falls silent.
struct HeartbeatOut {
  Secret url;  // knowing it is enough to report
  Duration every = 1min;

  bool operator==(const HeartbeatOut&) const = default;
};

struct Watch {
  std::vector<Check> checks;
  std::vector<HostPort> anchors;  // outside hosts; when none of them answers, our own uplink is down, and not the shop
  std::vector<Maintenance> maintenance;
  std::optional<HeartbeatOut> heartbeat_out;
  std::string authorities;          // PEM file; empty: the system's
  std::string time_zone = "UTC";    // of maintenance
  Duration keep_results = 7 * 24h;  // each result; after it only hours, after two years only days

  bool operator==(const Watch&) const = default;
};

}  // namespace tenfold::config
