#pragma once

#include <cstddef>
#include <functional>

#include "watch/probe/check.hpp"

namespace tenfold::watch {

// Asks the world, once for each start(). All on one thread, the Poller's.
class Prober {
 public:
  using Done = std::function<void(CheckResult)>;  // once, from within Poller::run, never from within start()

  virtual ~Prober() = default;
  // `check` is copied. Path::other looks by another way than the check's last usual look went: another address family
  // if the name has one, else another resolver, else another of our source addresses, else the same way anew (fresh
  // connection, name asked for anew); the result's `by` says which. Not for heartbeats: nobody is asked there.
  virtual void start(const Check& check, CheckResult::Path path, Done done) = 0;
  virtual std::size_t under_way() const = 0;
};

}  // namespace tenfold::watch
