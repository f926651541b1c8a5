#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "oncall/escalate/alert.hpp"
#include "oncall/escalate/open_alert.hpp"
#include "oncall/escalate/progress.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::oncall {

// Decides, pure: what has happened and the time in, what is to be sent out. Its state is a value that can be stored and
// taken up again after a restart. One thread.
//
// Troubles of one escalation and severity make one alert. A critical alert rings by the escalation's steps, repeats
// them, and reminds until a person acknowledges; the acknowledgement lasts for Plan::acknowledged_for, then it rings
// again if the trouble is still there. A warning goes once through the steps, by quiet channels only.
class AlertBook {
 public:
  explicit AlertBook(Plan plan);
  void replace_plan(Plan plan);  // open alerts go on with the new one
  const Plan& plan() const { return plan_; }

  // Bounds. Past most_open a trouble joins the newest alert of its kind and severity that has room, which rings anew;
  // if there is none, it takes the place of the oldest one less severe; if there is none either, it is not kept.
  static constexpr std::size_t most_open = 1'000;
  static constexpr std::size_t most_troubles = 1'000;
  static constexpr std::size_t most_over = 1'000;  // the oldest are forgotten
  static constexpr Duration longest_silence = OpenAlert::longest_silence;

  // Each returns what is to be sent now. An alert that rings takes up further troubles of its escalation and severity
  // at any time; one that somebody has acknowledged or silenced, within `grouping` of the newest in it, and of its
  // beginning within `longest_grouping`: later ones ring anew.
  static constexpr Duration grouping = std::chrono::minutes(2);
  static constexpr Duration longest_grouping = std::chrono::minutes(10);
  std::vector<Order> trouble(Trouble trouble, WallTime now);
  std::vector<Order> over(const std::string& source, WallTime now);
  // One round of the real chain; ends when somebody acknowledges, or when the chain is through.
  std::vector<Order> drill(const std::string& escalation, WallTime now);
  // By an act of `by`. An outside party's act takes only the party itself off the list: the shop's own people have not
  // answered by it, and where the escalation names none of them, all of them are told. Unknown alerts, repeated and
  // late acts change nothing.
  std::vector<Order> acknowledge(std::int64_t alert, std::string by, std::string how, WallTime now,
                                 Alert::Means means = Alert::Means::elsewhere);
  // On to the next step at once; `by` is not told any more in this round. Empty: nobody in particular. What was shown
  // only is critical from then on.
  std::vector<Order> escalate(std::int64_t alert, const std::string& by, WallTime now);
  // The same by somebody who was told of it, on the phone or by a reply: nothing where another has acknowledged
  // meanwhile, or where it is silenced.
  std::vector<Order> pass_on(std::int64_t alert, const std::string& by, WallTime now);
  // That a reply of that moment has done something: the same, read again after a restart, does not.
  void note_reply(std::int64_t alert, WallTime moment);
  // No ringing until then, longest_silence at most; it rings anew if the trouble is still there.
  std::vector<Order> silence(std::int64_t alert, WallTime until, WallTime now);
  // A channel failed for good: whoever it was for is told by the next of their contacts at once; when all that a step
  // reached have failed, the next step is due at once.
  std::vector<Order> failed(const Order& order, WallTime now);
  // Before it could be tried, the plan came to know its recipient by another contact, or not at all: told by the
  // contact that has taken its place, the next of theirs, or the next step.
  std::vector<Order> moved(const Order& order, WallTime now);
  // It was received, as far as its channel can tell: whoever it was for is told of the end by the same way.
  std::vector<Order> arrived(const Order& order, WallTime now);
  // Whether whoever it is for has passed the alert on, and is left alone in that round.
  bool is_passed_on(const Order& order) const;
  bool has_passed_on(std::int64_t alert, const std::string& who) const;  // in this round
  std::vector<Order> tick(WallTime now);
  // When tick() has something to do; none: not before something else happens. After tick(now) it is later than `now`.
  std::optional<WallTime> next_tick() const;
  std::optional<WallTime> next_tick(std::int64_t alert) const;  // of one alone

  std::size_t count_open() const;
  const std::map<std::int64_t, Alert>& alerts() const { return alerts_; }  // open ones and the last that are over

  // As JSON, in pieces, so that what is over need not be written again and again: one of the book itself, and one for
  // each alert.
  struct Saved {
    std::string book;
    std::vector<std::string> alerts;
  };
  Saved save() const;
  std::string save_book() const;
  std::string save_alert(std::int64_t id) const;  // must be in alerts()
  // Errors: invalid, naming what is missing or of the wrong kind. Whatever save() wrote loads as the same.
  static Result<AlertBook> load(Plan plan, const Saved& saved);

  // For a book that begins while an earlier one cannot be read: new alerts get numbers from `first` on, so that
  // numbers stay different once take_in() brings the earlier one's alerts. What is wrong by both goes on as this one
  // has it.
  void number_from(std::int64_t first) { next_id_ = std::max(next_id_, first); }
  void take_in(AlertBook earlier);
  // For a book that a restart has taken up: where the clock is behind what open alerts have seen (no battery, no
  // network time yet), what is due of them comes as much earlier, or nobody would be rung until the clock is there.
  void go_on_from(WallTime now);
  // The clock, which was ahead by so much, was set to `now`: what is due comes as much earlier. What was ordered before
  // it went ahead comes earlier than it should by that: rather too early than too late.
  void clock_set_back(Duration by, WallTime now);

 private:
  using Orders = std::vector<Order>;

  OpenAlert at(Alert& alert, WallTime now, Orders& out);
  // Nothing happens to one that is over or unknown.
  template <class Happens>
  Orders to_open(std::int64_t id, WallTime now, Happens happens);
  // Also to one that is over, as long as it is kept.
  template <class Happens>
  Orders to_any(std::int64_t id, WallTime now, Happens happens);
  Alert& add(Alert alert);
  bool takes_up(const Alert& alert, const Trouble& trouble, WallTime now) const;
  Alert* alert_for(const Trouble& trouble, WallTime now);
  Alert* make_room_for(const Trouble& trouble, WallTime now);
  Alert* open_with(const std::string& source);  // null: none
  void forget_old();

  Plan plan_;
  std::map<std::int64_t, Alert> alerts_;
  std::map<std::int64_t, Progress> progress_;
  std::int64_t next_id_ = 1;
};

}  // namespace tenfold::oncall
