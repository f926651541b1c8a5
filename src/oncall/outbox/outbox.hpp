#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/outbox/send.hpp"
#include "oncall/outbox/send_row.hpp"

namespace tenfold::oncall {

// What a send's alert says of it now.
enum class Need : std::uint8_t {
  now,
  later,  // nothing is wrong at the moment, perhaps not for long: it waits
  moved,  // it is, but the plan does not know its recipient by that contact any more: it is dropped, and told on
  never,  // acknowledged, silenced, over: it is dropped
};

// Carries orders through their channels: what is tried, by which channel, when again, and when no more. It decides in
// memory; whoever owns it writes unwritten() to the disk between begin_due() and start_begun(), so that no send is
// tried that is not written down. One thread; the channels' reports come on it too.
//
// If a channel fails the next of the kind tries at once (where our own uplink is the trouble, those that survive it go
// first); when all have failed they try again after a pause that
// doubles, with jitter, as long as one of them said that it may help. Busy and unanswered lines are called once more.
// One call a number at a time, whatever it is about: who is called for one alert is called for the next when they have
// hung up.
class Outbox {
 public:
  // Bounds. Past most_open an order is not kept, which unkept() counts (the alert book itself ends at 1,000 alerts);
  // past most_of_an_alert the oldest that are through are forgotten. SendRow has those of one send.
  static constexpr std::size_t most_open = 20'000;
  static constexpr std::size_t most_of_an_alert = 1'000;
  // After a key was pressed: for the words that follow it, and the hand that lays the phone down.
  static constexpr Duration goodbye_lasts = std::chrono::seconds(10);

  struct Parts {
    const Clock& clock;
    Random& random;
    std::span<const std::unique_ptr<Channel>> channels;  // those of a kind in the order in which they are tried
    std::function<Need(const Order&)> need;
    std::function<Message(const Order&)> message;
    // Whether our own uplink is its trouble: then channels that need it go last.
    std::function<bool(const Order&)> about_uplink;
    std::function<void()> reported;  // a report has come: there is something to do
  };
  explicit Outbox(Parts parts);
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // Orders that it knows already change nothing.
  void add(const std::vector<Order>& orders);
  // Rows of an earlier run. What was under way then is first asked for.
  void restore(std::vector<Send> sends);

  // Decides what is due: timeouts, drops, tries to begin.
  void begin_due();
  // Begins the tries that begin_due() has decided.
  void start_begun();
  // When begin_due() has something to do; none: not before something else happens.
  std::optional<TimePoint> next_due() const { return next_due_; }

  // What has happened since it was last asked: people's acts, and orders that did not get through.
  struct Act {
    enum class Kind : std::uint8_t { acknowledge, escalate } kind;
    Order order;
    std::string how;                                // "digit 1 on +49..."
    std::function<void(const ActOutcome&)> answer;  // as Report's
  };
  std::vector<Act> take_acts() { return std::exchange(acts_, {}); }
  std::vector<Order> take_failed() { return std::exchange(failed_, {}); }
  std::vector<Order> take_moved() { return std::exchange(moved_, {}); }  // dropped for Need::moved
  std::vector<Order> take_arrived() { return std::exchange(arrived_, {}); }
  bool has_news() const { return !acts_.empty() || !failed_.empty() || !moved_.empty() || !arrived_.empty(); }

  // Rows that the disk does not have as they are; written() says that it does now.
  std::vector<const Send*> unwritten() const;
  const std::deque<std::string>& gone() const { return gone_; }  // keys of rows that are no more
  void written() { unwritten_.clear(), gone_.clear(); }
  void write_all();  // the disk has lost what it had: every row is unwritten

  // Alerts that the book has forgotten.
  void forget(const std::function<bool(std::int64_t alert)>& is_forgotten);
  void visit(const std::function<void(const Send&)>& see) const;  // oldest first
  std::size_t open() const { return open_.size(); }
  std::uint64_t total() const { return total_; }
  std::uint64_t failed_total() const { return failed_total_; }
  std::uint64_t unkept() const { return unkept_; }

 private:
  using Number = SendRow::Number;
  using Doing = SendRow::Doing;
  struct Begun {
    Number number;
    Doing doing;
  };

  SendRow& insert(Send send);
  void settle(SendRow& row);
  void replace_older(const Order& order);
  bool is_news_to(const Order& over) const;
  void look_at(SendRow& row, std::vector<SendRow*>& to_begin);
  void look_at_pending(SendRow& row, std::vector<SendRow*>& to_begin);
  void ask(SendRow& row);
  void begin(std::vector<SendRow*> rows);
  void begin(SendRow& row);
  bool waits_for_the_line(const SendRow& row);
  void note_lines();
  void on_report(Number number, unsigned attempt, Doing doing, const Report& report);
  void note_act(const Send& send, const Report& report);
  Channel::Reporter reporter(const SendRow& row, Doing doing);
  std::vector<Channel*> ways(const Order& order) const;
  Channel* way_of(const Send& send) const;  // null: the channel that it names, or any of its kind, is not configured
  void due_at(TimePoint moment);
  void erase(Number number);

  Parts parts_;
  SendRow::Surroundings around_;
  std::map<Number, SendRow> rows_;
  std::unordered_map<std::string, Number> by_key_;
  std::map<std::int64_t, std::set<Number>> by_alert_;
  std::set<Number> open_;  // those that wait
  std::set<Number> unwritten_;
  std::unordered_map<const Channel*, TimePoint> next_by_pace_;
  std::vector<Begun> begun_;
  std::vector<Act> acts_;
  std::vector<Order> failed_;
  std::vector<Order> moved_;
  std::vector<Order> arrived_;
  std::unordered_map<std::string, TimePoint> lines_;     // numbers that are being called, while tries are begun
  std::unordered_map<std::string, TimePoint> goodbyes_;  // numbers on which something is still said, until then
  std::deque<std::string> gone_;
  std::optional<TimePoint> next_due_;
  Number last_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t failed_total_ = 0;
  std::uint64_t unkept_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for reports that come after its end
};

}  // namespace tenfold::oncall
