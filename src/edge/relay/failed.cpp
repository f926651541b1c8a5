#include "edge/relay/failed.hpp"

#include <utility>

#include "edge/relay/ask.hpp"
#include "edge/respond/guard_answers.hpp"
#include "edge/respond/respond.hpp"

namespace tenfold::edge {

namespace {

Trouble trouble_of(const origin::FetchFailure& failure) {
  const bool nobody_there = failure.error.code == Errc::unreachable || failure.error.code == Errc::refused;
  return nobody_there ? Trouble::unreachable : Trouble::usual;
}

net::Task<void> answer_stale_or_error(Visit& visit, cache::EntryPtr stale, int status, Trouble trouble) {
  if (stale) {
    visit.cache.forward = cache::Forward::stale;
    co_await answer_stale(visit, std::move(stale), cache::Stale::Reason::origin_failed);
    co_return;
  }
  visit.site.metrics.origin_failures.add();
  co_await answer_with_error(visit, status, trouble);
}

// There is not enough for everyone, and this one was not served: no server was asked.
bool is_for_want_of_a_place(const Visit& visit, const origin::FetchFailure& failure) {
  return visit.guard->mode() == GuardMode::enforce && visit.site.guard_rooms != nullptr && failure.attempts == 0 &&
         failure.error.code == Errc::exhausted;
}

net::Task<void> answer_stale_or_place(Visit& visit, cache::EntryPtr stale) {
  if (!stale) {
    visit.guard_answer = GuardAnswer::queue_full;
    return answer_with_place(visit);
  }
  visit.cache.forward = cache::Forward::stale;
  return answer_stale(visit, std::move(stale), cache::Stale::Reason::origin_failed);
}

}  // namespace

net::Task<void> answer_failure(Visit& visit, const origin::FetchFailure& failure, cache::Fill& fill,
                               std::uint8_t rank) {
  const int status = status_of(failure);
  note_failure(visit, failure, status);
  if (failure.side == origin::FetchFailure::Side::client) {
    // Nobody else's business: the fetch goes to one who waits for it.
    fill = {};
    if (status != 0) co_await answer_with_error(visit, status);
  } else if (is_for_want_of_a_place(visit, failure)) {
    cache::EntryPtr stale = fill.turn_away(rank);
    co_await answer_stale_or_place(visit, std::move(stale));
  } else if (status != 0) {
    cache::EntryPtr stale = fill.fail(failure_kind(failure));
    co_await answer_stale_or_error(visit, std::move(stale), status, trouble_of(failure));
  }
}

net::Task<void> answer_bad_origin(Visit& visit, origin::Fetched& bad, cache::Fill& fill) {
  co_await let_go(bad);
  cache::EntryPtr stale = fill.fail(cache::Failure::unanswered);
  co_await answer_stale_or_error(visit, std::move(stale), 502, Trouble::usual);
}

}  // namespace tenfold::edge
