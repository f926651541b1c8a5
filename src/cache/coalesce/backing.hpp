#pragma once

#include <memory>

#include "cache/coalesce/stake.hpp"
#include "cache/fill.hpp"
#include "net/loop.hpp"

namespace tenfold::cache {

class Flight;
class Flights;

// On the fetcher's side: what those who wait for its fetch have at stake, so that it need not be a worse one's fetch
// than theirs. Of one thread, that of its loop; must die before the loop and the cache.
class Backing {
 public:
  // owner: as given. Called on the loop whenever somebody with a better stake than all before joins those who wait, and
  // for some with an equal one and another flow (most_equals): from the constructor for what there is already.
  using Told = void (*)(void* owner, const Stake& stake);
  // Of a fetch. Bounds what a crowd of equals can make of it.
  static constexpr int most_equals = 16;

  // The fill may be empty, or nobody's but its own: then nobody is told anything. own: what the fetcher has at stake
  // itself; nobody is told of less.
  Backing(const Fill& fill, net::Loop& loop, const Stake& own, Told told, void* owner);
  Backing(const Backing&) = delete;
  Backing& operator=(const Backing&) = delete;
  ~Backing();

 private:
  friend class Flight;
  friend class Flights;
  // Outlives the backing for as long as word to it is under way.
  struct Ear {
    net::Loop& loop;
    Told told;
    void* owner;  // null: nobody listens any more. Of the loop's thread
  };

  Flights* flights_ = nullptr;
  std::shared_ptr<Flight> flight_;
  std::shared_ptr<Ear> ear_;
};

}  // namespace tenfold::cache
