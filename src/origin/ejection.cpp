#include "origin/ejection.hpp"

#include <algorithm>

namespace tenfold::origin {

namespace {

using Cause = EjectionDecision::Cause;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// What all the others of the pool answer badly, as a share: a fault that all have is not one server's.
double error_share_of_others(std::span<const EjectionSample> pool, std::size_t except) {
  std::uint64_t answers = 0;
  std::uint64_t errors = 0;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (i == except) continue;
    answers += pool[i].answers;
    errors += pool[i].server_errors;
  }
  return share(errors, answers);
}

Cause cause_to_eject(std::span<const EjectionSample> pool, std::size_t server, const EjectionPolicy& policy) {
  const EjectionSample& sample = pool[server];
  const auto reached = [](std::uint32_t count, std::uint32_t limit) { return limit != 0 && count >= limit; };
  if (reached(sample.failures_in_row, policy.consecutive_failures)) return Cause::failures;
  const double own = share(sample.server_errors, sample.answers);
  const double others = error_share_of_others(pool, server);
  const bool stands_out = own >= 2 * others;
  if (reached(sample.server_errors_in_row, policy.consecutive_5xx) && stands_out) return Cause::server_errors_in_row;
  if (sample.answers >= policy.error_volume && own >= policy.error_share && stands_out) return Cause::error_share;
  return Cause::none;
}

EjectionRecord ejected(EjectionRecord record, const EjectionPolicy& policy, TimePoint now) {
  if (record.in_row != 0 && now - record.returned >= policy.max_ejection) record.in_row = 0;
  ++record.in_row;
  record.ejected = true;
  record.until = now + std::min(policy.base_ejection * record.in_row, policy.max_ejection);
  return record;
}

EjectionRecord brought_back(EjectionRecord record, TimePoint now) {
  record.ejected = false;
  record.returned = now;
  return record;
}

}  // namespace

std::vector<EjectionDecision> judge(std::span<const EjectionSample> pool, const EjectionPolicy& policy, TimePoint now) {
  std::vector<EjectionDecision> decisions;
  std::vector<EjectionDecision> wishes;
  std::size_t out = 0;
  std::size_t staying = 0;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    const EjectionSample& sample = pool[i];
    if (sample.record.ejected && now >= sample.record.until) {
      decisions.push_back({EjectionDecision::Act::bring_back, Cause::none, i, brought_back(sample.record, now)});
      if (!sample.down) ++staying;
    } else if (sample.record.ejected) {
      ++out;
    } else if (!sample.down) {
      ++staying;
      const Cause cause = cause_to_eject(pool, i, policy);
      if (cause != Cause::none) {
        wishes.push_back({EjectionDecision::Act::eject, cause, i, ejected(sample.record, policy, now)});
      }
    }
  }
  std::stable_sort(wishes.begin(), wishes.end(), [&](const EjectionDecision& a, const EjectionDecision& b) {
    const EjectionSample& x = pool[a.server];
    const EjectionSample& y = pool[b.server];
    if (x.failures_in_row != y.failures_in_row) return x.failures_in_row > y.failures_in_row;
    return share(x.server_errors, x.answers) > share(y.server_errors, y.answers);
  });
  const auto cap = static_cast<std::size_t>(policy.max_ejected_share * static_cast<double>(pool.size()) + 1e-9);
  for (const EjectionDecision& wish : wishes) {
    if (out >= cap || staying <= 1) break;
    ++out;
    --staying;
    decisions.push_back(wish);
  }
  return decisions;
}

ServerTotals OutcomeWindow::advance(const ServerTotals& totals, TimePoint now) {
  while (steps_.size() > 1 && now - steps_[1].at >= length_) steps_.pop_front();
  if (steps_.empty() || now - steps_.back().at >= length_ / 20) steps_.push_back({now, totals});
  const ServerTotals& then = steps_.front().totals;
  return {.answers = totals.answers - then.answers,
          .server_errors = totals.server_errors - then.server_errors,
          .own_errors = totals.own_errors - then.own_errors,
          .no_connection = totals.no_connection - then.no_connection,
          .no_answer = totals.no_answer - then.no_answer,
          .broken = totals.broken - then.broken};
}

}  // namespace tenfold::origin
