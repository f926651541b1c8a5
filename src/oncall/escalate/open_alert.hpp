#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "oncall/escalate/alert.hpp"
#include "oncall/escalate/progress.hpp"
#include "oncall/escalate/transitions.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::oncall {

// An alert of the book's at one moment: what happens to it, and what it does about it by the plan. The book makes one
// for each thing that happens, and all that is to be sent is put behind `orders`. Also of an alert that is over: its
// end may have failed to get through.
class OpenAlert {
 public:
  static constexpr Duration longest_silence = std::chrono::hours(7 * 24);

  // All must outlive it.
  OpenAlert(const Plan& plan, Alert& alert, Progress& progress, WallTime now, std::vector<Order>& orders)
      : plan_(plan), alert_(alert), progress_(progress), now_(now), orders_(orders) {}

  // ---- What happens to it (open_alert.cpp) ----
  // One more trouble. `late`: it comes when those who answered may think that they know it all, and rings anew.
  enum class Comes : std::uint8_t { in_time, late };
  void take_up(Trouble trouble, Comes comes);
  // A source is wrong no more, or goes on in another alert: then its end is no news. It must be among the troubles.
  enum class News : std::uint8_t { yes, no };
  void take_out(const std::string& source, News news);
  // One of its troubles has come into maintenance, or out of it.
  void rest_or_wake();
  void begin_drill() { ring_anew(); }
  // As AlertBook's.
  void acknowledge(std::string by, std::string how, Alert::Means means);
  void escalate(const std::string& by);
  void pass_on(const std::string& by);
  void silence(WallTime until);
  void failed(const Order& order);
  void moved(const Order& order);
  // The recipient has it, perhaps after it was told to have failed.
  void arrived(const Order& order);
  // All that is due.
  void go_on();
  // What is due comes so much earlier.
  void bring_forward(Duration by);
  // The latest moment that it has seen.
  WallTime seen() const;

 private:
  // open_alert.cpp
  void apply(Event event);
  void act(Action action);
  void hold();
  void resume();
  void rest();
  bool all_rest() const;
  void give_back(const std::string& by);
  std::optional<Order> note_failed(const Order& order);
  // ringing.cpp
  void ring_anew();
  void begin_round(WallTime began);
  void go_on_ringing();
  void take_step(const Escalation& escalation);
  void next_step_at_once();
  void next_of_round();
  void skip_to_next_step(const Escalation& escalation);
  void remind();
  void announce_over();
  bool reaches_our_own() const;
  void tell_our_own(const std::string& party);
  void note_gap(const std::string& why);
  // telling.cpp
  void order_all(Message::Kind kind, std::size_t step, std::vector<Recipient> recipients);
  bool allowed(const Contact& contact) const;
  std::vector<Recipient> allowed_of(std::vector<Recipient> recipients) const;
  void tell(Order order);
  void tell_instead(const Order& failed);
  void tell_next_contact(const Order& failed);
  enum class Of : std::uint8_t { any_channel, its_channel };
  bool tell_one_of_theirs(const Order& order, Of of);
  bool all_failed(const Order& order) const;
  void leave_alone(const std::string& who);
  // the_end.cpp
  Progress::Reached* reached_by(const Recipient& recipient);
  void note_told(const Recipient& recipient);
  void note_arrival(const Recipient& recipient, Progress::Reached::Arrival arrival);
  void note_answer(const std::string& by, Alert::Means means);
  std::vector<Recipient> ways_to_tell_the_end(const std::string& who) const;
  std::optional<Recipient> loud_way_to_tell_the_end(const std::string& who) const;
  bool knows_of_the_end(const std::string& who) const;

  const Plan& plan_;
  Alert& alert_;
  Progress& progress_;
  WallTime now_;
  std::vector<Order>& orders_;
};

// Whether they have passed it on and are left alone in that round.
bool rests(const Progress& progress, const std::string& who, int round);

// When an alert has something to do; none: not before something else happens.
std::optional<WallTime> due(const Plan& plan, const Alert& alert, const Progress& progress);

// The steps that it goes through; never none.
Escalation escalation_for(const Plan& plan, const Alert& alert);

// Whatever a plan says, an alert that comes due again does so later than now.
Duration at_least_a_second(Duration duration);

// The least severe are shown only: nobody is told.
int severity_rank(std::string_view severity);  // 2: critical
bool is_shown_only(std::string_view severity);
bool rings(const Alert& alert);

}  // namespace tenfold::oncall
