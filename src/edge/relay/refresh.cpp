#include "edge/relay/refresh.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

#include "edge/complaints.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/relay/ask.hpp"
#include "edge/relay/intake.hpp"
#include "edge/relay/pass_on.hpp"
#include "edge/respond/respond.hpp"

namespace tenfold::edge {

using cache::FillVerdict;

namespace {

enum class Refreshed : std::uint8_t { done, ask_again };

void complain_of_refresh(Site& site, const KeptRequest& request, const origin::Server* server, std::uint32_t attempts,
                         std::string_view cause) {
  site.complaints.tell(
      site.loop.now(),
      {.what = "refreshing", .path = request.head.path(), .server = server, .cause = cause, .attempts = attempts});
}

net::Task<Refreshed> refresh_once(Site& site, const Policy& policy, const origin::RouteRef& route,
                                  const ClientFacts& client, net::IpAddress peer, KeptRequest& request,
                                  cache::Fill& fill) {
  http::RequestHead head;
  make_origin_head(request.head, client, peer, policy.via, head, request.arena);
  fill.prepare(head);
  origin::FetchRequest wanted{.head = head, .route = route, .deadline = site.loop.now() + policy.limits.answer_timeout};
  wanted.claim.kind = origin::Claim::Kind::refresh;
  wanted.claim.rank = static_cast<std::uint8_t>(guard::Rank::last);  // nobody waits for it
  cache::FetchTimes times;
  times.sent = site.loop.now();
  auto fetching = site.upstreams.fetch(std::move(wanted));
  auto fetched = co_await std::move(fetching);
  if (!fetched) {
    const origin::FetchFailure& failure = fetched.error();
    if (status_of(failure) != 0) complain_of_refresh(site, request, failure.server, failure.attempts, failure.cause);
    fill.fail(failure_kind(failure));
    co_return Refreshed::done;
  }
  times.received = site.loop.now();
  times.received_wall = site.loop.clock().wall_now();
  switch (fill.head(request.head, fetched->head(), fetched->body_length(), times)) {
    case FillVerdict::store: break;
    case FillVerdict::not_modified: fill.finish(); co_return Refreshed::done;
    case FillVerdict::serve_stale: fill.fail(); co_return Refreshed::done;
    case FillVerdict::refetch: co_return Refreshed::ask_again;
    case FillVerdict::pass:
    case FillVerdict::unusable: co_return Refreshed::done;
  }
  const origin::RouteRef asked = fetched->route();  // keeps the server alive
  const origin::Server* const server = &fetched->server();
  const std::uint32_t attempts = fetched->attempts();
  Intake intake(site.loop, policy.limits.stream_timeout, std::move(*fetched), fill, {});
  intake.end_by(site.loop.now() + policy.longest_refresh);
  intake.take_ready();
  co_await intake.run();
  if (intake.state() == Intake::State::broken) {
    complain_of_refresh(site, request, server, attempts, cut_short(intake.error()));
  }
  co_return Refreshed::done;
}

}  // namespace

net::Task<void> refresh(Site& site, std::shared_ptr<const Policy> policy, origin::RouteRef route, ClientFacts client,
                        net::IpAddress peer, std::unique_ptr<KeptRequest> request, cache::Fill fill) {
  auto refreshed = co_await refresh_once(site, *policy, route, client, peer, *request, fill);
  // As in relay(): a 304 about something else than what is stored.
  if (refreshed == Refreshed::ask_again)
    refreshed = co_await refresh_once(site, *policy, route, client, peer, *request, fill);
}

}  // namespace tenfold::edge
