#include "edge/relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "cache/policy/conditions.hpp"
#include "edge/forward/forwarded_body.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/respond.hpp"
#include "edge/tunnel.hpp"

namespace tenfold::edge {

using cache::CacheStatus;
using cache::FillVerdict;
using cache::Forward;
using http::BodyEnd;
using http::Field;

namespace {

// Passes 103 (Early Hints) and the like on.
class ForwardInterim final : public origin::InterimSink {
 public:
  explicit ForwardInterim(Visit& visit) : visit_(visit) {}
  net::Task<void> interim(const http::ResponseHead& from_origin) override {
    http::ResponseHead head;
    make_client_head(from_origin, head);
    auto sent = co_await visit_.exchange.send_interim(head, visit_.write_deadline());
    static_cast<void>(sent);  // a client that is gone shows at the final answer
  }

 private:
  Visit& visit_;
};

origin::FetchRequest fetch_request(Visit& visit, http::RequestHead& head, origin::RequestBody* body,
                                   origin::InterimSink* interim) {
  origin::FetchRequest request{
      .head = head, .route = visit.route, .deadline = visit.now() + visit.policy->answer_deadline};
  if (visit.exchange.body_length().kind != http::BodyLength::Kind::none) {
    request.body = body;
    request.body_length = visit.exchange.body_length();
  }
  request.body_timeout = visit.policy->limits.body_timeout;
  request.gather_bytes = visit.policy->gather_bytes;
  request.interim = interim;
  request.cancel = visit.exchange.client_left();
  const std::string_view cookie = visit.route->sticky_cookie;
  if (!cookie.empty()) request.sticky = find_cookie(visit.request().headers, cookie);
  return request;
}

void note_origin(Visit& visit, const origin::Fetched& fetched) {
  visit.origin_time = fetched.origin_time();
  visit.origin_server = fetched.server().name();
  visit.attempts = fetched.attempts();
}

void add_cache_status(Visit& visit, http::Headers& headers, const CacheStatus& status) {
  const std::string_view ours = cache::cache_status_value(status, visit.arena());
  const auto before = headers.find(Field::cache_status);
  headers.set(Field::cache_status, before ? visit.arena().join(*before, std::string_view(", "), ours) : ours);
}

void add_sticky_cookie(Visit& visit, const origin::Fetched& fetched, http::Headers& headers) {
  if (fetched.new_sticky().empty()) return;
  const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(
      fetched.pool().settings.sticky ? fetched.pool().settings.sticky->lifetime : Duration(0));
  const std::string cookie =
      fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax{}{}", visit.route->sticky_cookie, fetched.new_sticky(),
                  visit.client.scheme == Scheme::https ? "; Secure" : "",
                  lifetime.count() > 0 ? fmt::format("; Max-Age={}", lifetime.count()) : std::string());
  headers.add(Field::set_cookie, visit.arena().copy(cookie));
}

// Parts of a body that are here and go out in one write.
struct ReadyParts {
  std::array<net::Buffer, http::ServerExchange::most_parts> buffers;
  std::array<std::string_view, http::ServerExchange::most_parts> views;
  std::size_t count = 0;

  void add(net::Buffer part) {
    buffers[count] = std::move(part);
    views[count] = buffers[count].view();
    ++count;
  }
  void add_what_is_ready(origin::Fetched& fetched) {
    while (count < buffers.size()) {
      net::Buffer part = fetched.take_ready_body();
      if (part.empty()) return;
      add(std::move(part));
    }
  }
  std::span<const std::string_view> all() const { return {views.data(), count}; }
};

// Sends the head with what is there of the body, then the rest as it comes.
net::Task<void> send_answer(Visit& visit, origin::Fetched& fetched, const http::ResponseHead& head, cache::Fill& fill) {
  bool filling = static_cast<bool>(fill);
  const net::Buffer part = fetched.take_ready_body();
  // Trailers need a body that goes on behind its head, even when all of it is here.
  BodyEnd end = fetched.body_done() && fetched.trailers().empty() ? BodyEnd::last : BodyEnd::more;
  if (filling && !part.empty()) filling = fill.body(part.view());
  // Before the last part is sent: those who wait for this fetch must not wait for this client as well.
  if (fill && end == BodyEnd::last) fill.finish();
  auto sent = co_await visit.exchange.send(head, part.view(), end, visit.write_deadline());
  while (sent && end == BodyEnd::more) {
    ReadyParts ready;
    ready.add_what_is_ready(fetched);
    if (ready.count == 0 && !fetched.body_done()) {
      auto read = co_await fetched.read_body(visit.now() + visit.policy->between_bytes);
      if (!read) {
        // The answer stays unfinished, so that the client sees that it is not whole.
        visit.site.metrics.broken_answers.add();
        if (fill) fill.fail();
        co_return;
      }
      if (!read->empty()) ready.add(std::move(*read));
      ready.add_what_is_ready(fetched);
    }
    for (const std::string_view bytes : ready.all()) {
      if (filling) filling = fill.body(bytes);
    }
    end = fetched.body_done() ? BodyEnd::last : BodyEnd::more;
    if (fill && end == BodyEnd::last) fill.finish();
    const http::Headers* trailers = end == BodyEnd::last && !fetched.trailers().empty() ? &fetched.trailers() : nullptr;
    sent = co_await visit.exchange.send_parts(ready.all(), end, visit.write_deadline(), trailers);
  }
}

cache::Seconds ttl_s(const cache::Entry& entry, TimePoint now) { return entry.terms().lifetime_s - entry.age_s(now); }

net::Task<void> answer_stale_or_error(Visit& visit, cache::EntryPtr stale, int status) {
  if (stale) {
    visit.site.metrics.from_cache.add();
    visit.site.metrics.stale_on_error.add();
    visit.cache_word = "STALE";
    const TimePoint now = visit.now();
    CacheStatus cache_status;
    cache_status.forward = Forward::stale;
    cache_status.ttl_s = ttl_s(*stale, now);
    cache_status.detail = "stale-if-error";
    co_await answer_from_entry(visit, *stale, stale->age_s(now), cache_status);
    co_return;
  }
  visit.site.metrics.origin_failures.add();
  co_await answer_with_error(visit, status);
}

// The stored entry was found good again (304).
net::Task<void> answer_validated(Visit& visit, cache::EntryPtr entry, CacheStatus status) {
  if (!entry) {
    co_await answer_with_error(visit, 502);
    co_return;
  }
  visit.cache_word = "REVALIDATED";
  status.forward_status = 304;
  status.ttl_s = ttl_s(*entry, visit.now());
  co_await answer_from_entry(visit, *entry, entry->age_s(visit.now()), status);
}

// The origin was asked for the whole, so that it can be stored; the client may have it already (RFC 9110, 13.1).
bool client_has(const Visit& visit, const http::ResponseHead& head) {
  if (head.status != 200) return false;
  const auto now = std::chrono::floor<std::chrono::seconds>(visit.site.loop.clock().wall_now());
  return cache::not_modified(visit.exchange.request().headers, cache::validators_of(head.headers, now), now);
}

// Gives the cache the whole body, with nobody to send it to. An origin that breaks off, or a body that outgrows the
// cache, ends the fill.
net::Task<void> take_in(net::Loop& loop, Duration between_bytes, origin::Fetched& fetched, cache::Fill& fill) {
  while (true) {
    net::Buffer part = fetched.take_ready_body();
    if (part.empty() && !fetched.body_done()) {
      auto read = co_await fetched.read_body(loop.now() + between_bytes);
      if (!read) {
        fill.fail();
        co_return;
      }
      part = std::move(*read);
    }
    if (!part.empty() && !fill.body(part.view())) co_return;
    if (fetched.body_done()) break;
  }
  fill.finish();
}

// Says so at once, while the cache takes the body in.
net::Task<void> answer_unchanged(Visit& visit, origin::Fetched& fetched, http::ResponseHead& head, cache::Fill& fill) {
  head.status = 304;
  head.headers.remove_if([](const http::Header& header) {
    return header.field == Field::content_length || header.field == Field::content_type ||
           header.field == Field::content_encoding || header.field == Field::content_range;
  });
  auto sent = co_await visit.exchange.send(head, {}, BodyEnd::last, visit.write_deadline());
  static_cast<void>(sent);  // stored all the same when the client is gone
  co_await take_in(visit.site.loop, visit.policy->between_bytes, fetched, fill);
}

enum class Relayed : std::uint8_t { done, ask_again };

// A client that waits to be told to send its body asks the origin itself, which may refuse before any of it was sent
// (RFC 9110, 10.1.1). Meanwhile it holds a place at the origin, so there are few of these; to all others the edge says
// "100 Continue" and reads what it reads first of any body.
class Expectation {
 public:
  Expectation(Visit& visit, http::RequestHead& head) : site_(visit.site) {
    if (!visit.exchange.awaits_continue() || site_.expecting >= site_.most_expecting) return;
    ++site_.expecting;
    passed_on_ = true;
    head.headers.add(Field::expect, "100-continue");
  }
  ~Expectation() {
    if (passed_on_) --site_.expecting;
  }
  Expectation(const Expectation&) = delete;
  Expectation& operator=(const Expectation&) = delete;

 private:
  Site& site_;
  bool passed_on_ = false;
};

net::Task<Relayed> relay_once(Visit& visit, cache::Fill& fill, CacheStatus status) {
  http::RequestHead head;
  make_origin_head(visit.request(), visit.client, visit.exchange.client().address, visit.policy->via, head,
                   visit.arena());
  if (fill) fill.prepare(head);
  const Expectation expectation(visit, head);
  ForwardedBody body(visit.exchange);
  ForwardInterim interim(visit);
  cache::FetchTimes times;
  times.sent = visit.now();
  origin::FetchRequest wanted = fetch_request(visit, head, &body, &interim);
  // With something stale to show nobody waits long for an origin that may hang: what it answers later is for the next.
  if (fill && fill.stale()) wanted.deadline = std::min(wanted.deadline, visit.now() + visit.policy->stale_patience);
  auto fetching = visit.site.upstreams.fetch(std::move(wanted));
  auto fetched = co_await std::move(fetching);
  if (!fetched) {
    visit.attempts = fetched.error().attempts;
    const int error = status_of(fetched.error());
    if (error != 0) {
      cache::EntryPtr stale;
      if (fill) stale = fill.fail();
      co_await answer_stale_or_error(visit, std::move(stale), error);
    }
    co_return Relayed::done;
  }
  note_origin(visit, *fetched);
  if (fetched->head().status == 101) {  // nobody asked for another protocol
    cache::EntryPtr stale;
    if (fill) stale = fill.fail();
    co_await answer_stale_or_error(visit, std::move(stale), 502);
    co_return Relayed::done;
  }
  times.received = visit.now();
  times.received_wall = visit.site.loop.clock().wall_now();

  if (fill) {
    switch (fill.head(visit.request(), fetched->head(), fetched->body_length(), times)) {
      case FillVerdict::store: status.stored = true; break;
      case FillVerdict::pass: break;
      case FillVerdict::not_modified: {
        cache::EntryPtr entry = fill.finish();
        co_await answer_validated(visit, std::move(entry), status);
        co_return Relayed::done;
      }
      case FillVerdict::serve_stale: {
        cache::EntryPtr stale = fill.fail();
        co_await answer_stale_or_error(visit, std::move(stale), 502);
        co_return Relayed::done;
      }
      case FillVerdict::refetch: co_return Relayed::ask_again;
    }
  }
  if (visit.site.cache != nullptr && !http::is_safe(visit.request().method)) {
    visit.site.cache->invalidate_after(visit.request(), fetched->head());
  }
  http::ResponseHead answer;
  make_client_head(fetched->head(), answer);
  add_cache_status(visit, answer.headers, status);
  add_sticky_cookie(visit, *fetched, answer.headers);
  if (status.stored && client_has(visit, fetched->head())) {
    co_await answer_unchanged(visit, *fetched, answer, fill);
  } else {
    co_await send_answer(visit, *fetched, answer, fill);
  }
  if (fetched->uploading()) co_await fetched->finish();
  co_return Relayed::done;
}

}  // namespace

net::Task<void> relay(Visit& visit, cache::Fill fill, CacheStatus status) {
  auto relayed = co_await relay_once(visit, fill, status);
  if (relayed == Relayed::done) co_return;
  // A 304 about something that is no longer stored; without conditions it cannot come again.
  relayed = co_await relay_once(visit, fill, status);
  if (relayed == Relayed::ask_again) co_await answer_with_error(visit, 502);
}

net::Task<void> relay_upgrade(Visit& visit) {
  visit.cache_word = "BYPASS";
  http::RequestHead head;
  make_origin_head(visit.request(), visit.client, visit.exchange.client().address, visit.policy->via, head,
                   visit.arena());
  head.headers.add(Field::connection, "Upgrade");
  head.headers.add(Field::upgrade, "websocket");
  ForwardedBody body(visit.exchange);
  auto fetching = visit.site.upstreams.fetch(fetch_request(visit, head, &body, nullptr));
  auto fetched = co_await std::move(fetching);
  if (!fetched) {
    visit.attempts = fetched.error().attempts;
    const int error = status_of(fetched.error());
    if (error != 0) {
      cache::EntryPtr none;
      co_await answer_stale_or_error(visit, std::move(none), error);
    }
    co_return;
  }
  note_origin(visit, *fetched);
  http::ResponseHead answer;
  make_client_head(fetched->head(), answer);
  if (answer.status == 101 && !agrees_to_websocket(fetched->head())) {
    cache::EntryPtr none;
    co_await answer_stale_or_error(visit, std::move(none), 502);
    co_return;
  }
  if (answer.status != 101) {
    cache::Fill none;
    co_await send_answer(visit, *fetched, answer, none);
    if (fetched->uploading()) co_await fetched->finish();
    co_return;
  }
  answer.headers.set(Field::upgrade, "websocket");
  auto client = co_await visit.exchange.upgrade(answer, visit.write_deadline());
  if (!client) co_return;
  visit.site.metrics.tunnels.add();
  visit.site.metrics.open_tunnels.add(1);
  co_await carry_both_ways(**client, fetched->connection().raw(), visit.policy->tunnel_idle);
  visit.site.metrics.open_tunnels.add(-1);
}

KeptRequest::KeptRequest(const http::RequestHead& original) {
  head = original;
  head.method_name = arena.copy(original.method_name);
  head.scheme = arena.copy(original.scheme);
  head.authority = arena.copy(original.authority);
  head.target = arena.copy(original.target);
  for (http::Header& header : head.headers) {
    header.name = arena.copy(header.name);
    header.value = arena.copy(header.value);
  }
}

net::Task<void> refresh(Site& site, std::shared_ptr<const Policy> policy, origin::RouteRef route, ClientFacts client,
                        net::IpAddress peer, std::unique_ptr<KeptRequest> request, cache::Fill fill) {
  http::RequestHead head;
  make_origin_head(request->head, client, peer, policy->via, head, request->arena);
  fill.prepare(head);
  origin::FetchRequest wanted{.head = head, .route = route, .deadline = site.loop.now() + policy->answer_deadline};
  cache::FetchTimes times;
  times.sent = site.loop.now();
  auto fetching = site.upstreams.fetch(std::move(wanted));
  auto fetched = co_await std::move(fetching);
  if (!fetched) {
    fill.fail();
    co_return;
  }
  times.received = site.loop.now();
  times.received_wall = site.loop.clock().wall_now();
  switch (fill.head(request->head, fetched->head(), fetched->body_length(), times)) {
    case FillVerdict::store: break;
    case FillVerdict::not_modified: fill.finish(); co_return;
    case FillVerdict::serve_stale: fill.fail(); co_return;
    case FillVerdict::pass:
    case FillVerdict::refetch: co_return;
  }
  co_await take_in(site.loop, policy->between_bytes, *fetched, fill);
}

}  // namespace tenfold::edge
