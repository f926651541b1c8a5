#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "oncall/channels/act_outcome.hpp"
#include "oncall/escalate/alert_book.hpp"

// What a person's act has led to, from what the alert was before it and what it is now. Pure.
namespace tenfold::oncall {

struct BeforeAct {
  enum class Was : std::uint8_t { unknown, known } was = Was::unknown;
  Alert::State state = Alert::State::over;
  std::string acknowledged_by;  // while somebody has it
  bool passed_on = false;       // by the same person, in this round
};
BeforeAct seen_before_act(const AlertBook& book, std::int64_t alert, const std::string& by);

ActOutcome outcome_of_acknowledging(const AlertBook& book, std::int64_t alert, const BeforeAct& before,
                                    const std::string& by);
// `orders`: what the book has ordered by it.
ActOutcome outcome_of_passing_on(const AlertBook& book, std::int64_t alert, const BeforeAct& before,
                                 const std::string& by, const std::vector<Order>& orders, WallTime now);

}  // namespace tenfold::oncall
