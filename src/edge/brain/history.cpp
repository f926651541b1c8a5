#include "edge/brain/history.hpp"

#include "edge/brain/kernel_drops.hpp"

namespace tenfold::edge {

namespace {

bool concerns(const guard::judging::Subject& subject, const net::IpNetwork& network) {
  const auto prefix = prefix_of(subject);
  return prefix && (network.contains(prefix->base) || prefix->contains(network.base()));
}

}  // namespace

void History::follow(const guard::ladder::AuditTrail& trail) {
  if (trail.next_number() == seen_) return;
  for (const guard::ladder::AuditEntry& entry : trail.since(seen_)) steps_.add(entry);
  seen_ = trail.next_number();
}

void History::note(guard::judging::Posture from, const guard::ladder::Plan& to, TimePoint now) {
  if (changes_.size() == most_changes) changes_.pop_front();
  changes_.push_back({.at = now,
                      .from = from,
                      .to = to.posture,
                      .looks_like = std::string(guard::judging::name(to.likeness)),
                      .reasons = to.reasons});
}

History::Found History::find(const Question& question) const {
  Found found{.steps = {}, .changes = {changes_.rbegin(), changes_.rend()}, .total = steps_.next_number()};
  const auto entries = steps_.since(question.since);
  std::uint64_t number = steps_.next_number();
  for (auto entry = entries.rbegin(); entry != entries.rend() && found.steps.size() < question.most; ++entry) {
    --number;
    if (number >= question.before || (question.of && !concerns(entry->subject, *question.of))) continue;
    found.steps.push_back({number, *entry});
  }
  return found;
}

}  // namespace tenfold::edge
