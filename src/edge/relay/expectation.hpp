#pragma once

#include <utility>

#include "edge/visit.hpp"
#include "http/message.hpp"

namespace tenfold::edge {

// A client that waits to be told to send its body asks the origin itself, which may refuse before any of it was sent
// (RFC 9110, 10.1.1). Meanwhile it holds a place at the origin, so there are few of these; to all others the edge says
// "100 Continue" and reads what it reads first of any body.
class Expectation {
 public:
  Expectation(Visit& visit, http::RequestHead& head) : site_(visit.site) {
    if (!visit.exchange.awaits_continue() || site_.expecting >= site_.most_expecting) return;
    ++site_.expecting;
    passed_on_ = true;
    head.headers.add(http::Field::expect, "100-continue");
  }
  ~Expectation() { met(); }
  Expectation(const Expectation&) = delete;
  Expectation& operator=(const Expectation&) = delete;
  // The origin has answered, or does not.
  void met() {
    if (std::exchange(passed_on_, false)) --site_.expecting;
  }

 private:
  Site& site_;
  bool passed_on_ = false;
};

}  // namespace tenfold::edge
