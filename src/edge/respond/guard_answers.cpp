#include "edge/respond/guard_answers.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>

#include "edge/admit/gatekeeper.hpp"
#include "edge/guard_rooms.hpp"
#include "edge/respond/own_cookie.hpp"
#include "edge/respond/respond.hpp"
#include "guard/challenge/clear_request.hpp"
#include "guard/pages/pages.hpp"

namespace tenfold::edge {

using guard::Level;
using guard::Prefix;
using http::BodyEnd;
using http::Field;

namespace {

Prefix network_of(const Visit& visit) { return Prefix::of(visit.client.address, Level::network); }
WallTime wall_now(const Visit& visit) { return visit.site.loop.clock().wall_now(); }
const guard::TokenKeys& keys_of(const Visit& visit) { return *visit.guard->state->keys; }
Random& random_of(const Visit& visit) { return visit.site.guard_memory->random; }

template <class Opened>
bool is_elsewhere(const Opened& opened) {
  return !opened && opened.error() == guard::TokenFault::other_network;
}

void add_clearance(Visit& visit, http::Headers& headers, const guard::Clearance& clearance) {
  const std::string value = guard::with_those_of_elsewhere(
      guard::seal(keys_of(visit), clearance, network_of(visit)), visit.own_cookies.clearance,
      [&](std::string_view other) {
        return is_elsewhere(guard::open_clearance(keys_of(visit), other, network_of(visit), wall_now(visit)));
      });
  add_own_cookie(visit, headers, guard::clearance_cookie, value, clearance.expires - clearance.issued);
}

void add_place(Visit& visit, http::Headers& headers, const guard::Place& place) {
  const std::string value = guard::with_those_of_elsewhere(
      guard::seal(keys_of(visit), place, network_of(visit)), visit.own_cookies.place, [&](std::string_view other) {
        return is_elsewhere(guard::open_place(keys_of(visit), other, network_of(visit), wall_now(visit)));
      });
  add_own_cookie(visit, headers, guard::place_cookie, value, guard::Place::life);
}

std::uint64_t any_id(Visit& visit) { return random_of(visit).next(); }

net::Task<void> redirect(Visit& visit, int status, std::string to, const guard::Clearance* clearance) {
  http::ResponseHead head;
  head.status = status;
  head.headers.add(Field::location, to);
  head.headers.add(Field::cache_control, "no-store");
  if (clearance != nullptr) {
    add_clearance(visit, head.headers, *clearance);
    visit.guard_answer = GuardAnswer::cleared;
  }
  auto sent = co_await visit.exchange.send(head, {}, BodyEnd::last, visit.write_deadline());
  static_cast<void>(sent);
}

// What all pages of the guard say of themselves.
void add_page_fields(const guard::GuardPage& page, http::Headers& headers) {
  headers.add(Field::content_type, page.content_type);
  headers.add(Field::cache_control, "no-store");
  headers.add(Field::vary, "Accept, Accept-Language, Sec-Fetch-Dest, Sec-Fetch-Mode, X-Requested-With");
  headers.add("Content-Language", page.content_language);
  if (!page.content_security_policy.empty()) {
    headers.add("Content-Security-Policy", page.content_security_policy);
  }
  headers.add("Referrer-Policy", "same-origin");
}

net::Task<void> send_page(Visit& visit, http::ResponseHead& head, std::string_view body) {
  const bool is_head = visit.request().method == http::Method::head;
  auto sent =
      co_await visit.exchange.send(head, is_head ? std::string_view() : body, BodyEnd::last, visit.write_deadline());
  static_cast<void>(sent);
}

guard::Asked asked_of(const Visit& visit) { return guard::asked(visit.request().method); }

net::Task<void> send_challenge(Visit& visit, std::string_view to) {
  const auto challenge =
      visit.site.guard_rooms->challenges.issue(keys_of(visit), network_of(visit), random_of(visit), wall_now(visit));
  const guard::ChallengeOffer offer{.seed = challenge.seed, .bits = challenge.bits, .to = to, .asked = asked_of(visit)};
  const http::Headers& wishes = visit.request().headers;
  const guard::GuardPage page =
      visit.guard->rules->pages->challenge(guard::page_format(wishes), http::preferred_language(wishes), offer);
  const std::string field = guard::challenge_field(offer);
  http::ResponseHead head;
  head.status = 503;
  head.headers.add(Field::tenfold_challenge, field);
  add_page_fields(page, head.headers);
  ++visit.site.gatekeeper->window().challenges_shown;
  visit.guard_answer = GuardAnswer::challenged;
  co_await send_page(visit, head, page.body);
}

net::Task<void> send_place(Visit& visit, std::string_view to, const guard::RoomAnswer& answer) {
  const guard::QueuePlace place{
      .ahead = answer.ahead, .eta = answer.eta, .retry_after = answer.retry_after, .to = to, .asked = asked_of(visit)};
  const http::Headers& wishes = visit.request().headers;
  const guard::GuardPage page =
      visit.guard->rules->pages->waiting(guard::page_format(wishes), http::preferred_language(wishes), place);
  const std::string retry_after = fmt::to_string(answer.retry_after.count());
  const std::string field = guard::queue_field(place);
  http::ResponseHead head;
  head.status = 503;
  head.headers.add(Field::retry_after, retry_after);
  head.headers.add(Field::tenfold_queue, field);
  add_page_fields(page, head.headers);
  add_place(visit, head.headers, answer.place);
  ++visit.site.gatekeeper->window().places_shown;
  if (visit.guard_answer == GuardAnswer::none) visit.guard_answer = GuardAnswer::waiting;
  co_await send_page(visit, head, page.body);
}

std::optional<guard::Place> place_of(const Visit& visit) {
  const auto open = [&](std::string_view value) -> std::optional<guard::Place> {
    const auto place = guard::open_place(keys_of(visit), value, network_of(visit), wall_now(visit));
    return place ? std::optional(*place) : std::nullopt;
  };
  return guard::best_good(visit.own_cookies.place, open, [](const guard::Place& one, const guard::Place& other) {
    return one.refreshed > other.refreshed;
  });
}

// `seed`: of the challenge that it comes from; empty: it comes from none.
guard::RoomAnswer ask_room(Visit& visit, std::string_view seed) {
  guard::WaitingRoom& room = visit.site.guard_rooms->waiting;
  const WallTime now = wall_now(visit);
  // A cookie that anybody gets says nothing more of it than its network does.
  const std::uint64_t bearer = visit.guarded.standing <= guard::Standing::cleared ? visit.guarded.bearer : 0;
  const guard::RoomVisitor visitor{.network = network_of(visit), .bearer = bearer};
  if (const auto place = place_of(visit)) return room.look(*place, visitor, now);
  if (const auto place = guard::place_since(keys_of(visit), seed, visitor.network, now)) {
    return room.join_since(*place, visitor, now);
  }
  return room.join(random_of(visit), now);
}

// enters: where whoever is let in is sent, and how; waits: where the page of the others leads back to.
struct Ways {
  int status = 303;
  std::string enters;
  std::string waits;
};

// Whoever is let in already waits for a place at an origin only, and is not sent in a circle.
guard::RoomAnswer come_again(Visit& visit) {
  constexpr std::chrono::seconds soon(2);
  const WallTime now = wall_now(visit);
  return {.place = {.id = any_id(visit),
                    .ticket = std::chrono::floor<std::chrono::milliseconds>(now),
                    .refreshed = std::chrono::floor<std::chrono::seconds>(now)},
          .retry_after = soon};
}

net::Task<void> wait_or_enter(Visit& visit, Ways ways, std::string_view seed = {}) {
  const guard::RoomAnswer answer = visit.guarded.is_cleared ? come_again(visit) : ask_room(visit, seed);
  if (answer.turn == guard::Turn::wait) {
    co_await send_place(visit, ways.waits, answer);
    co_return;
  }
  const guard::Clearance clearance = guard::clearance_for_waiting(answer.place, wall_now(visit));
  auto entering = redirect(visit, ways.status, std::move(ways.enters), &clearance);
  co_await std::move(entering);
}

net::Task<void> answer_solution(Visit& visit) {
  const guard::ClearRequest asked = guard::read_clear_query(visit.request().query());
  const std::string& to = asked.to;
  if (visit.guarded.is_cleared) {
    auto going = redirect(visit, 303, to, nullptr);
    co_await std::move(going);
    co_return;
  }
  const guard::Solution solution = visit.site.guard_rooms->challenges.check(
      keys_of(visit), asked.seed, asked.nonce, network_of(visit), neighbours_of(visit), wall_now(visit));
  switch (guard::answer_to(solution)) {
    case guard::ClearAnswer::go_on: {
      auto going = redirect(visit, 303, to, nullptr);
      co_await std::move(going);
      break;
    }
    case guard::ClearAnswer::grant: {
      ++visit.site.gatekeeper->window().challenges_solved;
      visit.guarded.has_solved = true;
      visit.site.guard_memory->shown.solved(visit.client.address);
      const guard::Clearance clearance = guard::clearance_for_solution(any_id(visit), wall_now(visit));
      auto going = redirect(visit, 303, to, &clearance);
      co_await std::move(going);
      break;
    }
    case guard::ClearAnswer::challenge: {
      if (visit.guard->rules->without.challenge) {  // a page from before it was so
        auto going = redirect(visit, 303, to, nullptr);
        co_await std::move(going);
      } else {
        co_await send_challenge(visit, to);
      }
      break;
    }
    case guard::ClearAnswer::wait: {  // its network has had its clearances: there is another way in
      auto waiting = wait_or_enter(visit, Ways{303, to, to});
      co_await std::move(waiting);
      break;
    }
  }
}

// A form that was sent is sent again by the browser, a page is asked for.
int way_in(const Visit& visit) { return http::is_safe(visit.request().method) ? 303 : 307; }

}  // namespace

net::Task<void> answer_with_challenge(Visit& visit) {
  // Who waits its turn goes on waiting, and is not asked anew each time that its page looks. Whose network has had its
  // clearances has to wait in any case, and ignores nothing by that.
  if (place_of(visit) ||
      visit.site.guard_rooms->challenges.is_rationed(network_of(visit), neighbours_of(visit), wall_now(visit))) {
    co_await answer_with_place(visit);
    co_return;
  }
  const bool ignored = visit.site.guard_memory->shown.shown_again(visit.client.address, visit.now());
  if (ignored) ++visit.site.gatekeeper->window().challenges_ignored;
  visit.guarded.has_ignored = ignored;
  const std::string to = guard::way_back(visit.request());
  co_await send_challenge(visit, to);
}

net::Task<void> answer_with_place(Visit& visit) {
  return wait_or_enter(
      visit, Ways{way_in(visit), guard::local_path(visit.request().target), guard::way_back(visit.request())});
}

bool is_guards_own(std::string_view path) { return path == guard::clear_path || path == guard::wait_path; }

net::Task<void> answer_guards_own(Visit& visit, std::string_view path) {
  if (visit.guard->mode() == GuardMode::off || visit.site.guard_rooms == nullptr) {
    co_await answer_with_error(visit, 404);
    co_return;
  }
  if (visit.request().method != http::Method::get && visit.request().method != http::Method::head) {
    co_await answer_with_error(visit, 405);
    co_return;
  }
  find_standing(visit, path);
  visit.guarded.is_for_guard = true;
  if (path == guard::clear_path) {
    co_await answer_solution(visit);
    co_return;
  }
  guard::ClearRequest asked = guard::read_clear_query(visit.request().query());
  if (visit.guarded.is_cleared) {
    auto going = redirect(visit, 303, std::move(asked.to), nullptr);
    co_await std::move(going);
    co_return;
  }
  auto waiting = wait_or_enter(visit, Ways{303, asked.to, asked.to}, asked.seed);
  co_await std::move(waiting);
}

}  // namespace tenfold::edge
