#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "rehearse/record/histogram.hpp"

// What a run measured. Plain values, made by drive/, read by verdict/ and report/.
namespace tenfold::rehearse {

inline double in_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// Why a request counts as failed.
enum class Failure : std::uint8_t {
  none,
  connect,    // no connection: refused, unreachable, name not resolved
  tls,        // the handshake or the certificate
  timed_out,  // no complete answer in time
  broken,     // the connection ended, or what came was not HTTP
  status,     // 5xx, 408, 429; and other 4xx where the log had none to speak of (see Template::statuses)
};
inline constexpr std::size_t failures = 6;

struct Counts {
  // planned = answered + failed (but for Failure::status, whose requests were answered) + unsent + those in flight when
  // a run was stopped.
  std::uint64_t planned = 0;  // requests whose moment had come
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;                    // with any status
  std::array<std::uint64_t, failures> failed{};  // by Failure; [none] unused
  // Of planned, given up: the cap on requests in flight, our own machine (ports, descriptors), or more than 1 s late
  // because of us.
  std::uint64_t unsent = 0;
  std::uint64_t late = 0;                   // sent more than 10 ms after their moment for a reason of our own
  std::array<std::uint64_t, 6> statuses{};  // by first digit
  std::uint64_t bytes = 0;                  // received
  std::uint64_t connections = 0;            // opened
  std::uint64_t tls_handshakes = 0;
  std::uint64_t tls_resumed = 0;
  std::uint64_t sessions = 0;      // begun
  std::uint64_t not_followed = 0;  // redirects to another origin
  std::uint64_t withheld = 0;      // requests with unsafe methods, left out for want of --allow-orders
  // Answers of 503 that were the shield's own (a challenge, a place in its waiting room), and so say nothing of the
  // shop.
  std::uint64_t by_shield = 0;

  std::uint64_t failed_all() const {
    std::uint64_t sum = 0;
    for (const auto each : failed) sum += each;
    return sum;
  }
  void add(const Counts& other);
};

// One stretch of the run.
struct Window {
  Duration from{};
  Duration to{};
  Counts counts;
  std::uint64_t in_flight = 0;  // requests, at its end
  std::uint64_t visitors = 0;   // sessions under way, at its end
  double planned_per_s = 0;     // by the plan's arithmetic, ramp included; 0 where there is none (closed loop)
  // Response times (from the planned moment) of requests that ended in it: of those answered, and those unanswered at
  // their time-out count with it. Those that failed otherwise have none.
  Duration p50{}, p95{}, p99{}, most{};
  Duration arrival_error_p99{};  // sent minus planned, of our own doing
  double driver_cpu = 0;         // busiest driver thread, share of a core
};

struct TemplateRecord {
  std::string name;
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  std::uint64_t planned = 0;
  CoarseHistogram response;
};

// The same for stretches of 10 s or more (the last: 5 s or more, if there are others), by which an SLO is judged: a bad
// minute fails.
struct JudgedWindow {
  Duration from{};
  Duration to{};
  Counts counts;
  CoarseHistogram response;
  std::vector<TemplateRecord> templates;  // those with requests in it, found by name
};

struct RunRecord {
  enum class Mode : std::uint8_t { visitors, constant_rate, closed_loop } mode = Mode::visitors;
  std::string url;
  WallTime began{};
  Duration length{};  // as planned
  Duration lasted{};  // until the last request planned in it was answered or given up
  Duration ramp{};
  double times = 0;       // visitors mode
  double rate_per_s = 0;  // planned requests per second once ramped up; 0: closed loop
  int threads = 0;

  Counts total;
  FineHistogram response;       // planned to done
  FineHistogram service;        // sent to done
  FineHistogram first_byte;     // sent to first byte
  FineHistogram arrival_error;  // planned to sent, as far as we are the cause: waiting for an earlier answer on the one
                                // connection is not
  std::vector<Window> windows;  // 1 s each at first; when there are 3,600, neighbours are merged (the worse quantiles
                                // stand) and each is twice as long
  std::vector<JudgedWindow> judged;       // 10 s each at first, at most 60, likewise: memory does not grow with the run
  std::vector<TemplateRecord> templates;  // by the model's index; one, "GET /path", without a model

  double driver_cpu_s = 0;    // user and system, of the driver's threads
  double busiest_thread = 0;  // share of a core
  double stolen_share = 0;    // of the machine's CPU time, by other virtual machines
  enum class Ended : std::uint8_t {
    planned,
    stopped,         // the observer said so: the shop is down
    interrupted,     // by a signal
    ownership_lost,  // the token was gone, or an address without it appeared
  } ended = Ended::planned;
  std::string why_ended;  // in words, unless planned

  double achieved_per_s() const;  // answered, over `lasted`
};

}  // namespace tenfold::rehearse
