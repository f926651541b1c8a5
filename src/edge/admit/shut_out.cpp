#include "edge/admit/shut_out.hpp"

#include <string_view>

#include "edge/admit/gatekeeper.hpp"
#include "http/normal_path.hpp"

namespace tenfold::edge {

namespace {

bool is_denied(const Visit& visit, const GuardRules& rules) {
  const auto& lists = visit.guard->state->lists;
  if (lists != nullptr && lists->deny.contains(visit.client.address)) return true;
  return rules.deny.match(visit.client.address, visit.request(), {}).has_value();
}

bool is_let_be(Visit& visit, const GuardRules& rules) {
  const auto& lists = visit.guard->state->lists;
  if (lists != nullptr && lists->allow.contains(visit.client.address)) return true;
  const std::string_view path = http::normal_path(visit.request().path(), visit.arena());
  return rules.allow.match(visit.client.address, visit.request(), path).has_value();
}

}  // namespace

bool is_shut_out(Visit& visit) {
  const GuardMode mode = visit.guard->mode();
  if (mode == GuardMode::off || visit.site.gatekeeper == nullptr) return false;
  const GuardRules& rules = *visit.guard->rules;
  if (!is_denied(visit, rules) || is_let_be(visit, rules)) return false;
  ++visit.site.gatekeeper->window().denied;
  visit.guarded.standing = guard::Standing::suspect;
  if (visit.site.burnt_watch != nullptr) visit.site.burnt_watch->charge_turned_down(visit);
  return mode == GuardMode::enforce;
}

}  // namespace tenfold::edge
