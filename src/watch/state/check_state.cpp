#include "watch/state/check_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

namespace tenfold::watch {

//                        good, quick               slow
//        +---------> up <-----------------> slow <-----+
//        |           |  quick enough, slow enough |    |
//   good |    failed |                            |    | good, but slow
//        |           v                            |    |
//        +------- failing <-----------------------+    |
//        |           | failed, failing_after in a row  |
//        |           v                                 |
//        +--------- down ------------------------------+   good_after in a row; three times that while it flaps
//
//   unknown goes wherever its first result says; silence leads from anywhere to unknown.
State CheckState::next(State from, Event event) {
  using enum State;
  struct Row {
    State good, quick, slow_enough, failed, failed_enough, silent;
  };
  static constexpr std::array<Row, 5> table{{
      //        good  quick slow    failed   enough  silent
      /*unknown*/ {up, up, slow, failing, down, unknown},
      /*up*/ {up, up, slow, failing, down, unknown},
      /*slow*/ {slow, up, slow, failing, down, unknown},
      /*failing*/ {up, up, slow, failing, down, unknown},
      /*down*/ {down, up, slow, down, down, unknown},
  }};
  const Row& row = table[static_cast<std::size_t>(from)];
  switch (event) {
    case Event::good: return row.good;
    case Event::quick: return row.quick;
    case Event::slow: return row.slow_enough;
    case Event::failed: return row.failed;
    case Event::failed_enough: return row.failed_enough;
    case Event::silent: return row.silent;
  }
  return from;
}

std::string_view name(State state) {
  static constexpr std::array<std::string_view, 5> names{"unknown", "up", "slow", "failing", "down"};
  return names[static_cast<std::size_t>(state)];
}

namespace {

// A journey's time-out is that of each step.
Duration looks_take(const Check& check) {
  const auto* const journey = std::get_if<JourneyProbe>(&check.probe);
  const std::size_t steps = journey != nullptr ? std::max<std::size_t>(1, journey->steps.size()) : 1;
  return 2 * check.timeout * static_cast<Duration::rep>(steps);
}

void leave_out(std::string& text, const std::string& part) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) text.erase(at, part.size());
}

// What two looks saw is the same if it differs only in the address ("[::1]:443 refuses the connection") and in how long
// a connection took ("connected after 2 ms, then silence").
std::string essence(std::string text, const std::string& address) {
  if (!address.empty()) {
    leave_out(text, "[" + address + "]");
    leave_out(text, address);
  }
  constexpr std::string_view took = "connected after ";
  if (const std::size_t at = text.find(took); at != std::string::npos) {
    text.erase(at, std::min(text.find(',', at), text.size()) - at);
  }
  return text;
}

}  // namespace

std::string rough_words(Duration duration) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(duration).count();
  if (minutes < 2) return fmt::format("{} s", std::chrono::duration_cast<std::chrono::seconds>(duration).count());
  if (minutes < 120) return fmt::format("{} min", minutes);
  if (minutes < 48 * 60) return fmt::format("{} h", minutes / 60);
  return fmt::format("{} days", minutes / (24 * 60));
}

CheckState::CheckState(const Check& check) { replace(check); }

void CheckState::replace(const Check& check) {
  name_ = check.name;
  heartbeat_.reset();
  if (const auto* const heartbeat = std::get_if<HeartbeatProbe>(&check.probe)) heartbeat_ = *heartbeat;
  every_ = check.every;
  looks_take_ = looks_take(check);
  slow_after_ = check.slow_after;
  failing_after_ = std::max(1u, check.failing_after);
  good_after_ = std::max(1u, check.good_after);
  failures_in_a_row_ = good_in_a_row_ = slow_in_a_row_ = quick_in_a_row_ = 0;
  rounds_ = 0;
}

void CheckState::restore(const SavedState& saved) {
  state_ = saved.state;
  since_ = saved.since;
  last_result_ = saved.last_result;
  what_ = saved.what;
}

Duration CheckState::patience() const {
  return heartbeat_ ? heartbeat_->every + heartbeat_->grace : 3 * every_ + looks_take_;
}

CheckState::Step CheckState::take(const CheckResult& result) {
  using Path = CheckResult::Path;
  last_result_ = std::max(last_result_, result.at);
  const bool good = result.outcome == CheckResult::Outcome::good;
  if (heartbeat_) {
    const Event event = good ? Event::quick : Event::failed_enough;
    return {Next::wait, apply(event, result.at, result.what)};
  }
  if (result.path == Path::usual) {
    if (!good) {
      first_failure_ = result.what;
      first_address_ = result.address;
      return {Next::look_again, {}};
    }
    count_round(false);
    return {Next::wait, apply(count_good(result), result.at, result.what)};
  }

  count_round(true);
  if (!good) {
    return {Next::wait, apply(count_failure(), result.at, both_failed(result))};
  }
  const unsigned failed = static_cast<unsigned>(std::popcount(rounds_));
  if (failed >= unsteady_failures) {
    good_in_a_row_ = quick_in_a_row_ = slow_in_a_row_ = 0;
    return {Next::wait,
            apply(Event::failed_enough, result.at,
                  fmt::format("failed in {} of the last {} looks: {}", failed, unsteady_rounds, first_failure_))};
  }
  if (state_ != State::down) {
    what_ = fmt::format("good {}; before that: {}", result.by.empty() ? "by another path" : result.by, first_failure_);
    if (state_ == State::unknown) return {Next::wait, apply(Event::good, result.at, std::string(what_))};
  }
  return {};
}

// "status 503; the same over IPv6 (::1)", "status 503; over IPv6 (::1): no answer within 10 s".
std::string CheckState::both_failed(const CheckResult& second) const {
  const std::string by = second.by.empty() ? "on the second look" : second.by;
  const bool same = essence(second.what, second.address) == essence(first_failure_, first_address_);
  return same ? fmt::format("{}; the same {}", first_failure_, by)
              : fmt::format("{}; {}: {}", first_failure_, by, second.what);
}

void CheckState::count_round(bool first_look_failed) {
  const unsigned kept = (1u << unsteady_rounds) - 1;
  rounds_ = static_cast<std::uint16_t>(((rounds_ << 1) | (first_look_failed ? 1 : 0)) & kept);
}

CheckState::Event CheckState::count_failure() {
  good_in_a_row_ = quick_in_a_row_ = slow_in_a_row_ = 0;
  failures_in_a_row_ = std::min(failures_in_a_row_ + 1, failing_after_);
  return failures_in_a_row_ >= failing_after_ ? Event::failed_enough : Event::failed;
}

CheckState::Event CheckState::count_good(const CheckResult& result) {
  const bool slow = slow_after_ > Duration::zero() && result.phases.total > slow_after_;
  failures_in_a_row_ = 0;
  const unsigned needed = state_ == State::down && flapping(result.at) ? 3 * good_after_ : good_after_;
  const unsigned most = 3 * std::max(good_after_, failing_after_);
  good_in_a_row_ = std::min(good_in_a_row_ + 1, most);
  slow_in_a_row_ = slow ? std::min(slow_in_a_row_ + 1, most) : 0;
  quick_in_a_row_ = slow ? 0 : std::min(quick_in_a_row_ + 1, most);

  if (state_ == State::down && good_in_a_row_ < needed) return Event::good;
  if (slow_in_a_row_ >= failing_after_) return Event::slow;
  if (state_ == State::slow && quick_in_a_row_ < good_after_) return Event::good;
  if (state_ == State::down) return slow ? Event::slow : Event::quick;
  return slow ? Event::good : Event::quick;
}

CheckState::Step CheckState::tick(WallTime now) {
  if (last_result_ == WallTime{}) last_result_ = now;
  // At the very end of the patience it is still in time.
  if (now - last_result_ <= patience()) return {};
  if (!heartbeat_)
    return {Next::wait, apply(Event::silent, now, "not looked at for " + rough_words(now - last_result_))};
  return {Next::wait, apply(Event::failed_enough, now,
                            fmt::format("no heartbeat for {}, expected every {}", rough_words(now - last_result_),
                                        rough_words(heartbeat_->every)))};
}

void CheckState::clock_moved(Duration by) {
  if (last_result_ != WallTime{}) last_result_ += by;
  for (WallTime& turn : turns_) turn += by;
}

bool CheckState::flapping(WallTime now) const {
  const auto recent = std::ranges::count_if(turns_, [now](WallTime turn) { return now - turn < flap_window; });
  return static_cast<std::size_t>(recent) > flap_changes;
}

std::optional<Change> CheckState::apply(Event event, WallTime at, const std::string& what) {
  const State to = next(state_, event);
  if (event == Event::silent) {
    failures_in_a_row_ = good_in_a_row_ = slow_in_a_row_ = quick_in_a_row_ = 0;
    rounds_ = 0;
  }
  // While it is down, the words stay those of the failure until it is over.
  const bool good = event == Event::good || event == Event::quick || event == Event::slow;
  if (!(to == State::down && good)) what_ = what;
  if (to == state_) return {};

  if ((to == State::down) != (state_ == State::down) && to != State::unknown) {
    turns_.push_back(at);
    if (turns_.size() > flap_changes + 1) turns_.pop_front();
  }
  const State from = std::exchange(state_, to);
  since_ = at;
  return Change{.check = name_, .from = from, .to = to, .at = at, .what = what_};
}

}  // namespace tenfold::watch
