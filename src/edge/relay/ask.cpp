#include "edge/relay/ask.hpp"

#include <string_view>
#include <utility>

#include "edge/admit/gatekeeper.hpp"
#include "edge/complaints.hpp"
#include "edge/forward/forwarding.hpp"

namespace tenfold::edge {

namespace {

// One of no bytes means nothing to a safe method (RFC 9110, 9.3.1); for others its length is said.
bool sends_body(const Visit& visit) {
  const http::BodyLength length = visit.exchange.body_length();
  if (length.kind == http::BodyLength::Kind::known) return length.bytes > 0 || !http::is_safe(visit.request().method);
  return length.kind == http::BodyLength::Kind::unknown;
}

}  // namespace

origin::FetchRequest fetch_request(Visit& visit, http::RequestHead& head, origin::RequestBody* body,
                                   origin::InterimSink* interim, net::CancelToken cancel) {
  origin::FetchRequest request{.head = head,
                               .route = visit.route,
                               .deadline = visit.answer_deadline(),
                               .last_resort_deadline = visit.began + visit.policy->last_resort_patience};
  if (sends_body(visit)) {
    request.body = body;
    request.body_length = visit.exchange.body_length();
  }
  request.body_timeout = visit.policy->limits.body_timeout;
  request.gather_bytes = visit.policy->gather_bytes;
  request.interim = interim;
  request.cancel = cancel;
  request.claim = {.kind = origin::Claim::Kind::relay,
                   .client = client_label(visit.client.address),
                   .rank = static_cast<std::uint8_t>(visit.guarded.rank),
                   .standing = static_cast<std::uint8_t>(visit.guarded.standing),
                   .weight = visit.guarded.weight,
                   .flow = visit.guarded.flow,
                   .goes_on = goes_on(visit.guarded),
                   .kind_of_work = visit.guarded.kind_of_work};
  if (const Gatekeeper* const gatekeeper = visit.site.gatekeeper) {
    visit.exchange.set_departure_grace(gatekeeper->departure_grace(request.claim, *visit.route));
  }
  request.most_uploads = visit.guard->uploads_per_client;
  const std::string_view cookie = visit.route->sticky_cookie;
  if (!cookie.empty()) request.sticky = find_cookie(visit.request().headers, cookie);
  return request;
}

void note_origin(Visit& visit, const origin::Fetched& fetched) {
  visit.origin_time += fetched.origin_time();
  visit.asked = fetched.route();
  visit.origin_server = &fetched.server();
  visit.attempts += fetched.attempts();
}

void note_failure(Visit& visit, const origin::FetchFailure& failure, int status) {
  visit.origin_time += failure.origin_time;
  if (failure.server != nullptr) {
    visit.asked = failure.route;
    visit.origin_server = failure.server;
  }
  visit.attempts += failure.attempts;
  // What a client's own connection or body made fail is no news; that it is denied something is.
  if (failure.side == origin::FetchFailure::Side::client && status != 429) return;
  visit.origin_error = visit.arena().copy(failure.cause);
  if (status != 0) complain(visit, status);
}

cache::Failure failure_kind(const origin::FetchFailure& failure) {
  const bool silent = failure.server != nullptr && failure.server->marks().has(origin::Mark::silent);
  if (silent && failure.error.code == Errc::timed_out) return cache::Failure::unreachable;
  switch (failure.error.code) {
    case Errc::unreachable:
    case Errc::refused:
    case Errc::exhausted:
    case Errc::busy: return cache::Failure::unreachable;
    default: return cache::Failure::unanswered;
  }
}

net::Task<void> let_go(origin::Fetched& fetched) {
  if (fetched.uploading()) co_await fetched.finish();
  const origin::Fetched done = std::move(fetched);
}

}  // namespace tenfold::edge
