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
  unlike,     // a well-formed answer that the log's visitors did not get: a redirect where there was none, redirects
              // without an end, far fewer bytes than the least of the log's
};
inline constexpr std::size_t failures = 7;

// Why a connection or a request came to nothing, in the machine's words: the first time of each Failure; at `none` why
// our own machine could not.
using Causes = std::array<std::string, failures>;

struct Counts {
  // planned = answered + failed_unanswered() + unsent + those in flight when a run was stopped.
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
  std::uint64_t invented = 0;      // answered requests for targets that were made up, which the shop need not know
  // Answers of 503 that were the shield's own (a challenge, a place in its waiting room), and so say nothing of the
  // shop.
  std::uint64_t by_shield = 0;

  std::uint64_t failed_all() const {
    std::uint64_t sum = 0;
    for (const auto each : failed) sum += each;
    return sum;
  }
  std::uint64_t failed_for(Failure why) const { return failed[static_cast<std::size_t>(why)]; }
  // Those that were answered, if not well.
  std::uint64_t failed_answered() const { return failed_for(Failure::status) + failed_for(Failure::unlike); }
  std::uint64_t failed_unanswered() const { return failed_all() - failed_answered(); }
  void add(const Counts& other);
};

// How often each status came. Of more than 8 different ones those after the seventh are counted together, as status 0.
class StatusCounts {
 public:
  struct Entry {
    std::uint16_t status = 0;
    std::uint64_t times = 0;
  };
  void add(int status, std::uint64_t times = 1) {
    for (Entry& each : entries_) {
      const bool last = &each == &entries_.back();
      if (each.times != 0 && each.status != status && !last) continue;
      if (each.times == 0) each.status = static_cast<std::uint16_t>(last ? 0 : status);
      each.times += times;
      return;
    }
  }
  void add(const StatusCounts& other) {
    for (const Entry& each : other.entries_) {
      if (each.times > 0) add(each.status, each.times);
    }
  }
  const std::array<Entry, 8>& entries() const { return entries_; }
  bool empty() const { return entries_.front().times == 0; }

 private:
  std::array<Entry, 8> entries_;
};

// Where a redirect leads, as far as it matters for what it says of the shop.
enum class Led : std::uint8_t {
  nowhere,    // no redirect
  elsewhere,  // to a place that the log does not know
  known,      // to a page of the log's: an empty basket leads from the checkout back to it
  login,      // to what is called a login
  moved,      // to the same path at the shop's other address: https for http, with or without "www."
  for_ever,   // once more, after as many in a row as browsers follow
};

// Answers to requests that the log has, too: the first ones (not where redirects led), to targets that were not made
// up. They are held against what the log says of the template.
struct Held {
  std::uint64_t answers = 0;
  std::uint64_t elsewhere = 0;  // redirects, by Led
  std::uint64_t known = 0;
  std::uint64_t login = 0;
  std::uint64_t moved = 0;
  std::uint64_t not_found = 0;  // 404, 410
  std::uint64_t denied = 0;     // 401, 403
  std::uint64_t whole = 0;      // 200 for a GET
  std::uint64_t bytes = 0;      // of those, as they would have been without compression, by a guess in their favour
  std::uint64_t small = 0;      // and how many were far smaller than nine of ten of the log's
  void add(const Held& other);
};

// What the log says of a template; of a load without a model nothing.
struct InLog {
  bool known = false;
  double redirects = 0;  // shares of the answers
  double not_found = 0;
  double mean_bytes = 0;
  double low_bytes = 0;
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
  StatusCounts statuses;
  Held held;
  std::string led_to;  // where the first redirect that the log's visitors did not get leads
  InLog in_log;        // of the run's templates only
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
  double idle_share = 1;      // of the machine's CPU time, that nobody wanted
  Causes causes;
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
