#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "edge/pace.hpp"
#include "edge/visit.hpp"
#include "net/timers.hpp"

namespace tenfold::edge {

// Looks each second at how fast a client takes its answer, for as long as it lives, so that who holds what is short can
// be told to hurry or be cut. Costs nothing before the first second is over. Part of the task that sends.
class Watched {
 public:
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  bool cut() const { return cut_; }

 protected:
  // On its own thread, for who must not wait for the second to be over. May end the task.
  static void look_at_once(void* self) { static_cast<Watched*>(self)->on_second(); }
  static constexpr Duration every = std::chrono::seconds(1);

  explicit Watched(Visit& visit) : visit_(visit), timer_(&on_time, this) {
    visit.site.loop.timers().arm(timer_, visit.now() + every);
  }
  ~Watched() = default;
  // May end the task.
  virtual void look(const Pace& pace) = 0;
  // By what clock the pace is measured.
  virtual TimePoint own_time() const { return visit_.now(); }
  // What is awaited fails, at once. May end the task.
  void cut_off() {
    cut_ = true;
    break_off();
  }
  // What is being sent fails.
  virtual void break_off() { visit_.exchange.break_off(); }
  Visit& visit() const { return visit_; }

 private:
  static void on_time(void* self) { static_cast<Watched*>(self)->on_second(); }
  void on_second() {
    const std::uint64_t taken = visit_.exchange.bytes_taken();
    if (!pace_) pace_.emplace(own_time(), taken);
    visit_.site.loop.timers().arm(timer_, visit_.now() + every);
    pace_->look(own_time(), taken);
    look(*pace_);
  }

  Visit& visit_;
  net::Timer timer_;
  std::optional<Pace> pace_;
  bool cut_ = false;
};

}  // namespace tenfold::edge
