#include "app/alarm_service/facts.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "app/alarm_service/api_json.hpp"
#include "oncall/people/roster.hpp"

namespace tenfold::app {
namespace {

void add_proofs(const std::string& store_file, ready::Facts& facts) {
  std::error_code error;
  // Looking must not make a store.
  if (store_file.empty() || !std::filesystem::exists(store_file, error)) return;
  auto database = store::Database::open(store_file);
  if (!database) return;
  auto book = ready::EvidenceBook::open(**database);
  if (!book) return;
  facts.rehearsal = book->latest("rehearsal").value_or(std::nullopt);
  facts.limit = book->latest("rehearsal-limit").value_or(std::nullopt);
  facts.drill_phone = book->latest("drill-phone").value_or(std::nullopt);
}

void add_plan(const oncall::Plan& plan, WallTime now, ready::Facts& facts) {
  facts.people = plan.people.size();
  for (const oncall::Person& person : plan.people) {
    for (const oncall::Contact& contact : person.contacts) facts.can_ring |= oncall::is_loud(contact.channel);
  }
  for (const oncall::Hole& hole : oncall::holes(plan, now, now + weeks_ahead)) {
    facts.holes.push_back(hole_text(plan, hole));
  }
  facts.outside_parties = plan.outside_parties.size();
  facts.unconfirmed = oncall::unconfirmed(plan, now);
}

}  // namespace

ready::Facts readiness_facts(const oncall::Plan& plan, const watch::View* checks, const std::string& store_file,
                             WallTime now) {
  ready::Facts facts;
  add_proofs(store_file, facts);
  add_plan(plan, now, facts);
  if (checks == nullptr) return facts;
  facts.checks = checks->checks.size();
  for (const watch::CheckView& check : checks->checks) {
    if (check.state == watch::State::down) facts.down.push_back(check.name);
  }
  return facts;
}

}  // namespace tenfold::app
