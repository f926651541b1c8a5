#include "edge/admit/remember.hpp"

#include <optional>
#include <string_view>

#include "base/guarded.hpp"
#include "edge/admit/gatekeeper.hpp"
#include "edge/guard_rooms.hpp"
#include "edge/respond/own_cookie.hpp"
#include "guard/challenge/ration.hpp"
#include "guard/subject.hpp"
#include "guard/token/tokens.hpp"

namespace tenfold::edge {

using guard::Deed;
using guard::FirstSeen;

namespace {

bool is_html(const http::ResponseHead& answer) {
  return answer.headers.find(http::Field::content_type).value_or("").starts_with("text/html");
}

// The deed that the origin has just confirmed.
std::optional<Deed> deed_of(const Visit& visit, int status) {
  const bool confirmed = status >= 200 && status < 400 && !http::is_safe(visit.request().method);
  if (!confirmed) return {};
  if (visit.guarded.is_order) return Deed::order;
  if (visit.guarded.above_rest) return Deed::cart;
  return {};
}

// Whoever keeps it for others would hand our cookie to all of them: what a cache on the way may store carries none.
bool is_shared(const http::ResponseHead& answer) {
  using http::Field;
  const auto says = [&](std::string_view word) {
    return http::has_element(answer.headers, Field::cache_control, word);
  };
  if (says("private") || says("no-store") || says("no-cache")) return false;
  const std::string_view control = answer.headers.find(Field::cache_control).value_or("");
  return says("public") || control.find("max-age") != std::string_view::npos ||
         control.find("s-maxage") != std::string_view::npos || answer.headers.has(Field::cdn_cache_control) ||
         answer.headers.has(Field::expires) || answer.headers.has(Field::last_modified) ||
         answer.headers.has(Field::etag);
}

// Its network has not had too many of them of late: cookies for the asking, and deeds, which cost somebody who knows
// the shop's forms nothing.
bool takes_one_of(Guarded<guard::Ration>& rationed, const Visit& visit, WallTime now) {
  const auto network = guard::Prefix::of(visit.client.address, guard::Level::network);
  return rationed.with([&](guard::Ration& ration) { return ration.take(network, neighbours_of(visit), now); });
}

}  // namespace

void remember_visitor(Visit& visit, http::ResponseHead& answer) {
  GuardFacts& facts = visit.guarded;
  if (visit.guard->mode() == GuardMode::off || !facts.known_yet || visit.client.credential == Credential::rehearsal) {
    return;
  }
  const WallTime now = visit.site.loop.clock().wall_now();
  const auto deed = deed_of(visit, answer.status);
  if (deed == Deed::order) ++visit.site.gatekeeper->window().orders_seen;
  if (facts.standing == guard::Standing::allowed) return;
  if (deed == Deed::order) visit.site.gatekeeper->window().note_order(visit.client.address);
  GuardRooms& rooms = *visit.site.guard_rooms;
  const bool new_deed = deed && !(facts.seen && facts.seen->deeds.has(*deed)) && takes_one_of(rooms.deeds, visit, now);
  const bool is_due = facts.seen ? guard::should_renew(*facts.seen, now) : is_html(answer);
  if ((!new_deed && !is_due) || is_shared(answer)) return;
  if (!facts.seen && !new_deed && !takes_one_of(rooms.first_seen, visit, now)) return;
  FirstSeen seen = facts.seen ? guard::renewed(*facts.seen, now)
                              : guard::first_seen_now(visit.site.guard_memory->random.next(), now);
  if (new_deed) seen.deeds.add(*deed);
  add_own_cookie(visit, answer.headers, guard::first_seen_cookie, guard::seal(*visit.guard->state->keys, seen),
                 FirstSeen::life, FromOtherSites::always);
}

}  // namespace tenfold::edge
