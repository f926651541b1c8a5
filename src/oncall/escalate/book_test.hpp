#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
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

// A book at a moment that the tests move on.
class BookTest : public testing::Test {
 protected:
  const Alert& alert(std::int64_t id = 1) const { return book_.alerts().at(id); }
  Alert::State state(std::int64_t id = 1) const { return alert(id).state; }
  std::vector<std::string> begin(const Trouble& trouble) { return told(book_.trouble(trouble, now_)); }
  // What is told from now until then, tick by tick.
  std::vector<std::string> until(Duration later) {
    const WallTime end = now_ + later;
    std::vector<std::string> all;
    while (const auto next = book_.next_tick()) {
      if (*next > end) break;
      now_ = std::max(now_, *next);
      const auto some = told(book_.tick(now_));
      all.insert(all.end(), some.begin(), some.end());
      EXPECT_TRUE(!book_.next_tick() || *book_.next_tick() > now_);
    }
    now_ = end;
    return all;
  }

  WallTime now_ = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  AlertBook book_{test_plan()};
};

}  // namespace tenfold::oncall
