#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "rehearse/learn/agents.hpp"
#include "rehearse/learn/sessions.hpp"
#include "rehearse/learn/tally.hpp"
#include "rehearse/learn/trail.hpp"

// A log is a window: of visitors who are there as it begins it shows the rest, of those there as it ends the beginning.
// Taken for sessions of their own, they would make sessions too many and too short. Nothing says of a visitor on which
// side of the log's edge it began, but how likely it is follows from the pauses that sessions have.
namespace tenfold::rehearse {

// Pauses between requests of a session, and sessions' first requests, by who makes them and how the request after is
// referred to.
class Silences {
 public:
  static constexpr std::size_t kinds = 4;     // AgentKind
  static constexpr std::size_t referers = 3;  // Trail::Referer

  void paused(AgentKind kind, Trail::Referer then, double seconds) { of(kind, then).pauses.add(seconds); }
  void came(AgentKind kind, Trail::Referer referer) { of(kind, referer).came += 1; }
  // That a visitor first seen so long after the log's beginning had been there before it. As many as come to a pause's
  // end at that moment after its beginning lay that far back, of those and the ones who come in.
  double before(AgentKind kind, Trail::Referer referer, double silent_s, double log_s) const;
  // That a visitor not seen since so long before the log's end goes on after it.
  double after(AgentKind kind, double silent_s, double log_s) const;

 private:
  struct Of {
    Tally pauses;
    double came = 0;
  };
  Of& of(AgentKind kind, Trail::Referer referer) {
    return of_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(referer)];
  }
  static double likelihood(double going_on, double came, double inside);
  std::array<std::array<Of, referers>, kinds> of_;
};

// Yes as often as the likelihoods add up to, spread evenly over them.
class EvenChoice {
 public:
  bool next(double likelihood) {
    due_ += likelihood;
    if (due_ < 0.5) return false;
    due_ -= 1;
    return true;
  }

 private:
  double due_ = 0;
};

// Rests of sessions that began before the log, until they are put behind sessions that the log's end cut: of the same
// population and kind of agent, in a shuffled order. By and large as many are cut at the one end as at the other, and
// what a visitor does after one moment is what others do after another.
class Rests {
 public:
  static constexpr std::size_t most_visits = 2'000'000;
  struct Rest {
    std::vector<Visit> visits;
    std::uint8_t population = 0;
    bool cut_again = false;              // by the log's end
    std::uint32_t silent_ms = 0;         // after the log's beginning
    std::uint32_t silent_at_end_ms = 0;  // before the log's end
  };
  // False: there is no room for it.
  bool keep(AgentKind kind, Rest rest);
  void shuffle();
  // Whether there is one left; then `into` is it.
  bool take(std::uint8_t population, AgentKind kind, Rest& into);
  std::vector<Rest> take_all();

 private:
  std::array<std::array<std::vector<Rest>, Silences::kinds>, 3> kept_;
  std::size_t visits_ = 0;
};

}  // namespace tenfold::rehearse
