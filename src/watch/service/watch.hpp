#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "transfer/poller.hpp"
#include "watch/history/series.hpp"
#include "watch/probe/check.hpp"
#include "watch/probe/prober.hpp"
#include "watch/state/check_state.hpp"
#include "watch/state/maintenance.hpp"
#include "watch/state/uplink.hpp"

namespace tenfold::watch {

struct Anchor {
  std::string host;
  std::uint16_t port = 443;
};

// Replaceable as a whole while it runs.
struct Settings {
  std::vector<Check> checks;    // names are unique
  std::vector<Anchor> anchors;  // outside; none: nothing is said of the uplink
  std::vector<MaintenanceWindow> maintenance;
  std::string heartbeat_out_url;  // empty: Tenfold reports to nobody
  Duration heartbeat_out_every = std::chrono::minutes(1);
  Duration keep_results = std::chrono::hours(7 * 24);
};

// What a job reports to its heartbeat.
struct Beat {
  enum class Outcome : std::uint8_t { good, failed, begun } outcome = Outcome::good;
  std::string what;  // of a failure, in words
  std::string run;   // which of the job's runs, as it names them; empty: it has but one at a time
};

// What has happened, for whoever must be told; called on watch's thread, must not block. Everything muted (uplink,
// maintenance, severity info, no change into or out of `down`) has been left out already: each call is news.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void down(const Check& check, const Change& change) = 0;
  // Of a check whose down() was told, before a restart perhaps; also when it is no longer configured (then only the
  // name of the check is sure to be there). After a start at which the store could not be read, also of one whose
  // down() was not.
  virtual void over(const Check& check, const Change& change) = 0;
  virtual void uplink(const UplinkVerdict& verdict) = 0;  // each time it changes
  // Of a check whose down() was told and that is down still: its maintenance has begun, or has ended. Told anew after a
  // restart, whichever it is.
  enum class Maintenance : std::uint8_t { begun, ended };
  virtual void maintenance(const Check& check, const Change& change, Maintenance now) {
    static_cast<void>(check), static_cast<void>(change), static_cast<void>(now);
  }
};

// A reading of one check, for the console and `tenfold ready`.
struct CheckView {
  std::string name;
  std::string kind;    // "http", "journey", "tcp", "dns", "tls", "heartbeat"
  std::string target;  // "https://shop.example/", "shop.example:443"; of a heartbeat: its interval
  State state = State::unknown;
  WallTime since{};
  std::string what;  // in words; empty: nothing to say
  Severity severity = Severity::critical;
  bool flapping = false;
  bool in_maintenance = false;
  std::optional<CheckResult> last;  // the newest usual look
  double up_share_24h = -1;         // of this hour and the 24 before it, what was muted left out; -1: no result
  double p95_ms_24h = -1;           // of good answers
};

struct View {
  std::vector<CheckView> checks;  // in the order of the settings
  UplinkVerdict uplink;
  std::uint64_t looks_total = 0;  // probes that have ended, second looks included
  std::uint64_t second_looks_total = 0;
  std::uint64_t late_total = 0;              // looks that began more than a second after they were due
  std::uint64_t skipped_total = 0;           // looks that were due and never began: the machine was too slow, or four
                                             // of the check were under way
  std::uint64_t history_errors_total = 0;    // results that could not be kept
  std::string history_error;                 // the newest; empty: all is kept
  std::optional<WallTime> heartbeat_out_at;  // when the outside service last confirmed
  std::string heartbeat_out_error;
};

// The shop seen from outside: checks spread over their intervals, states, history, uplink, heartbeats. Runs on a thread
// of its own, from start() to the destructor. All methods from any thread; none but history() waits for the disk or the
// network.
class Watch {
 public:
  // Makes what asks the world, on the watch's poller; called once, from make().
  using MakeProber = std::function<Result<std::unique_ptr<Prober>>(transfer::Poller& poller)>;

  struct Setup {
    const Clock& clock;
    Listener& listener;      // must outlive it
    std::string store_file;  // history and states; empty: kept in memory only
    MakeProber make_prober;
  };
  // Errors: exhausted, and those of make_prober. A store that cannot be opened is no error: it watches all the same,
  // and View says so. Waits for the disk, two seconds if another process holds the store.
  static Result<std::unique_ptr<Watch>> make(const Setup& setup, Settings settings);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  virtual ~Watch() = default;

  virtual Result<void> start() = 0;  // errors: exhausted (no thread); it may be tried again
  virtual void replace(Settings settings) = 0;
  // Somebody reports to the heartbeat of that token. False: there is none (compared in constant time).
  virtual bool heartbeat(std::string_view token, Beat beat) = 0;
  virtual std::shared_ptr<const View> view() const = 0;  // at most a second old
  // What is kept of one check: see read_series(). The only one that waits for the disk. Errors besides those there:
  // not_found, where nothing is stored.
  virtual Result<Series> history(std::string_view check, WallTime from, WallTime until, Duration step) const = 0;

 protected:
  Watch() = default;
};

}  // namespace tenfold::watch
