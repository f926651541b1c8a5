#include "edge/relay/upgrade.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "edge/complaints.hpp"
#include "edge/forward/forwarded_body.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/relay/ask.hpp"
#include "edge/relay/failed.hpp"
#include "edge/relay/pass_on.hpp"
#include "edge/relay/tunnel.hpp"

namespace tenfold::edge {

using http::Field;

namespace {

// What the origin is asked: only websocket is passed on (see wants_websocket()).
void make_upgrade_head(Visit& visit, http::RequestHead& head) {
  make_origin_head(visit.request(), visit.client, visit.exchange.client().address, visit.policy->via, head,
                   visit.arena());
  head.headers.add(Field::connection, "Upgrade");
  head.headers.add(Field::upgrade, "websocket");
}

net::Task<void> tunnel(Visit& visit, origin::Fetched& fetched, http::ResponseHead& answer) {
  answer.headers.set(Field::upgrade, "websocket");
  auto client = co_await visit.exchange.upgrade(answer, visit.write_deadline());
  if (!client) co_return;
  visit.site.metrics.tunnels.add();
  visit.site.metrics.open_tunnels.add(1);
  auto carrying = carry_both_ways(
      **client, fetched.connection().raw(), visit.policy->limits.tunnel_idle,
      [&](std::optional<std::uint64_t> pace) { return fetched.keep_hold(pace); },
      [&](void (*look)(void*), void* tunnel) { fetched.call_when_hold_is_lost(look, tunnel); },
      [&] { return visit.exchange.burn(http::Chore::tunnel_read); });
  const TunnelEnd end = co_await std::move(carrying);
  if (end == TunnelEnd::not_kept) note_cut(visit, "others had more of a right to its connection to the origin");
  visit.site.metrics.open_tunnels.add(-1);
}

}  // namespace

net::Task<void> relay_upgrade(Visit& visit) {
  visit.cache = {.word = cache::CacheWord::bypass};
  http::RequestHead head;
  make_upgrade_head(visit, head);
  cache::Fill none;
  ForwardedBody body(visit.exchange);
  origin::FetchRequest wanted = fetch_request(visit, head, &body, nullptr, visit.exchange.client_left());
  wanted.claim.kind = origin::Claim::Kind::upgrade;
  auto fetching = visit.site.upstreams.fetch(std::move(wanted));
  auto fetched = co_await std::move(fetching);
  if (!fetched) {
    co_await answer_failure(visit, fetched.error(), none, static_cast<std::uint8_t>(visit.guarded.rank));
    co_return;
  }
  note_origin(visit, *fetched);
  http::ResponseHead answer;
  make_client_head(fetched->head(), answer);
  if (answer.status != 101) {
    co_await pass_on(visit, *fetched, answer);
    if (fetched->uploading()) co_await fetched->finish();
  } else if (agrees_to_websocket(fetched->head())) {
    co_await tunnel(visit, *fetched, answer);
  } else {
    complain(visit, 502, "changed to another protocol than was asked for");
    co_await answer_bad_origin(visit, *fetched, none);
  }
}

}  // namespace tenfold::edge
