#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/outbox/send.hpp"

namespace tenfold::oncall {

// A row of the outbox: a send with what memory alone knows of it, and the steps that it takes. It decides what becomes
// of a try; the outbox has the channels, the disk and the other rows, and asks for changes() after each step.
class SendRow {
 public:
  static constexpr unsigned most_attempts = 12;
  static constexpr unsigned most_unanswered = 2;
  static constexpr Duration longest_age = std::chrono::hours(1);  // since it was ordered; no try begins after that
  static constexpr Duration shortest_pause = std::chrono::seconds(2);
  static constexpr Duration longest_pause = std::chrono::minutes(5);  // also of what a provider asks for
  static constexpr Duration redial_pause = std::chrono::seconds(30);
  static constexpr Duration answer_within = std::chrono::seconds(30);   // the first word on a try, or on a question
  static constexpr Duration longest_call = std::chrono::minutes(3);     // no word of its end by then: it has ended
  static constexpr Duration outcome_within = std::chrono::minutes(10);  // after a restart no older send is asked for

  using Number = std::uint64_t;  // goes up with each row
  // What all rows of an outbox share, and each outlives.
  struct Surroundings {
    const Clock& clock;
    Random& random;
    // The names of the channels by which it may go, in the order in which they are tried.
    std::function<std::vector<std::string>(const Order&)> ways;
  };
  SendRow(Number number, Send send, const Surroundings& around);

  Number number() const { return number_; }
  const Send& send() const { return send_; }
  TimePoint due() const { return due_; }  // of its next try, its time-out or its question
  // Somebody's phone rings or they talk, as far as is known: until that moment. None: not.
  std::optional<TimePoint> on_the_line_until() const;
  bool waits() const { return waits_; }  // for a try, or for word of one
  bool is_to_be_asked_for() const { return asked_ == Asked::wanted; }
  bool has_tries_left() const;

  // ---- Steps ----
  // It is of an earlier run: what was under way then is first asked for.
  void take_up();
  void drop(std::string_view why) { apply(SendEvent::unneeded, why); }
  void give_up(std::string_view why);
  void begin(std::string by);
  void forget_way() { send_.by.clear(); }
  void ask();
  void ask_nobody(std::string_view why);  // whom to ask is not there any more
  // A channel's word, on a try or on a question about it. That of an earlier attempt is old where it is bad.
  enum class Doing : std::uint8_t { send, find };
  void hear(unsigned attempt, Doing doing, const Report& report);
  // Time has passed: what has been waited for in vain.
  void notice_silence();
  void notice_no_answer();
  void notice_no_outcome();

  // What has changed since it was last asked.
  struct Changes {
    bool unwritten = false;  // the disk does not have it as it is
    bool failed = false;     // for good
    bool to_tell = false;    // the alert book is to hear that it did not get through
    bool arrived = false;    // ... that it did
  };
  Changes changes() { return std::exchange(changes_, {}); }

 private:
  bool apply(SendEvent event, std::string_view detail);
  void hear_taken(const Report& report);
  void hear_bad_news(const Report& report);
  void hear_first_answer(const Report& report);
  void way_failed(const Report& report);
  void all_ways_failed(std::string_view detail);
  void line_failed(const Report& report);
  void try_again(Duration pause, std::string_view detail);
  void note_trouble(std::string_view detail);
  void tell_failed();
  Duration pause_after(unsigned failures);
  TimePoint now() const { return around_.clock.now(); }

  const Surroundings& around_;
  Number number_;
  Send send_;
  TimePoint due_{};
  TimePoint begun_at_{};    // of the last try; of an earlier run's, when it was taken up
  TimePoint not_before_{};  // a provider asked for it in this round
  TimePoint too_old_at_{};  // no try begins from then on; monotonic, so that a clock that is set costs no try
  enum class Asked : std::uint8_t { no, wanted, yes } asked_ = Asked::no;  // whether it has arrived
  bool waits_ = true;
  Changes changes_;
};

}  // namespace tenfold::oncall
