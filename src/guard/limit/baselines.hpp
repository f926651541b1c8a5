#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.hpp"
#include "guard/limit/estimate.hpp"
#include "guard/limit/times.hpp"

namespace tenfold::guard::limit {

// What the times of a while say, held against what requests take of servers that have nothing else to do.
struct Reading {
  Estimate slowness;    // natural logarithm of time over baseline: the median across routes
  double scatter = 0;   // how far off the median may be because not the same routes were asked as before
  double evenness = 1;  // typical over mean time: 1 where all requests of a route take equally long, less with a tail
  double spread = 0;    // standard deviation of the logarithm of a route's times, across routes
  double overdue = 0;   // share of requests without an answer in time: the median across routes
  Duration work{};      // what all the answers would take of servers with nothing else to do
  double steady_share = 0;  // of that work, on routes that cost what they usually do, as far as times tell
  Duration mean_time{};     // of all answers
  Duration typical_mean{};  // mean time of a route: the median across routes
  Duration typical{};       // time of a request: the median across routes
  std::uint32_t votes = 0;  // routes that were asked; a route counts twice if known customers' and others' times are
  enum class Source : std::uint8_t { learned, assumed } source = Source::learned;  // the best of the baselines
};

// What requests of each route take of servers that are not busy. Known customers' requests and others' have baselines
// of their own; known customers' are asked first, so that others can teach it nothing that matters. One thread only.
//
// Bounded: beyond `most_routes` a new route takes the place of one that nothing was learned about and that was not seen
// for ten seconds, or of any that was not seen for ten minutes, or, if a known customer asked for it, of one that only
// others ask for and nothing was learned about. Where there is none, it is not counted: it has no vote, and what it
// works counts by its time.
class Baselines {
 public:
  static constexpr std::size_t most_routes = 256;
  // Learned over so long a time of calm, or over so many answers if that takes longer. Whoever becomes slower for good
  // is believed after some minutes.
  static constexpr Duration memory = std::chrono::seconds(30);
  static constexpr double least_memory = 24;
  // A baseline has a vote once it rests on so many answers.
  static constexpr double enough_answers = 8;
  // Known customers' votes suffice when they rest on so many answers; else others are asked too.
  static constexpr std::uint32_t enough_votes = 4;

  // Sums of one window; makes room for routes that are new.
  Sums gather(std::span<const RouteTimes> routes, TimePoint now);
  // Empty if no baseline has anything to say on it.
  std::optional<Reading> read(const Sums& sums) const;

  // What the answers took, and what their kinds usually take; kinds of which nothing was learned count as they are, so
  // that what is new and dear makes nothing else look dear.
  struct Price {
    double took_ns = 0;
    double usual_ns = 0;
  };
  Price price_of(const Sums& sums) const;

  // It was calm: this is what requests take. What was assumed before is forgotten. The share of what is known of these
  // routes that is new now.
  double learn(const Sums& calm);
  // Requests took e^slowness times what they ought to: routes without a baseline get one.
  void assume(const Sums& busy, double slowness);

  // What was assumed has turned out to be e^slowness times that.
  void correct_assumed(double slowness);

  std::size_t routes() const { return entries_.size(); }
  // Mean time of a known customer's request (of others', if no known customer asked). Empty if nothing is known.
  std::optional<Duration> mean_of(std::uint64_t route) const;

 private:
  struct Series {
    enum class Source : std::uint8_t { none, assumed, learned } source = Source::none;
    double weight = 0;  // answers it rests on
    double log_mean = 0;
    double log_square = 0;
    double mean_ns = 0;
    Duration learned_at{};  // by learning_time_

    double learn(const Times& times, Duration at);
    void assume(const Times& times, double slowness);
    double take_in(const Times& times, double log_offset, double kept);
    void correct(double slowness);
    bool has_vote() const { return source != Source::none && weight >= enough_answers; }
    double variance() const;
    double slowness(const Times& times) const;
    bool is_steady(const Times& times, double slowness) const;
    double work_ns(const Times& times, double slowness) const;
  };
  struct Entry {
    TimePoint seen{};
    Series known;
    Series others;
    bool has_learned() const;
  };
  struct Asked;
  struct Ballot;
  enum class Asker : std::uint8_t { known, other };

  Entry* entry_of(std::uint64_t route, Asker asker, TimePoint now);
  std::optional<std::uint64_t> dispensable(Asker asker, TimePoint now) const;
  Ballot ballot(const Sums& sums) const;
  void count_work(const Sums& sums, Reading& reading) const;
  template <class Take>
  void for_each_series(const Sums& sums, const Take& take) const;

  absl::flat_hash_map<std::uint64_t, Entry> entries_;
  Duration learning_time_{};
  TimePoint crowded_until_{};  // before then no entry is dispensable for a stranger's route
};

}  // namespace tenfold::guard::limit
