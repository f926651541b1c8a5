#include "oncall/escalate/act_outcomes.hpp"

#include <algorithm>

namespace tenfold::oncall {
namespace {

using ActKind = ActOutcome::Kind;

bool is_over(const BeforeAct& before) {
  return before.was == BeforeAct::Was::unknown || before.state == Alert::State::over;
}

ActOutcome of_another(const BeforeAct& before) {
  return {.kind = ActKind::taken_by_another, .by = before.acknowledged_by};
}

}  // namespace

BeforeAct seen_before_act(const AlertBook& book, std::int64_t alert, const std::string& by) {
  const auto found = book.alerts().find(alert);
  if (found == book.alerts().end()) return {};
  const Alert& seen = found->second;
  BeforeAct before{.was = BeforeAct::Was::known, .state = seen.state, .acknowledged_by = {}};
  before.passed_on = book.has_passed_on(alert, by);
  if (seen.state == Alert::State::acknowledged) before.acknowledged_by = seen.acknowledged_by;
  return before;
}

ActOutcome outcome_of_acknowledging(const AlertBook& book, std::int64_t alert, const BeforeAct& before,
                                    const std::string& by) {
  if (is_over(before)) return {.kind = ActKind::over};
  if (find_outside_party(book.plan(), by) != nullptr) {
    return {.kind = before.state == Alert::State::ringing ? ActKind::party_notes : ActKind::party_is_noted};
  }
  if (book.alerts().at(alert).kind == Alert::Kind::drill) return {.kind = ActKind::drill_passed};
  if (before.state == Alert::State::settling) return {.kind = ActKind::theirs_if_it_comes_back};
  if (before.state != Alert::State::acknowledged) return {.kind = ActKind::taken};
  return before.acknowledged_by == by ? ActOutcome{.kind = ActKind::taken_already} : of_another(before);
}

ActOutcome outcome_of_passing_on(const AlertBook& book, std::int64_t alert, const BeforeAct& before,
                                 const std::string& by, const std::vector<Order>& orders, WallTime now) {
  if (is_over(before)) return {.kind = ActKind::over};
  const bool by_party = find_outside_party(book.plan(), by) != nullptr;
  if (by_party && before.state == Alert::State::ringing) return {.kind = ActKind::party_declines};
  if (before.state == Alert::State::settling) return {.kind = ActKind::nothing_is_wrong};
  if (before.state == Alert::State::acknowledged && before.acknowledged_by != by) return of_another(before);
  const Alert& after = book.alerts().at(alert);
  if (after.state == Alert::State::silenced || after.state == Alert::State::resting)
    return {.kind = ActKind::nobody_is_rung};
  if (before.state == Alert::State::ringing && before.passed_on) return {.kind = ActKind::passed_on_already};
  const bool is_drill = after.kind == Alert::Kind::drill;
  if (!orders.empty()) {
    const bool wakes =
        std::ranges::any_of(orders, [](const Order& order) { return is_loud(order.recipient.contact.channel); });
    return {.kind = is_drill ? ActKind::drill_goes_on : wakes ? ActKind::next_is_called : ActKind::next_is_written_to};
  }
  if (is_drill) return {.kind = ActKind::drill_fails};
  const WallTime next = book.next_tick(alert).value_or(now);
  return {.kind = ActKind::nobody_is_left, .by = {}, .again_in = std::max<Duration>(next - now, Duration::zero())};
}

}  // namespace tenfold::oncall
