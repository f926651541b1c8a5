#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "oncall/escalate/alert_book.hpp"

// A plan and a clock for tests of the alert book.
namespace tenfold::oncall {

// ada: a call, and an SMS two minutes later; bela: a call and a mail; an internet provider. Steps at 0, 5 and 15 min.
inline Plan test_plan() {
  using namespace std::chrono_literals;
  Plan plan{.shop = "Corner Shop"};
  plan.people = {{.name = "ada", .contacts = {{ChannelKind::call, "+1"}, {ChannelKind::sms, "+1", 2min}}},
                 {.name = "bela", .contacts = {{ChannelKind::call, "+2"}, {ChannelKind::mail, "bela@shop.example"}}}};
  plan.outside_parties = {{.name = "uplink",
                           .is = "internet provider",
                           .customer_number = "K-4711",
                           .office = "+55",
                           .out_of_hours = "+99"}};
  plan.escalations = {
      {.name = "all",
       .steps = {{.notify = {"ada"}}, {.notify = {"bela"}, .after = 5min}, {.notify = {"uplink"}, .after = 15min}},
       .repeat = 2,
       .repeat_after = 10min},
      {.name = "other", .steps = {{.notify = {"bela"}}}, .repeat = 0, .repeat_after = 10min}};
  return plan;
}

inline Trouble critical(std::string source) {
  return {.source = std::move(source), .what = "down: connection refused", .severity = "critical", .escalation = "all"};
}
inline Trouble warning(std::string source) {
  return {.source = std::move(source), .what = "slow", .severity = "warning", .escalation = "all"};
}

// "alert call +1", in order.
inline std::vector<std::string> told(const std::vector<Order>& orders) {
  std::vector<std::string> out;
  for (const Order& order : orders) {
    out.push_back(std::string(name(order.kind)) + ' ' + std::string(name(order.recipient.contact.channel)) + ' ' +
                  order.recipient.contact.to);
  }
  return out;
}

}  // namespace tenfold::oncall
