#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/clock.hpp"

namespace tenfold::guard {

// How many wait with which ticket: a count for each second of tickets, from two hours back to one ahead. Of single
// places nothing is kept, so that memory is what it is, however many join.
//
// Somebody is counted in the last window of 20 s in which it asked, and lives here while that is this one or one of the
// two before: 40 to 60 s, so never longer than a place is kept, and longer by 25 s at least than anybody is told to
// stay away, since slow lines, busy machines and tabs in the background ask late. It is present while that is this
// window or the one before. Who joined and has not come back yet is kept apart: of those most may be nobody. Not
// thread-safe.
class PlaceCounts {
 public:
  static constexpr Duration window = std::chrono::seconds(20);
  static constexpr std::int64_t windows = 3;     // in which somebody lives
  static constexpr std::int64_t past_s = 7200;   // older tickets count as the oldest
  static constexpr std::int64_t ahead_s = 3600;  // later ones as the latest

  PlaceCounts();

  // To be called before anything else at a new time. The clock may be put back or forth.
  void move_to(WallTime now);

  // Somebody came for the first time, and gets this ticket; the same one came back.
  void join(WallTime ticket);
  void come_back(WallTime ticket);
  // Somebody lives who was not counted yet; somebody asks again, or goes in, who was counted last in that window.
  void count(WallTime ticket);
  void count_again(WallTime ticket, std::int64_t last);
  void leave(WallTime ticket, std::int64_t last);
  std::int64_t window_number() const { return window_; }
  static std::int64_t window_number(WallTime at);

  // As of the last recount(): those who live, or are present, with earlier tickets. Of one second's as many as its part
  // before the ticket is, less those who have gone in: the first of them did.
  double living_ahead(WallTime ticket) const;
  double present_ahead(WallTime ticket) const;
  // Of those who joined before it, in the last ten seconds, and have not come back yet, those who are likely to.
  double coming_ahead(WallTime ticket) const;
  std::uint64_t living() const { return living_; }
  // Goes through all seconds: to be called some times a second, and not for each request.
  void recount();

  std::size_t memory_bytes() const { return seconds_.size() * sizeof(Second); }

 private:
  using Windows = std::array<std::uint32_t, windows>;  // by number % windows

  struct Second {
    std::uint32_t joined = 0;
    std::uint32_t came_back = 0;
    Windows counted{};
    std::uint32_t went_in = 0;
    // As of the last recount, of all earlier seconds.
    std::uint32_t living_before = 0;
    std::uint32_t present_before = 0;
    std::uint32_t fresh_before = 0;

    std::uint32_t living() const { return std::reduce(counted.begin(), counted.end()); }
    std::uint32_t fresh() const { return joined > came_back ? joined - came_back : 0; }
  };
  Second& at(WallTime ticket) { return seconds_[index_of(kept_second(ticket))]; }
  const Second& at(WallTime ticket) const { return seconds_[index_of(kept_second(ticket))]; }
  std::int64_t kept_second(WallTime ticket) const;
  static double beside(const Second& second, std::uint32_t there, WallTime ticket);
  std::uint32_t present(const Second& second) const;
  static std::size_t index_of(std::int64_t second);
  void turn_window(std::int64_t to);
  void take_away(Second& second, std::int64_t last) const;
  void learn_who_comes();

  std::int64_t now_s_ = 0;   // since 1970
  std::int64_t window_ = 0;  // counted from 1970
  std::uint64_t living_ = 0;
  double comes_back_ = 1;  // the share of those who joined
  double missing_ = 0;     // who did not, of those of the last ten seconds whose time is over
  std::vector<Second> seconds_;
};

}  // namespace tenfold::guard
