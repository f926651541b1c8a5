#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.hpp"
#include "guard/limit/baselines.hpp"
#include "guard/limit/estimate.hpp"
#include "guard/limit/times.hpp"

// What a while says of a pool for which somebody waited. Pure.
namespace tenfold::guard::limit {

// Crowding is how many requests are at the servers for each that is worked on: 1 where there is no queue. It is told in
// two ways, and what both say is believed: where costs are as usual they agree, and whoever makes requests dear or
// cheap can lead one of them astray, but not both.
//   shared: the servers work on all at once, and every request is slowed by the same factor.
//   queued: the servers queue, and all wait equally long, be it cheap or dear what they ask for. (Little's law: of the
//           time that all requests are there, it is the share that they wait, whatever they cost.)
struct Sample {
  Estimate shared;  // natural logarithm of the crowding, as all that follows
  Estimate queued;
  double ease = 1;          // of the crowding, that counts: little where requests take little
  Estimate work;            // logarithm of the work done a second
  double steady_share = 0;  // Reading::steady_share
  double cost_shared = 0;   // logarithm of the seconds that a request takes on the mean without the queue
  double cost_queued = 0;
  std::uint32_t requests = 0;

  // Of the two; their mean, where they differ by chance only.
  Estimate raw_least() const;
  Estimate raw_most() const;
  // Eased: what counts of it.
  Estimate eased(const Estimate& raw) const;
  Estimate least() const { return eased(raw_least()); }
  Estimate most() const { return eased(raw_most()); }
  // What is to be seen where `eased` is what counts.
  double raw(double eased) const;
};

// `scale`: logarithm of how much slower than their baselines all requests are without a queue.
Sample sample_of(const Reading& reading, const Sums& sums, double scale);

// Whether what is asked has stayed alike: else a trial says nothing of the limit. One of the two costs is true; so it
// has changed if both have. `chances`: standard errors by which they may be apart by chance.
bool are_alike(const Sample& before, const Sample& after, double chances);

// Whether the work done is known: most was asked of routes that cost what they usually do. Else whoever asks for what
// is cheap as long as a trial lasts would seem to be served better by it.
bool tells_work(const Sample& sample);

// A limit was changed by e^step: the share of it that times have moved by. 1: there is a queue, 0: there is none.
struct Moved {
  Estimate shared;
  Estimate queued;

  Estimate share() const;
  bool agree(double bar) const { return (shared.value < bar) == (queued.value < bar); }
  bool is_sure(double bar) const;
};
Moved moved(const Sample& before, const Sample& after, double step, double least_error);

// As long as strangers may stand in the queue here before it is called overload: where all that requests take is less,
// it is not looked for a lower limit.
constexpr Duration unnoticed = std::chrono::milliseconds(20);

}  // namespace tenfold::guard::limit
