#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "watch/history/records.hpp"
#include "watch/schedule/schedule.hpp"
#include "watch/service/rounds.hpp"
#include "watch/service/uplink_watch.hpp"
#include "watch/service/watch.hpp"
#include "watch/state/check_state.hpp"
#include "watch/state/job_runs.hpp"

namespace tenfold::watch {

// Somebody is to be asked; the answer goes to Core::take() with the same look.
struct DueLook {
  enum class Of : std::uint8_t { check, anchor } of = Of::check;
  std::uint64_t id = 0;     // of the check; of an anchor its place
  std::uint64_t round = 0;  // of an anchor its sweep
  CheckResult::Path path = CheckResult::Path::usual;
  std::shared_ptr<const Check> check;
  Duration timeout{};  // of this look: the check's, or less
};

struct Moment {
  TimePoint time;
  WallTime wall;
};

// All that the watch decides: what is looked at when, what becomes of the answers, who is told. Has no thread, no
// clock, no network and no disk: it is given times and results, and what it wants done is taken by drain().
//
// From a failure to the news. A usual look comes at least every interval; one that fails is repeated at once by another
// path; when that fails too, the next round comes after retry_after and not after the interval, until it is down or
// good. A look that is not answered after four times what is usual, and at least hedge_at_least, is not waited for:
// its second look begins beside it, and retry_after after its beginning the next round, both looks at once. So a check
// that fails at once is down within interval + (failing_after - 1) x 2 s + what four looks take, and one that hangs
// within interval + time-out + (failing_after - 1) x 2 s.
class Core {
 public:
  static constexpr Duration retry_after = std::chrono::seconds(2);
  static constexpr Duration hedge_at_least = std::chrono::seconds(1);
  static constexpr int hedge_after_usual = 4;
  static constexpr int hung_after_usual = 8;
  // So long news may wait for the anchors' word, twice that where none has answered so far, not longer.
  static constexpr Duration most_hold = std::chrono::seconds(4);
  static constexpr Duration tick_every = std::chrono::seconds(1);
  // Written down so often, so that a restart knows how long nobody watched.
  static constexpr Duration alive_every = std::chrono::seconds(10);
  static constexpr Duration least_interval = std::chrono::milliseconds(10);  // a check that asks for less gets this
  // The clocks have parted, or nobody has called for so long: the machine slept, or was stopped.
  static constexpr Duration leap = std::chrono::seconds(2);
  static constexpr Duration stall = std::chrono::seconds(5);

  struct Output {
    std::vector<DueLook> looks;
    Batch batch;
  };
  // What was told of the checks that nothing is known of.
  enum class Before : std::uint8_t { known, unreadable };

  // `restored`: what a run before has left behind; its checks that are no longer configured are told to be over.
  Core(Listener& listener, Settings settings, Restored restored, Before before, Moment now);

  void replace(Settings settings, Moment now);
  void step(Moment now);   // what is due by now
  TimePoint next() const;  // when step() must be called
  void take(const DueLook& look, CheckResult result, Moment now);
  // A heartbeat has come in. One that is no longer configured: nothing happens.
  void beat(const std::string& check, const Beat& beat, Moment now);
  Output drain();

  View view(Moment now) const;  // without what history and heartbeat out have to say
  const Settings& settings() const { return settings_; }

 private:
  struct Entry {
    std::uint64_t id = 0;
    std::shared_ptr<const Check> check;
    CheckState state;
    Rounds rounds;
    Told told = Told::no;
    std::optional<Change> untold;                           // how it came down, until it is told
    std::optional<Listener::Maintenance> maintenance_told;  // of one that is told to be down
    TimePoint down_at{};                                    // monotonic
    bool fails = false;                                     // by its last round
    JobRuns runs;                                           // of a heartbeat
    bool needs_uplink = false;                              // its last failure says nothing while the uplink is down
    std::optional<TimePoint> suspect_since;                 // its first failed look since the last good one
    std::optional<CheckResult> last;
    Duration usual_time{};         // of a good answer, smoothed; zero: not known
    Summary hour;                  // under way
    std::deque<HourRecord> hours;  // those before it, 24 at most
    Summary day;                   // of those

    explicit Entry(std::uint64_t number, std::shared_ptr<const Check> what)
        : id(number), check(std::move(what)), state(*check) {}
    bool heartbeat() const { return std::holds_alternative<HeartbeatProbe>(check->probe); }
  };
  struct Hedge {
    TimePoint at;
    std::uint64_t id;
    std::uint64_t round;
    bool operator>(const Hedge& other) const { return at > other.at; }
  };

  // core.cpp
  void add(const Check& check, Moment now);
  void change_settings(Entry& entry, const Check& check, Moment now);
  void leave(Entry& entry, Moment now);
  void tick(Moment now);
  CheckState::Step tick(Entry& entry, WallTime wall);
  void notice_leaps(Moment now);
  void roll_hours(WallTime wall);
  Entry* find(const std::string& name);
  // restoring.cpp
  void restore(Restored restored, Before before, Moment now);
  void restore_states(Restored& restored, Before before, Moment now);
  // looking.cpp
  void begin_round(Entry& entry, Moment now);
  void begin_other(Entry& entry, Rounds::Round& round);
  void hedge_due(TimePoint now);
  void hedge(Entry& entry, Rounds::Round& round, TimePoint now);
  Duration hedge_after(const Entry& entry) const;
  Duration patience(const Entry& entry) const;
  void take_anchor(const DueLook& look, const CheckResult& result, Moment now);
  void judge(Entry& entry, Rounds::Round round, Moment now);
  void count(Entry& entry, const CheckResult& result, Counts counts);
  // news.cpp
  void changed(Entry& entry, const std::optional<Change>& change, Moment now);
  void tell(Entry& entry, Moment now);
  bool may_tell(const Entry& entry, Moment now) const;
  void tell_all(Moment now);
  void tell_maintenance(Entry& entry, Moment now);
  void uplink_changed(const UplinkVerdict& verdict, Moment now);
  void tell_uplink_if_unsure(Moment now);

  Listener& listener_;
  Settings settings_;
  std::map<std::uint64_t, Entry> entries_;  // by id, which is never used again
  std::map<std::string, std::uint64_t, std::less<>> ids_;
  std::uint64_t last_id_ = 0;
  Schedule schedule_;
  UplinkWatch uplink_;
  Told uplink_told_ = Told::no;                  // to be down
  TimePoint uplink_back_at_ = TimePoint::min();  // what began before says nothing
  std::vector<std::shared_ptr<const Check>> anchors_;
  std::priority_queue<Hedge, std::vector<Hedge>, std::greater<>> hedges_;  // also of rounds that are over

  std::vector<StateRecord> gone_;     // told to be down by a run before, and no longer configured
  std::vector<HourRecord> departed_;  // this hour's, of checks that were removed in it
  std::set<std::uint64_t> unsaved_;
  WallTime open_hour_;
  TimePoint started_at_;
  Moment last_step_;
  TimePoint next_tick_;
  TimePoint next_alive_;
  Output output_;

  std::uint64_t looks_ = 0;
  std::uint64_t second_looks_ = 0;
  std::uint64_t not_begun_ = 0;  // rounds, because most_under_way were
};

}  // namespace tenfold::watch
