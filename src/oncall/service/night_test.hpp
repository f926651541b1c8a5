#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "oncall/channels/test_channel.hpp"
#include "oncall/service/desk.hpp"

// A night played whole on a hand-moved clock: what goes wrong, who answers what, which provider fails, when the program
// is killed and the clock is set, all by a seed. nights_test.cpp has what must hold in it.
namespace tenfold::oncall {

// What a turn writes, as it would be read after a kill.
class NightDisk {
 public:
  void write(const Ledger::Page& page) {
    if (!page.book.empty()) book_ = page.book;
    for (const auto& [id, alert] : page.alerts) alerts_[id] = alert;
    for (const std::int64_t id : page.gone_alerts) alerts_.erase(id);
    for (const Send& send : page.sends) {
      const auto known = order_.try_emplace(send.key, order_.size()).first;
      sends_[known->second] = send;
    }
    for (const std::string& key : page.gone_sends) {
      if (const auto known = order_.find(key); known != order_.end()) sends_.erase(known->second);
    }
  }
  Ledger::Kept kept() const {
    Ledger::Kept kept{.book = {book_, {}}, .sends = {}};
    for (const auto& [id, alert] : alerts_) kept.book.alerts.push_back(alert);
    for (const auto& [number, send] : sends_) kept.sends.push_back(send);
    return kept;
  }

 private:
  std::string book_;
  std::map<std::int64_t, std::string> alerts_;
  std::map<std::string, std::size_t> order_;
  std::map<std::size_t, Send> sends_;
};

class Night {
 public:
  explicit Night(std::uint64_t seed);
  void play();

 private:
  using Report = oncall::Report;
  struct Happening {
    std::function<void()> what;
    std::uint64_t life;  // of the program in which it counts; 0: in any
  };
  // A phone that rings, or somebody who talks.
  struct Call {
    std::string to, key;
    Channel::Reporter report;
    bool over = false;
    bool is_known = true;  // to the program: its answer was not lost
    std::optional<Report> last;
  };
  struct Source {
    bool is_down = false;
    bool rests = false;
    TimePoint unheard_since{};  // since when somebody must be told of it
  };

  // ---- The world (night_test.cpp) ----
  static Plan plan(FastRandom& random);
  void add_channel(std::string name, ChannelKind kind);
  void sent(const std::string& channel, const TestChannel::Sent& sent);
  void ring(const std::string& channel, const TestChannel::Sent& sent);
  void pick_up(const std::shared_ptr<Call>& call, const std::string& channel, const Message& message);
  void press(const std::shared_ptr<Call>& call, const Message& message, bool takes);
  void hang_up(const std::shared_ptr<Call>& call, std::optional<Report> word);
  void tell(const std::shared_ptr<Call>& call, Report word);
  void find(const std::string& channel, const TestChannel::Found& found);
  void write_to(const std::string& channel, const TestChannel::Sent& sent);
  void happen_something();
  void break_something(const std::string& source);
  void mend(const std::string& source);
  void kill();
  void set_clock();
  void provider(const std::string& channel, Duration down_for);

  // ---- Time ----
  void at(Duration after, std::function<void()> what, bool only_in_this_life = true);
  void turn();
  void begin_life();
  Duration within(Duration most) {
    return Duration(static_cast<Duration::rep>(random_.unit() * static_cast<double>(most.count())));
  }
  bool chance(unsigned percent) { return random_.below(100) < percent; }

  // ---- What must hold (nights_test.cpp) ----
  void check_ringing(const TestChannel::Sent& sent);
  void check_outcome(const ActOutcome& outcome, std::int64_t alert, const std::string& by, bool takes);
  void check_silence();
  void check_the_end();
  const Alert* alert_with(const std::string& source) const;
  std::string who_has(const std::string& number) const;
  void fault(const std::string& what);
  void note(const std::string& what) const;  // with TENFOLD_NIGHT_TRACE set: on standard output

  std::uint64_t seed_;
  ManualClock clock_;
  FastRandom random_;
  Plan plan_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::map<std::string, TimePoint> down_until_;  // channels
  NightDisk disk_;
  bool disk_is_full_ = false;
  std::unique_ptr<FastRandom> desk_random_;
  std::unique_ptr<Desk> desk_;
  std::uint64_t life_ = 0;
  bool turn_wanted_ = false;
  bool quiet_ = false;  // the morning: nothing more goes wrong
  std::multimap<TimePoint, Happening> happenings_;

  std::map<std::string, Source> sources_;
  std::map<std::string, std::vector<std::shared_ptr<Call>>> calls_;  // by key, of a provider that can be asked
  std::map<std::string, std::shared_ptr<Call>> talking_;             // by number
  struct Taken {
    std::string by;
    TimePoint until;
  };
  std::map<std::int64_t, Taken> taken_;  // alerts, by what was said
  std::map<std::int64_t, TimePoint> silent_until_;
  TimePoint providers_good_since_{};
  std::map<std::int64_t, std::set<std::string>> heard_;      // alert: who has heard that something is wrong
  std::map<std::int64_t, std::set<std::string>> heard_end_;  // ... that it is over
  std::map<std::string, std::vector<TimePoint>> rung_;       // alert and who: when
  std::size_t faults_ = 0;
};

}  // namespace tenfold::oncall
