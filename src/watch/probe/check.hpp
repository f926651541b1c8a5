#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"

// What is checked. Plain values, which config fills from shop.yaml and validates.
namespace tenfold::watch {

struct Expectation {
  std::uint16_t status_from = 200;
  std::uint16_t status_to = 399;
  std::string text;  // must be in the body; empty: nothing must
  std::string no_text;
  std::string matches;                                       // regular expression as RE2 has it
  std::vector<std::pair<std::string, std::string>> headers;  // name, value; an empty value: any
  std::string json_pointer;                                  // RFC 6901; empty: not looked at
  std::string json_equals;                                   // as text; empty: it need only be there
  std::uint64_t least_bytes = 0;
  std::uint64_t most_bytes = 8u << 20;  // more is not read and is a failure
  bool operator==(const Expectation&) const = default;
};

struct HttpProbe {
  std::string url;
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool verify = true;
  bool follow = true;  // redirects, at most 10
  Expectation expect;
  bool operator==(const HttpProbe&) const = default;
};
struct Capture {
  std::string name;     // used as {name} in later steps
  std::string matches;  // first group; one source of the three
  std::string pointer;
  std::string header;
  bool operator==(const Capture&) const = default;
};
struct JourneyStep {
  std::string name;
  HttpProbe http;
  std::vector<Capture> capture;
  bool operator==(const JourneyStep&) const = default;
};
struct JourneyProbe {
  std::vector<JourneyStep> steps;
  bool operator==(const JourneyProbe&) const = default;
};
struct TcpProbe {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const TcpProbe&) const = default;
};
struct DnsProbe {
  std::string name;
  enum class Record : std::uint8_t { a, aaaa, cname, mx, txt, ns } record = Record::a;
  std::vector<std::string> answers;  // all must be in the answer
  std::string resolver;              // "192.0.2.1:53"; empty: the system's
  bool operator==(const DnsProbe&) const = default;
};
struct TlsProbe {
  std::string host;
  std::uint16_t port = 443;
  std::string server_name;
  Duration valid_for = std::chrono::hours(14 * 24);
  bool operator==(const TlsProbe&) const = default;
};
struct HeartbeatProbe {
  Duration every = std::chrono::hours(24);
  Duration grace = std::chrono::minutes(10);
  std::string token;
  bool operator==(const HeartbeatProbe&) const = default;
};
using Probe = std::variant<HttpProbe, JourneyProbe, TcpProbe, DnsProbe, TlsProbe, HeartbeatProbe>;

enum class Severity : std::uint8_t { info, warning, critical };

struct Check {
  std::string name;
  Probe probe;
  Duration every = std::chrono::seconds(30);
  Duration timeout = std::chrono::seconds(10);
  // What usually is quick is called hung before that: after eight times its usual answer, but not before this. Zero:
  // only after `timeout`.
  Duration hung_after{};
  Duration slow_after{};  // zero: never slow
  // Failures in a row until it is down, each looked at again at once by another path. From the first on, the next round
  // comes after two seconds rather than after `every`: so it is a number of rounds, not a multiple of the interval.
  unsigned failing_after = 2;
  unsigned good_after = 2;
  Severity severity = Severity::critical;
  std::string escalation;
  bool operator==(const Check&) const = default;
};

// How long the parts of one answer took; zero where there was none. Cumulative parts as curl names them, here each by
// itself.
struct Phases {
  Duration name_lookup{};
  Duration connect{};
  Duration tls{};
  Duration first_byte{};  // from the request's being sent
  Duration transfer{};
  Duration total{};
};

struct CheckResult {
  WallTime at{};
  enum class Outcome : std::uint8_t { good, failed } outcome = Outcome::failed;
  // Coarse cause, for the uplink verdict and for words.
  enum class Cause : std::uint8_t {
    none,
    name,
    connect,
    timeout,
    tls,
    certificate,
    status,
    content,
    protocol,
    heartbeat
  } cause = Cause::none;
  std::string what;  // in words: "status 503, expected 200-399"; with a journey's step in front
  Phases phases;
  std::string address;                                                 // that answered
  enum class Path : std::uint8_t { usual, other } path = Path::usual;  // other: the second look
  std::string by;                                                      // how the second look went: "over IPv6 (::1)"
  std::string source;                                                  // our own address, where it is known
};

}  // namespace tenfold::watch
