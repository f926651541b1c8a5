#include "edge/relay/failed.hpp"

#include <utility>

#include "edge/relay/ask.hpp"
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

}  // namespace

net::Task<void> answer_failure(Visit& visit, const origin::FetchFailure& failure, cache::Fill& fill) {
  const int status = status_of(failure);
  note_failure(visit, failure, status);
  if (failure.side == origin::FetchFailure::Side::client) {
    // Nobody else's business: the fetch goes to one who waits for it.
    fill = {};
    if (status != 0) co_await answer_with_error(visit, status);
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
