#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace tenfold::rehearse {

// What a driver thread plays. The thread calls play() whenever something is due, and lets its loop run in between.
class Player {
 public:
  virtual ~Player() = default;
  // Once, before all else: when the run begins.
  virtual void start(TimePoint begin) = 0;
  // When play() has something to do again; TimePoint::max(): nothing that is known yet.
  virtual TimePoint next_due() const = 0;
  // Does what is due, or a good part of it; then next_due() is in the past still.
  virtual void play(TimePoint now) = 0;
  // Nothing more is planned.
  virtual void stop() = 0;
  // Gives up what is under way and closes every connection: those are destroyed now or soon.
  virtual void abandon() = 0;
  virtual bool over() const = 0;  // nothing is planned any more, nor under way
  virtual std::uint64_t in_flight() const = 0;
  virtual std::uint64_t visitors() const { return 0; }
};

}  // namespace tenfold::rehearse
