#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "oncall/escalate/alert.hpp"

namespace tenfold::oncall {

// How far an alert's ringing has come: what the book needs to go on, and nobody else. A plain value. Of an alert that
// is over only `told`, `failed`, `reached` and `end` are left, for what is told of its end.
//
// A ringing goes through the steps of the escalation once and then `repeat` times again: these are its rounds. When it
// is through and nobody has acknowledged, a reminder follows every `remind_every`.
struct Progress {
  WallTime round_began{};
  int round = -1;        // never goes back; from 0 once it rings
  unsigned repeats = 0;  // rounds still to come in this ringing
  std::size_t step = 0;  // the next of this round
  WallTime last_step_at{};
  std::optional<WallTime> remind_at;            // all rounds are done
  std::optional<WallTime> expires_at;           // of the acknowledgement
  std::optional<WallTime> settled_at;           // when it is over, if nothing comes back
  Alert::State before = Alert::State::ringing;  // settling began; never resting
  Alert::State rested_from = Alert::State::ringing;
  bool interrupted = false;  // what waited in this round was dropped: should the ringing go on, it begins anew
  // Who has passed it on, and the last round in which they are left alone.
  std::map<std::string, int> resting;

  // Contacts whose own time is yet to come, in order of it.
  struct Pending {
    WallTime at{};
    Order order;
    bool operator==(const Pending&) const = default;
  };
  std::vector<Pending> pending;
  std::map<std::string, Order> told;     // by key, in this round and the one before it
  std::set<std::string> failed;          // keys of those of `told` that failed for good
  std::vector<std::string> failed_calm;  // those that failed while it settled: passed on if it rings on

  // By which contacts people were told that something is wrong, each once, and what is known of it: they are told the
  // end in the same way. `arrived` is for good; a later failure does not take back what somebody has heard.
  struct Reached {
    Recipient recipient;
    enum class Arrival : std::uint8_t { unknown, arrived, failed } arrival = Arrival::unknown;
    bool operator==(const Reached&) const = default;
  };
  std::vector<Reached> reached;
  // Untold: what it was about goes on in another alert.
  enum class End : std::uint8_t { told, untold } end = End::told;

  void drop_what_is_under_way() {
    pending.clear();
    failed_calm.clear();
    remind_at.reset();
    expires_at.reset();
  }
  bool operator==(const Progress&) const = default;
};

std::string_view name(Progress::Reached::Arrival arrival);  // "arrived"

}  // namespace tenfold::oncall
