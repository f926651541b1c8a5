#pragma once

#include <cstdint>

#include "cache/coalesce/backing.hpp"
#include "cache/fill.hpp"
#include "edge/visit.hpp"
#include "origin/admission.hpp"

namespace tenfold::edge {

// A fetch for which others wait is made in the name of the best of them: a customer's page must not wait for as long as
// the stranger would who asked for it first. One thread only.
class Inherited {
 public:
  // All must outlive this. The fill may be empty.
  Inherited(Visit& visit, const cache::Fill& fill);
  Inherited(const Inherited&) = delete;
  Inherited& operator=(const Inherited&) = delete;

  // For the fetch.
  origin::Inheritance& inheritance() { return inheritance_; }
  // By which it was made, or would be now.
  std::uint8_t rank() const;

 private:
  static void on_told(void* self, const cache::Stake& stake);

  Visit& visit_;
  origin::Inheritance inheritance_;
  cache::Backing backing_;
};

// What a visit that waits for another's fetch has at stake in it. Finds its standing, where the guard orders those who
// wait; else nothing.
cache::Stake stake_of(Visit& visit);

// It was given what was fetched in its name: that takes of its budget as if it had fetched itself. Else one customer's
// token would let a crowd in.
void pay_for_ride(Visit& visit);

}  // namespace tenfold::edge
