#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/people/plan.hpp"
#include "oncall/people/roster.hpp"

namespace tenfold::oncall {

// Something is wrong, as watch (or a drill, or the shield) says it.
struct Trouble {
  std::string source;      // "front-page": the check's name; one open trouble a source
  std::string what;        // "down: connection refused"
  std::string severity;    // "critical": rings; "warning": quiet channels only; "info": shown only
  std::string escalation;  // its name; empty: the first
  WallTime since{};
};

struct Alert {
  enum class State : std::uint8_t { ringing, acknowledged, over } state = State::ringing;
  enum class Kind : std::uint8_t { trouble, drill, uplink } kind = Kind::trouble;
  std::int64_t id = 0;
  std::string escalation;
  WallTime began{};
  std::vector<Trouble> troubles;  // grouped: one call for one incident, not for thirty checks
  std::vector<std::string> past;  // sources that were in it and are over
  std::optional<WallTime> acknowledged_at;
  std::string acknowledged_by;   // the person's name, or "console"
  std::string acknowledged_how;  // "digit 1 on +49..."
  std::optional<WallTime> over_at;
  std::vector<std::string> told;  // who has been told, in order
  bool rang = false;              // somebody was called: then they are called when it is over
};

// One thing to be sent: the outbox writes it down and carries it through.
struct Order {
  std::int64_t alert = 0;
  Message::Kind kind = Message::Kind::alert;
  Recipient recipient;
  int round = 0;  // of repeats
  std::size_t step = 0;
};

// Decides, pure: what has happened and the time in, what is to be sent out. Its state is a value that can be stored and
// taken up again after a restart.
class AlertBook {
 public:
  explicit AlertBook(Plan plan);
  void replace_plan(Plan plan);  // open alerts go on with the new one

  // Each returns what is to be sent now. Troubles that begin within `grouping` of an alert of the same escalation join
  // it.
  static constexpr Duration grouping = std::chrono::seconds(30);
  std::vector<Order> trouble(Trouble trouble, WallTime now);
  std::vector<Order> over(const std::string& source, WallTime now);
  std::vector<Order> drill(const std::string& escalation, WallTime now);
  std::vector<Order> acknowledge(std::int64_t alert, std::string by, std::string how, WallTime now);
  std::vector<Order> escalate(std::int64_t alert, WallTime now);  // on to the next step at once
  std::vector<Order> silence(std::int64_t alert, WallTime until);
  // A channel failed for good: whoever it was for is told by the next of their contacts at once.
  std::vector<Order> failed(const Order& order, WallTime now);
  std::vector<Order> tick(WallTime now);
  std::optional<WallTime> next_tick() const;  // when tick() has something to do

  const std::map<std::int64_t, Alert>& alerts() const;  // open ones and the last 1,000 that are over
  std::string save() const;                             // JSON
  static Result<AlertBook> load(Plan plan, std::string_view saved);

 private:
  struct Progress;
  Plan plan_;
  std::map<std::int64_t, Alert> alerts_;
  std::map<std::int64_t, std::shared_ptr<Progress>> progress_;
  std::int64_t next_id_ = 1;
};

}  // namespace tenfold::oncall
