#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/escalate/alert_book.hpp"
#include "oncall/outbox/ledger.hpp"
#include "oncall/outbox/outbox.hpp"
#include "oncall/replies/reply.hpp"

namespace tenfold::oncall {

// The alert book and the outbox, and what goes from one to the other: all that on-call decides. It has no thread, no
// disk and no network but the channels it is given. A turn of whoever owns it is: hand in what has happened, decide(),
// write next_page() down, answer_acts(), start what was begun.
class Desk {
 public:
  struct Parts {
    const Clock& clock;
    Random& random;
    std::span<const std::unique_ptr<Channel>> channels;
    std::function<Message(const Order&)> message;
    std::function<void()> happened;  // a channel has reported, or a reply has come: a turn is due
  };
  Desk(Parts parts, Plan plan);
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // ---- What happens: as the alert book's ----
  void replace_plan(Plan plan);
  void trouble(Trouble trouble);
  void over(const std::string& source);
  void drill(const std::string& escalation);
  void escalate(std::int64_t alert, const std::string& by);
  void silence(std::int64_t alert, WallTime until);
  // What has come of it; of an act on a call and by a reply too.
  ActOutcome acknowledge(std::int64_t alert, const std::string& by, const std::string& how, Alert::Means means);
  ActOutcome pass_on(std::int64_t alert, const std::string& by);

  // Until nothing follows from anything any more.
  void decide();
  // Says what the keys that were pressed have led to.
  void answer_acts(ActOutcome::Kept kept);
  void start_begun() { outbox_.start_begun(); }
  // When there is something to decide; none: not before something else happens.
  std::optional<TimePoint> next_due();
  // Asks the channels for replies as long as an open alert may get one, and no longer.
  void listen();

  // ---- The disk ----
  // What it does not have as it is. Empty: it has all.
  std::shared_ptr<const Ledger::Page> next_page() const;
  static bool is_empty(const Ledger::Page& page);
  void note_written(const Ledger::Page& page);
  void write_all();  // it has lost what it had, or is another one
  // What an earlier run has left, once. Errors: invalid: it is not understood, and nothing was taken up.
  Result<void> take_up(Ledger::Kept kept);

  const AlertBook& book() const { return book_; }
  AlertBook& book() { return book_; }
  const Outbox& outbox() const { return outbox_; }
  std::uint64_t acknowledged_total() const { return acknowledged_total_; }
  // The time of day; a clock that was set back since it was last asked is taken account of.
  WallTime wall();

 private:
  void add(const std::vector<Order>& orders);
  void tick();
  void act(Outbox::Act act);
  Need need(const Order& order) const;
  Need need_of_alert(const Order& order) const;
  bool about_uplink(const Order& order) const;
  void heard(const Reply& reply);
  std::vector<Answerable> answerable(const Reply& reply) const;

  Parts parts_;
  AlertBook book_;
  Outbox outbox_;
  bool book_changed_ = false;                     // since it was written
  std::map<std::int64_t, Alert::State> on_disk_;  // alerts, as they were when they were written
  WallTime last_wall_{};
  TimePoint last_steady_{};
  std::uint64_t acknowledged_total_ = 0;
  std::optional<WallTime> listening_since_;  // when the newest SMS was ordered that may be replied to; none: none may
  std::vector<std::pair<std::function<void(const ActOutcome&)>, ActOutcome>> answers_;
};

}  // namespace tenfold::oncall
