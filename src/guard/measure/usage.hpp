#pragma once

#include <cstdint>

namespace tenfold::guard {

// What a request, or many, took and did. 32 bits hold an hour of a million requests a second; a window is 100 ms.
struct Usage {
  std::uint64_t origin_us = 0;  // microseconds for which it had an origin's place
  std::uint32_t requests = 0;   // of all below but origin_us, each request counts at most one
  std::uint32_t asked = 0;      // came to need an origin, also those challenged, shed and refused
  std::uint32_t known = 0;      // by known customers, and whom the owner allows
  std::uint32_t challenges_shown = 0;
  std::uint32_t misses = 0;              // asked an origin
  std::uint32_t errors = 0;              // the origin answered 4xx or 5xx
  std::uint32_t half_sent = 0;           // the head or the body never came whole
  std::uint32_t challenges_ignored = 0;  // by somebody who was shown a challenge before and did not solve it
  std::uint32_t challenges_solved = 0;
  std::uint32_t pages = 0;
  std::uint32_t assets = 0;
  std::uint32_t burnt_us = 0;  // of the edge's own time, by what was no whole request (http::Chore)

  Usage& operator+=(const Usage& other);
  bool operator==(const Usage&) const = default;
};

// The same counters, each a second.
struct UsageRates {
  double origin_us = 0;
  double requests = 0;
  double asked = 0;
  double known = 0;
  double challenges_shown = 0;
  double misses = 0;
  double errors = 0;
  double half_sent = 0;
  double challenges_ignored = 0;
  double challenges_solved = 0;
  double pages = 0;
  double assets = 0;
  double burnt_us = 0;

  UsageRates& operator*=(double factor);
  bool operator==(const UsageRates&) const = default;
};

// change(number of a, number of b) for each counter.
template <typename A, typename B, typename Change>
void for_each_counter(A& a, const B& b, Change change) {
  change(a.origin_us, b.origin_us);
  change(a.requests, b.requests);
  change(a.asked, b.asked);
  change(a.known, b.known);
  change(a.challenges_shown, b.challenges_shown);
  change(a.misses, b.misses);
  change(a.errors, b.errors);
  change(a.half_sent, b.half_sent);
  change(a.challenges_ignored, b.challenges_ignored);
  change(a.challenges_solved, b.challenges_solved);
  change(a.pages, b.pages);
  change(a.assets, b.assets);
  change(a.burnt_us, b.burnt_us);
}

inline Usage& Usage::operator+=(const Usage& other) {
  for_each_counter(*this, other, [](auto& mine, auto theirs) { mine += theirs; });
  return *this;
}

inline UsageRates& UsageRates::operator*=(double factor) {
  for_each_counter(*this, *this, [factor](double& mine, double) { mine *= factor; });
  return *this;
}

}  // namespace tenfold::guard
