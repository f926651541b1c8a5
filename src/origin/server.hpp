#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "net/tls/tls.hpp"
#include "origin/settings.hpp"
#include "origin/witnesses.hpp"

namespace tenfold::origin {

// Why a server should not get requests, and `warming`, which only lessens its share. A set of bits.
enum class Mark : std::uint32_t {
  suspected = 1,    // silent longer than it should be; a check is under way
  ejected = 2,      // real requests failed on it; comes back after a pause
  failing = 4,      // answers its health checks, but badly
  dead = 8,         // nobody listens there
  silent = 128,     // its health checks get no answer in time: hung, or drowning
  unresolved = 16,  // its name has not given an address yet
  removed = 32,     // no longer configured: what is under way may finish
  warming = 64,     // returned lately: takes less than its share (slow start)
};

struct Marks {
  std::uint32_t bits = 0;

  bool has(Mark mark) const { return (bits & static_cast<std::uint32_t>(mark)) != 0; }
  // May get requests as a matter of course.
  bool good() const { return (bits & ~static_cast<std::uint32_t>(Mark::warming)) == 0; }
  // May get requests when there is no good server. A silent one only after all others: it may be hung, but under a
  // flood all servers can be too slow for their checks, and then some answers are better than none.
  bool usable() const {
    return !has(Mark::dead) && !has(Mark::silent) && !has(Mark::unresolved) && !has(Mark::removed);
  }
  bool last_resort() const { return !has(Mark::dead) && !has(Mark::unresolved) && !has(Mark::removed); }
};

// How a request, or an attempt of one, ended as far as the server is to blame.
enum class Outcome : std::uint8_t {
  answered,       // a final head came, with a status that says nothing against the server
  server_error,   // 500, 502, 503 or 504
  no_connection,  // refused, unreachable, or not in time
  no_answer,      // no head in time
  broken,         // closed or unintelligible where more was expected
};
Outcome outcome_of(int status);

// Everything counted of a server since the start; only grows.
struct ServerTotals {
  std::uint64_t answers = 0;        // final heads, whatever the status
  std::uint64_t server_errors = 0;  // of those 500, 502, 503, 504
  std::uint64_t own_errors = 0;     // of those: the server's fault, and not the request's (Witnesses)
  std::uint64_t no_connection = 0;
  std::uint64_t no_answer = 0;
  std::uint64_t broken = 0;

  std::uint64_t failures() const { return server_errors + no_connection + no_answer + broken; }
  std::uint64_t requests() const { return answers + no_connection + no_answer + broken; }
};

// A server as all threads share it: relaxed atomics, no lock on the request's path (connecting takes one).
// One address: of a name with several each is one. Lives as long as a topology or a request refers to it; a reload
// keeps the object when address and TLS stay.
class Server : public std::enable_shared_from_this<Server> {
 public:
  // resolved: the address that stands for settings.host where that is a name; none: a name that has no address yet.
  Server(std::uint32_t id, const ServerSettings& settings, std::optional<TlsSettings> tls,
         std::optional<net::IpAddress> resolved = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // ---- Fixed ----
  std::uint32_t id() const { return id_; }  // counts up within a Directory; never reused
  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }
  const std::string& name() const { return name_; }  // as configured: "shop.internal:8080", "[::1]:80", "unix:/run/a"
  // "10.0.0.7:8080", "unix:/run/a"; empty for a name that has no address yet.
  const std::string& address() const { return address_; }
  // Both, where they differ: "shop.internal:8080 (10.0.0.7:8080)".
  std::string full_name() const {
    return address_ == name_ || address_.empty() ? name_ : name_ + " (" + address_ + ")";
  }
  const std::optional<TlsSettings>& tls() const { return tls_; }

  // ---- Load; any thread ----
  // Takes a place for a request, unless `limit` are taken. Returns whether it did.
  bool try_enter(std::uint32_t limit);
  void leave() { active_.fetch_sub(1, std::memory_order_relaxed); }
  std::uint32_t active() const { return active_.load(std::memory_order_relaxed); }

  // ---- What requests show; any thread ----
  // A final head with this status came `latency` after the request was sent. blame: who made it fail, if it did.
  void answered(int status, Duration latency, TimePoint now, Witnesses::Blame blame = Witnesses::Blame::server);
  // An attempt ended without one. The return value says how many in a row that makes, by the server's fault.
  std::uint32_t failed(Outcome outcome, Witnesses::Blame blame = Witnesses::Blame::server);
  // The smoothed time to the first byte; zero before the first answer.
  Duration usual_latency() const { return std::chrono::microseconds(ewma_us_.load(std::memory_order_relaxed)); }
  // Something, whatever it was, came from the server at that moment or later.
  TimePoint last_answer() const { return TimePoint(Duration(last_answer_ns_.load(std::memory_order_relaxed))); }
  void heard(TimePoint now);
  std::uint32_t failures_in_row() const { return failures_in_row_.load(std::memory_order_relaxed); }
  std::uint32_t server_errors_in_row() const { return server_errors_in_row_.load(std::memory_order_relaxed); }
  void forget_rows();  // before a server returns from ejection
  ServerTotals totals() const;

  // ---- Marks; set by the checks' thread, `suspected` by any ----
  Marks marks() const { return {marks_.load(std::memory_order_relaxed)}; }
  // Returns whether it was not set before.
  bool set(Mark mark);
  bool clear(Mark mark);
  // As new: what was known of it when it was last used is forgotten.
  void forget_marks();

  // Slow start: the share of its weight that the server takes now, in (0, 1].
  double warmth(TimePoint now, Duration slow_start) const;
  void start_warming(TimePoint now);
  TimePoint warming_since() const { return TimePoint(Duration(warming_since_ns_.load(std::memory_order_relaxed))); }

  // Connects, and secures the connection where the server speaks TLS (then `context` is not null). Errors: those of
  // Loop::connect() and net::connect_tls().
  net::Task<Result<std::unique_ptr<net::Stream>>> connect(net::Loop& loop,
                                                          std::shared_ptr<net::TlsClientContext> context,
                                                          TimePoint deadline, net::CancelToken cancel) const;
  Result<std::shared_ptr<net::TlsClientContext>> make_tls_context() const;  // of one worker; only if tls()

 private:
  const std::uint32_t id_;
  const std::uint16_t port_;
  const std::string host_;
  const std::string unix_path_;
  const std::string name_;
  const std::optional<TlsSettings> tls_;
  const std::optional<net::Endpoint> endpoint_;
  const std::string address_;
  std::atomic<std::int64_t> warming_since_ns_{0};

  // Read by every choice and rarely written.
  alignas(64) std::atomic<std::uint32_t> marks_{0};

  // Written by every request: one cache line.
  alignas(64) std::atomic<std::uint32_t> active_{0};
  std::atomic<std::uint32_t> ewma_us_{0};
  std::atomic<std::int64_t> last_answer_ns_{0};
  std::atomic<std::uint64_t> answers_{0};
  std::atomic<std::uint32_t> failures_in_row_{0};
  std::atomic<std::uint32_t> server_errors_in_row_{0};
  std::atomic<std::uint64_t> server_errors_{0};
  std::atomic<std::uint64_t> own_errors_{0};
  std::atomic<std::uint64_t> no_connection_{0};
  std::atomic<std::uint64_t> no_answer_{0};
  std::atomic<std::uint64_t> broken_{0};
};

}  // namespace tenfold::origin
