#include "guard/challenge/waiting_room.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/result.hpp"

namespace tenfold::guard {

namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration recount_every = milliseconds(100);
// How many turns may add up: those whose turn it is ask every two seconds.
constexpr seconds turns_kept{3};
constexpr seconds first_return_after{1};
// Of workers' clocks, each read once in a while; past it the clock was put back.
constexpr seconds most_apart{10};
constexpr seconds shortest_retry{2};
constexpr seconds longest_retry{15};  // less than two windows of PlaceCounts by 25 s
// While turns are left over for longer than those whose turn it is may be late, how far they are offered doubles each
// second; once they are taken it goes back by half each five.
constexpr seconds may_be_late{2};
constexpr double widens_by_second = 1;
constexpr double narrows_by_second = -0.2;
// Turns that are left over while nobody asks at all, on a machine that stands still, say nothing of who is there.
constexpr seconds longest_silence{4};
// So far turns are offered to people who are merely late. Those within 24 seconds' turns are told to ask in twelve at
// most, and take all turns if they are late by as much again; where turns are offered farther, some are not there.
constexpr double widened_by_late = 8;

double in_seconds(Duration time) { return duration<double>(time).count(); }

}  // namespace

WaitingRoom::WaitingRoom(const WaitingRoomOptions& options, const SipKey& secret)
    : a_network_(options.a_network),
      visits_per_s_(options.visits_per_s),
      spacings_(options.networks, secret),
      shown_(options.shown, secret),
      let_in_ids_(options.let_in, std::max(Place::life, Seed::life) + clock_skew, secret) {
  TENFOLD_ASSERT(options.visits_per_s >= 0 && options.a_network >= Duration());
}

RoomAnswer WaitingRoom::join(Random& random, WallTime now) {
  const Place place{.id = random.next(),
                    .step = PlaceStep::joined,
                    .ticket = std::chrono::floor<milliseconds>(now),
                    .refreshed = std::chrono::floor<seconds>(now)};
  const std::lock_guard lock(mutex_);
  move_to(now);
  counts_.join(place.ticket);
  ++joined_;
  return waiting(place);
}

RoomAnswer WaitingRoom::join_since(const Place& place, const RoomVisitor& visitor, WallTime now) {
  const std::lock_guard lock(mutex_);
  move_to(now);
  if (shown_.find(shown_.key_of(place.id)) == nullptr) {
    counts_.join(place.ticket);
    ++joined_;
  }
  return look_locked(place, visitor, now);
}

RoomAnswer WaitingRoom::look(const Place& place, const RoomVisitor& visitor, WallTime now) {
  const std::lock_guard lock(mutex_);
  return look_locked(place, visitor, now);
}

RoomAnswer WaitingRoom::look_locked(const Place& place, const RoomVisitor& visitor, WallTime now) {
  now = move_to(now);
  if (let_in_ids_.has(place.id, now)) return {.turn = Turn::let_in, .place = place};
  asked_at_ = now;
  const bool too_early = place.step == PlaceStep::joined && now < place.ticket + first_return_after;
  if (too_early) return waiting(place);

  Place present = place.step == PlaceStep::joined ? come_back(place, visitor, now) : place;
  count(present, place.step);
  const bool its_turn = is_its_turn(present, place.step);
  present.refreshed = std::chrono::floor<seconds>(now);
  if (!its_turn) return waiting(present);
  let_in(present, now);
  return {.turn = Turn::let_in, .place = present};
}

void WaitingRoom::set_rate(double visits_per_s, WallTime now) {
  TENFOLD_ASSERT(visits_per_s >= 0);
  const std::lock_guard lock(mutex_);
  move_to(now);
  visits_per_s_ = visits_per_s;
  turns_ = std::min(turns_, most_turns());
}

RoomState WaitingRoom::state(WallTime now) {
  const std::lock_guard lock(mutex_);
  move_to(now);
  return {.visits_per_s = visits_per_s_,
          .living = counts_.living(),
          .eta = time_for(told_ahead(now)),
          .joined = joined_,
          .let_in = let_in_};
}

std::size_t WaitingRoom::memory_bytes() const {
  return counts_.memory_bytes() + spacings_.memory_bytes() + shown_.memory_bytes() + let_in_ids_.memory_bytes();
}

// Returns the time that counts: workers' clocks differ by some milliseconds, and what one has passed must not be passed
// again with another's.
WallTime WaitingRoom::move_to(WallTime now) {
  const bool put_back = now < moved_at_ - most_apart;
  const WallTime present = put_back ? now : std::max(now, moved_at_);
  if (!put_back) refill(present - moved_at_);
  moved_at_ = present;
  counts_.move_to(present);
  const Duration since_recount = present - recounted_at_;
  if (since_recount >= Duration() && since_recount < recount_every) return present;
  recounted_at_ = present;
  counts_.recount();
  const bool is_silent = present - asked_at_ > longest_silence;
  widen(is_silent ? Duration() : std::max(since_recount, Duration()));
  return present;
}

void WaitingRoom::refill(Duration passed) {
  turns_ = std::min(turns_ + visits_per_s_ * in_seconds(passed), most_turns());
}

// Two at least, however slow: one is kept for the first.
double WaitingRoom::most_turns() const {
  return visits_per_s_ == 0 ? 0 : std::max(visits_per_s_ * in_seconds(turns_kept), 2.0);
}

void WaitingRoom::widen(Duration passed) {
  // As many times fewer are ahead, once those who are gone are forgotten.
  const auto living = static_cast<double>(counts_.living());
  if (living < lived_) widening_ *= living / lived_;
  lived_ = living;
  const bool full = visits_per_s_ > 0 && living > 0 && turns_ >= most_turns();
  left_over_for_ = full ? left_over_for_ + passed : Duration();
  const bool left_over = left_over_for_ > may_be_late;
  widening_ *= std::exp2((left_over ? widens_by_second : narrows_by_second) * in_seconds(passed));
  // No more than leads to the last who waits with two turns left: else those who come after an empty hour would be
  // taken in any order.
  widening_ = std::clamp(widening_, 1.0, std::max(1.0, living / 2));
}

// A turn is anybody's for whom one would be left if all came who are ahead; so that those who ask more often take none
// from those who ask when they are told. Those ahead who are not there are passed over by widening_, for whoever has
// shown that it asks more than once (`step`: the cookie's); even then one turn is kept for whoever is first.
bool WaitingRoom::is_its_turn(const Place& place, PlaceStep step) const {
  const double ahead = counts_.present_ahead(place.ticket);
  const double reach = turns_ * (step == PlaceStep::waiting ? widening_ : 1);
  return ahead < 1 ? turns_ >= 1 : turns_ >= 2 && ahead < reach;
}

void WaitingRoom::let_in(const Place& place, WallTime now) {
  turns_ -= 1;
  counts_.leave(place.ticket, counts_.window_number());
  let_in_ids_.add(place.id, now);
  ++let_in_;
}

// Only now does it take a place from anybody: joining costs one request, and may be done by nobody at all.
Place WaitingRoom::come_back(const Place& place, const RoomVisitor& visitor, WallTime now) {
  Place present = place;
  present.step = PlaceStep::waiting;
  // The same cookie once more: the answer was lost, or somebody wants a second ticket for it.
  if (const Shown* const before = shown_.find(shown_.key_of(place.id))) {
    present.ticket = before->ticket;
    return present;
  }
  counts_.come_back(place.ticket);
  present.ticket = ticket_for(place.ticket, visitor, now);
  return present;
}

WallTime WaitingRoom::ticket_for(WallTime joined, const RoomVisitor& visitor, WallTime now) {
  const auto network = visitor.network.bytes();
  const std::uint64_t key = visitor.bearer != 0 ? spacings_.key_of(visitor.bearer)
                                                : spacings_.key_of(std::string_view(network.data(), network.size()));
  Spacing& spacing = spacings_.claim(key, [](const Spacing& other) { return other.next; });
  const WallTime latest = now + seconds(PlaceCounts::ahead_s - 1);
  const WallTime ticket = std::min(std::max(joined, spacing.next), latest);
  spacing.next = ticket + a_network_;
  return std::chrono::floor<milliseconds>(ticket);
}

// Once in each window, in that alone.
void WaitingRoom::count(const Place& place, PlaceStep step) {
  const std::int64_t window = counts_.window_number();
  Shown& shown = shown_.claim(shown_.key_of(place.id), [](const Shown& other) { return other.window; });
  // Of one that the table has forgotten its cookie says when it asked last.
  std::int64_t last = shown.window;
  if (last == 0 && step == PlaceStep::waiting) last = PlaceCounts::window_number(place.refreshed);
  shown = {.window = window, .ticket = place.ticket};
  if (last == 0) counts_.count(place.ticket);
  if (last != 0 && last != window) counts_.count_again(place.ticket, last);
}

RoomAnswer WaitingRoom::waiting(const Place& place) const {
  RoomAnswer answer{.turn = Turn::wait, .place = place, .eta = std::nullopt, .retry_after = shortest_retry};
  const double ahead = told_ahead(place.ticket);
  answer.ahead = static_cast<std::uint64_t>(ahead);
  answer.eta = time_for(ahead);
  if (place.step == PlaceStep::joined) return answer;
  // Half of the time in which its turn may be offered to it.
  const std::optional<seconds> offered = time_for(expected_ahead(place.ticket) / widening_);
  const seconds retry = std::clamp(offered.value_or(longest_eta) / 2, shortest_retry, longest_retry);
  // Up to a quarter earlier, each differently: who joined in one second must not ask in one second for ever.
  answer.retry_after = retry - seconds(place.id % static_cast<std::uint64_t>(retry.count() / 4 + 1));
  return answer;
}

double WaitingRoom::expected_ahead(WallTime ticket) const {
  return counts_.present_ahead(ticket) + counts_.coming_ahead(ticket);
}

// widening_ itself would take people who are late for people who are gone.
double WaitingRoom::told_ahead(WallTime ticket) const {
  const double passed_over = std::max(1.0, widening_ / widened_by_late);
  return counts_.living_ahead(ticket) / passed_over + counts_.coming_ahead(ticket);
}

std::optional<seconds> WaitingRoom::time_for(double ahead) const {
  if (visits_per_s_ == 0) return std::nullopt;
  const double whole = std::ceil((ahead + 1) / visits_per_s_);
  return seconds(static_cast<seconds::rep>(std::min(whole, static_cast<double>(longest_eta.count()))));
}

Clearance clearance_for_waiting(const Place& place, WallTime now) {
  return {.id = place.id, .kind = ClearanceKind::waited, .issued = now, .expires = now + Clearance::usual_life};
}

}  // namespace tenfold::guard
