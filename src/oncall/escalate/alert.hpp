#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/people/roster.hpp"

namespace tenfold::oncall {

// Something is wrong, as watch (or a drill, or the shield) says it. Texts are cleaned of control characters and cut: a
// source at 200 bytes, `what` at 1,000.
struct Trouble {
  std::string source;      // "front-page": the check's name; one open trouble a source
  std::string what;        // "down: connection refused"
  std::string severity;    // "critical": rings; "warning": quiet channels only; anything else: shown only
  std::string escalation;  // its name; empty: the first
  WallTime since{};
  enum class About : std::uint8_t {
    shop,
    uplink,  // our own: goes to the channels that survive it
  } about = About::shop;
  // In maintenance: it is as wrong as it was, and nobody is to be rung for it.
  enum class Rests : std::uint8_t { no, yes } rests = Rests::no;
  bool operator==(const Trouble&) const = default;
};

struct Alert {
  enum class State : std::uint8_t {
    ringing,       // nobody has acknowledged
    acknowledged,  // somebody takes care of it, for a while
    silenced,      // somebody wants no ringing until `quiet_until`; without one: it is only shown
    resting,       // all that is wrong is in maintenance; afterwards it goes on, if it is still wrong
    settling,      // nothing is wrong any more, not for long enough to say so
    over,
  } state = State::ringing;
  enum class Kind : std::uint8_t { trouble, drill, uplink } kind = Kind::trouble;
  std::int64_t id = 0;
  std::string escalation;
  std::string severity;
  WallTime began{};
  std::optional<WallTime> joined_at;  // when the newest trouble joined those that it began with; none: none has
  std::vector<Trouble> troubles;      // grouped: one call for one incident, not for thirty checks; at most 1,000
  std::vector<std::string> past;      // sources that were in it and are over; at most 1,000
  std::optional<WallTime> acknowledged_at;
  std::string acknowledged_by;   // the person's name, or "console"
  std::string acknowledged_how;  // "digit 1 on +49..."
  enum class Means : std::uint8_t {
    elsewhere,  // the link's button, a command: proves that no phone works
    call,       // a digit
    reply,      // an SMS
  } acknowledged_by_means = Means::elsewhere;
  std::optional<WallTime> replied_at;  // the last reply by SMS that did something; none of before it does
  std::optional<WallTime> quiet_until;
  std::optional<WallTime> over_at;
  std::vector<std::string> told;   // who has been told, in order; each once
  std::vector<std::string> gaps;   // steps that reached nobody, in words; at most 100
  std::vector<std::string> heard;  // outside parties that have pressed a key: they are left alone from then on
  bool rang = false;               // somebody was called
  bool operator==(const Alert&) const = default;
};
std::string_view name(Alert::State state);  // "ringing"
std::string_view name(Alert::Kind kind);
std::string_view name(Alert::Means means);  // "call"

// One thing to be sent: the outbox writes it down and carries it through.
struct Order {
  std::int64_t alert = 0;
  Message::Kind kind = Message::Kind::alert;
  Recipient recipient;
  int round = 0;  // goes up with each repeat, reminder and new ringing of an alert
  std::size_t step = 0;
  bool operator==(const Order&) const = default;
};
// Different for any two orders of a book, and the same after a restart: "7-alert-0-1-ada-call-+4930123".
std::string key(const Order& order);
std::string_view name(Message::Kind kind);  // "alert"

}  // namespace tenfold::oncall
