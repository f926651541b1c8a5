#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/message.hpp"

namespace tenfold::edge {

// Tells the requests of our own rehearsals from everybody else's. One for each worker; one thread only. The driver
// sends the same credential with every request of a run: the last one that was good is remembered, so that a request
// costs a comparison and not a hash.
class RehearsalGate {
 public:
  // The run that the request belongs to; empty: none, or not a good credential. A request with two is a stranger's. The
  // text is this object's, until the next call. An empty secret recognises nobody.
  std::string_view run_of(const http::Headers& headers, std::string_view secret, WallTime now);

 private:
  bool is_remembered(std::string_view text, std::string_view secret, WallTime now) const;

  std::string text_;  // the last that was verified; empty: none yet
  std::string secret_;
  std::string run_;
  WallTime expires_{};
};

}  // namespace tenfold::edge
