#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "oncall/escalate/alert.hpp"
#include "oncall/outbox/send_state.hpp"

namespace tenfold::oncall {

// One order on its way: a row of the outbox, in memory and on disk. A plain value.
struct Send {
  std::string key;  // of its order: the same on every try
  Order order;
  SendState state = SendState::pending;
  std::string by;            // the channel that tries, tried last, or is to try next; empty: none yet
  unsigned attempts = 0;     // tries that were begun, by any channel
  unsigned rounds = 0;       // how often all channels of its kind have failed one after the other
  unsigned unanswered = 0;   // busy, or nobody picked up
  bool may_help = false;     // in this round, a channel said that another try may help
  bool told_failed = false;  // the alert book has heard that it did not get through
  WallTime created_at{};
  std::optional<WallTime> changed_at;
  std::optional<WallTime> tried_at;     // when the last try was begun
  std::optional<WallTime> next_try_at;  // of a pending one
  std::string provider_id;
  std::string detail;   // in words
  std::string trouble;  // what last kept it from getting through, if anything did: "sip: wrong password"
  bool operator==(const Send&) const = default;
};

}  // namespace tenfold::oncall
