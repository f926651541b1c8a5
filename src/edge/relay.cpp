#include "edge/relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cache/policy/conditions.hpp"
#include "edge/body_parts.hpp"
#include "edge/complaints.hpp"
#include "edge/forward/forwarded_body.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/intake.hpp"
#include "edge/kept_head.hpp"
#include "edge/respond.hpp"
#include "edge/send_entry.hpp"
#include "edge/tunnel.hpp"
#include "edge/wanted.hpp"

namespace tenfold::edge {

using cache::CacheWord;
using cache::FillVerdict;
using cache::Forward;
using http::BodyEnd;
using http::Field;

namespace {

// Passes 103 (Early Hints) and the like on, at the origin's pace: a client that is still being sent one does not get
// the next, since the place at the origin, and all who wait for the same fetch, would wait for it.
class ForwardInterim final : public origin::InterimSink {
 public:
  explicit ForwardInterim(Visit& visit) : visit_(visit) {}

  net::Task<void> interim(const http::ResponseHead& from_origin) override {
    if (sending_.running() > 0) co_return;
    auto head = std::make_unique<KeptAnswer>();
    make_client_head(from_origin, head->head);
    keep_texts(head->head, head->arena);
    sending_.spawn(send(visit_, std::move(head)));
  }
  auto sent() { return sending_.drain(); }

 private:
  struct KeptAnswer {
    Arena arena;
    http::ResponseHead head;
  };
  static net::Task<void> send(Visit& visit, std::unique_ptr<KeptAnswer> answer) {
    auto sent = co_await visit.exchange.send_interim(answer->head, visit.write_deadline());
    static_cast<void>(sent);  // a client that is gone shows at the final answer
  }

  Visit& visit_;
  net::Scope sending_;
};

// One of no bytes means nothing to a safe method (RFC 9110, 9.3.1); for others its length is said.
bool sends_body(const Visit& visit) {
  const http::BodyLength length = visit.exchange.body_length();
  if (length.kind == http::BodyLength::Kind::known) return length.bytes > 0 || !http::is_safe(visit.request().method);
  return length.kind == http::BodyLength::Kind::unknown;
}

origin::FetchRequest fetch_request(Visit& visit, http::RequestHead& head, origin::RequestBody* body,
                                   origin::InterimSink* interim, net::CancelToken cancel) {
  origin::FetchRequest request{
      .head = head, .route = visit.route, .deadline = visit.now() + visit.policy->limits.answer_timeout};
  if (sends_body(visit)) {
    request.body = body;
    request.body_length = visit.exchange.body_length();
  }
  request.body_timeout = visit.policy->limits.body_timeout;
  request.gather_bytes = visit.policy->gather_bytes;
  request.interim = interim;
  request.cancel = cancel;
  request.claim = {.kind = origin::Claim::Kind::relay, .client = client_label(visit.client.address)};
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

// The place at the origin is for the next: who is answered of something else may take as long as it likes.
net::Task<void> let_go(origin::Fetched& fetched) {
  if (fetched.uploading()) co_await fetched.finish();
  const origin::Fetched done = std::move(fetched);
}

constexpr std::string_view broke_off = "broke off in the middle of its answer's body";
constexpr std::string_view too_many_long_answers = "the client is being sent too many long answers";

// The answer stays unfinished, so that the client sees that it is not whole.
void note_cut(Visit& visit, std::string_view why) {
  visit.site.metrics.broken_answers.add();
  visit.origin_error = why;
  complain(visit, visit.exchange.status_sent());
}

net::Task<void> turn_away(Visit& visit) {
  visit.origin_error = too_many_long_answers;
  complain(visit, 429);
  return answer_with_error(visit, 429);
}

void add_cache_status(Visit& visit, http::Headers& headers) {
  const std::string_view ours = cache::cache_status_value(visit.cache, visit.arena());
  const auto before = headers.find(Field::cache_status);
  headers.set(Field::cache_status, before ? visit.arena().join(*before, std::string_view(", "), ours) : ours);
}

// Not to what other caches may keep: they would send all their visitors to one server.
void add_sticky_cookie(Visit& visit, const origin::Fetched& fetched, http::Headers& headers) {
  if (fetched.new_sticky().empty() || visit.cache.stored) return;
  const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(
      fetched.pool().settings.sticky ? fetched.pool().settings.sticky->lifetime : Duration(0));
  const std::string cookie =
      fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax{}{}", visit.route->sticky_cookie, fetched.new_sticky(),
                  visit.client.scheme == Scheme::https ? "; Secure" : "",
                  lifetime.count() > 0 ? fmt::format("; Max-Age={}", lifetime.count()) : std::string());
  headers.add(Field::set_cookie, visit.arena().copy(cookie));
}

// What remains of a body goes out as it comes, at the client's speed; `first` before it.
net::Task<void> pass_body(Visit& visit, origin::Fetched& fetched, net::Buffer first) {
  if (!fetched.hold_for_client()) {
    note_cut(visit, too_many_long_answers);
    co_return;
  }
  BodyEnd end = BodyEnd::more;
  while (end == BodyEnd::more) {
    BodyParts ready;
    if (!first.empty()) ready.add(std::move(first));
    ready.add_what_is_ready(fetched);
    if (ready.count == 0 && !fetched.body_done()) {
      auto read = co_await fetched.read_body(visit.now() + visit.policy->limits.stream_timeout);
      if (!read) {
        note_cut(visit, broke_off);
        co_return;
      }
      if (!read->empty()) ready.add(std::move(*read));
      ready.add_what_is_ready(fetched);
    }
    std::unique_ptr<http::Headers> trailers;
    if (fetched.body_done()) {
      end = BodyEnd::last;
      trailers = client_trailers(fetched.trailers(), visit.arena());
      if (!fetched.uploading()) co_await let_go(fetched);
    }
    auto sent = co_await visit.exchange.send_parts(ready.all(), end, visit.write_deadline(), trailers.get());
    if (!sent) co_return;
  }
}

// Sends the head with what is there of the body, then the rest as it comes. Not for the cache.
net::Task<void> send_answer(Visit& visit, origin::Fetched& fetched, http::ResponseHead& head) {
  BodyParts ready;
  ready.add_what_is_ready(fetched);
  // Trailers need a body that goes on behind its head, even when all of it is here.
  const BodyEnd end = fetched.body_done() && fetched.trailers().empty() ? BodyEnd::last : BodyEnd::more;
  if (end == BodyEnd::last && !fetched.uploading()) {
    // The place at the origin is for the next: this client may take as long as it likes for what is here.
    keep_texts(head, visit.arena());
    const origin::Fetched done = std::move(fetched);
  } else if (end == BodyEnd::more && !fetched.hold_for_client()) {
    co_await let_go(fetched);
    co_await turn_away(visit);
    co_return;
  }
  Result<void> sent;
  if (ready.count > 1) {
    sent = co_await visit.exchange.send_together(head, ready.all(), end, visit.write_deadline());
  } else {
    sent = co_await visit.exchange.send(head, ready.first(), end, visit.write_deadline());
  }
  ready = {};
  net::Buffer none;
  if (sent && end == BodyEnd::more) co_await pass_body(visit, fetched, std::move(none));
}

net::Task<void> answer_stale_or_error(Visit& visit, cache::EntryPtr stale, int status) {
  if (stale) {
    visit.cache.forward = Forward::stale;
    co_await answer_stale(visit, std::move(stale), cache::Stale::Reason::origin_failed);
    co_return;
  }
  visit.site.metrics.origin_failures.add();
  co_await answer_with_error(visit, status);
}

// The stored entry was found good again (304).
net::Task<void> answer_validated(Visit& visit, cache::EntryPtr entry, origin::Fetched& not_modified) {
  visit.cache.word = CacheWord::revalidated;
  visit.cache.forward_status = 304;
  // A cookie that came with the 304 is for this client, and is not stored.
  http::Headers own;
  for (const http::Header& header : not_modified.head().headers) {
    if (header.field == Field::set_cookie) own.add(header);
  }
  keep_texts(own, visit.arena());
  co_await let_go(not_modified);
  co_await answer_from_entry(visit, std::move(entry), &own);
}

// The origin was asked for the whole, so that it can be stored; the client may have it already (RFC 9110, 13.1).
bool client_has(const Visit& visit, const http::ResponseHead& head) {
  if (head.status != 200) return false;
  const auto now = std::chrono::floor<std::chrono::seconds>(visit.site.loop.clock().wall_now());
  return cache::not_modified(visit.exchange.request().headers, cache::validators_of(head.headers, now), now);
}

// Sends what the intake takes in, at the client's speed. Head and first part have been sent.
net::Task<Result<void>> send_taken(Visit& visit, Intake& intake, std::size_t sent_bytes) {
  net::Loop& loop = visit.site.loop;
  Result<void> sent;
  while (sent && intake.state() != Intake::State::denied) {
    if (intake.state() == Intake::State::whole) {
      cache::EntryPtr entry = intake.take_entry();
      sent = co_await send_rest(visit, std::move(entry), sent_bytes, intake.trailers());
      co_return sent;
    }
    if (sent_bytes < intake.bytes().size()) {
      // Copied, since it may move while it is being written.
      BodyParts parts;
      parts.add_copies(intake.bytes().substr(sent_bytes), loop);
      sent = co_await visit.exchange.send_parts(parts.all(), BodyEnd::more, visit.write_deadline());
      sent_bytes += parts.bytes();
    } else if (intake.state() == Intake::State::taking) {
      sent = co_await intake.moved().wait(loop, no_deadline);  // the intake's own waits have deadlines
    } else {
      break;
    }
  }
  if (!sent) co_return sent;
  if (intake.state() == Intake::State::passing) {
    intake.drop_bytes();
    net::Buffer rest = intake.take_rest();
    co_await pass_body(visit, intake.fetched(), std::move(rest));
  } else if (intake.state() == Intake::State::denied) {
    note_cut(visit, too_many_long_answers);
  } else if (intake.state() == Intake::State::broken) {
    note_cut(visit, broke_off);
  }
  co_return sent;
}

net::Task<Result<void>> send_intake(Visit& visit, Intake& intake, http::ResponseHead& head) {
  if (intake.state() == Intake::State::whole && intake.trailers() == nullptr) {
    const std::string_view body = intake.bytes();
    cache::EntryPtr entry = intake.take_entry();
    auto sent = co_await send_whole(visit, std::move(entry), head, body);
    co_return sent;
  }
  const net::Buffer first = BodyParts::copy_of(intake.bytes(), visit.site.loop);
  auto sent = co_await visit.exchange.send(head, first.view(), BodyEnd::more, visit.write_deadline());
  if (sent) sent = co_await send_taken(visit, intake, first.size());
  co_return sent;
}

// Says that the client's own copy is good, while the cache takes the whole in.
net::Task<Result<void>> send_unchanged(Visit& visit, http::ResponseHead& head) {
  head.status = 304;
  head.headers.remove_if([](const http::Header& header) {
    return header.field == Field::content_length || header.field == Field::content_type ||
           header.field == Field::content_encoding || header.field == Field::content_range;
  });
  auto sent = co_await visit.exchange.send(head, {}, BodyEnd::last, visit.write_deadline());
  co_return sent;
}

// Fills the cache and answers the client of what comes.
net::Task<void> answer_and_fill(Visit& visit, origin::Fetched fetched, http::ResponseHead& answer, cache::Fill& fill,
                                Wanted& wanted) {
  const bool unchanged = client_has(visit, fetched.head());
  wanted.answering();
  keep_texts(answer, visit.arena());  // the connection may go back before all is sent
  Intake intake(visit.site.loop, visit.policy->limits.stream_timeout, std::move(fetched), fill, wanted.token());
  net::Scope taking;
  intake.take_ready();
  if (intake.state() == Intake::State::denied && !unchanged) {
    co_await turn_away(visit);
    co_return;
  }
  if (intake.state() == Intake::State::taking) taking.spawn(intake.run());
  auto sending = unchanged ? send_unchanged(visit, answer) : send_intake(visit, intake, answer);
  auto sent = co_await std::move(sending);
  if (!sent) wanted.client_gone();
  co_await taking.drain();
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
  ~Expectation() { met(); }
  Expectation(const Expectation&) = delete;
  Expectation& operator=(const Expectation&) = delete;
  // The origin has answered, or does not.
  void met() {
    if (std::exchange(passed_on_, false)) --site_.expecting;
  }

 private:
  Site& site_;
  bool passed_on_ = false;
};

cache::Failure kind_of(const Error& error) {
  switch (error.code) {
    case Errc::unreachable:
    case Errc::refused:
    case Errc::exhausted:
    case Errc::busy: return cache::Failure::unreachable;
    default: return cache::Failure::unanswered;
  }
}

net::Task<void> answer_failure(Visit& visit, const origin::FetchFailure& failure, cache::Fill& fill) {
  const int status = status_of(failure);
  note_failure(visit, failure, status);
  if (failure.side == origin::FetchFailure::Side::client) {
    // Nobody else's business: the fetch goes to one who waits for it.
    fill = {};
    if (status != 0) co_await answer_with_error(visit, status);
  } else if (status != 0) {
    cache::EntryPtr stale = fill.fail(kind_of(failure.error));
    co_await answer_stale_or_error(visit, std::move(stale), status);
  }
}

// In place of an answer that is of no use.
net::Task<void> answer_bad_origin(Visit& visit, origin::Fetched& bad, cache::Fill& fill) {
  co_await let_go(bad);
  cache::EntryPtr stale = fill.fail(cache::Failure::unanswered);
  co_await answer_stale_or_error(visit, std::move(stale), 502);
}

enum class Asked : std::uint8_t { first, again };

net::Task<Relayed> relay_once(Visit& visit, cache::Fill& fill, Wanted& wanted, ForwardInterim& interim, Asked asked) {
  http::RequestHead head;
  make_origin_head(visit.request(), visit.client, visit.exchange.client().address, visit.policy->via, head,
                   visit.arena());
  if (fill) fill.prepare(head);
  Expectation expectation(visit, head);
  ForwardedBody body(visit.exchange);
  cache::FetchTimes times;
  times.sent = visit.now();
  origin::FetchRequest request = fetch_request(visit, head, &body, &interim, wanted.token());
  // With something stale to show nobody waits long for an origin that may hang: what it answers later is for the next.
  if (fill.stale()) request.deadline = std::min(request.deadline, visit.now() + visit.policy->stale_patience);
  auto fetching = visit.site.upstreams.fetch(std::move(request));
  auto fetched = co_await std::move(fetching);
  expectation.met();
  if (!fetched) {
    co_await answer_failure(visit, fetched.error(), fill);
    co_return Relayed::done;
  }
  note_origin(visit, *fetched);
  if (fetched->head().status == 101) {  // nobody asked for another protocol
    visit.origin_error = "changed protocols unasked";
    complain(visit, 502);
    co_await answer_bad_origin(visit, *fetched, fill);
    co_return Relayed::done;
  }
  times.received = visit.now();
  times.received_wall = visit.site.loop.clock().wall_now();

  if (fill) {
    switch (fill.head(visit.request(), fetched->head(), fetched->body_length(), times)) {
      case FillVerdict::store: visit.cache.stored = true; break;
      case FillVerdict::pass: break;
      case FillVerdict::not_modified: {
        cache::EntryPtr entry = fill.finish();
        co_await answer_validated(visit, std::move(entry), *fetched);
        co_return Relayed::done;
      }
      case FillVerdict::serve_stale: co_await answer_bad_origin(visit, *fetched, fill); co_return Relayed::done;
      case FillVerdict::unusable:
        // Asked for anew it makes no sense; else it is the origin's word, and goes on as it would without a cache.
        if (asked == Asked::first) break;
        co_await answer_bad_origin(visit, *fetched, fill);
        co_return Relayed::done;
      case FillVerdict::refetch: co_return Relayed::ask_again;
    }
  }
  if (visit.site.cache != nullptr && !http::is_safe(visit.request().method)) {
    visit.site.cache->invalidate_after(visit.request(), fetched->head());
  }
  http::ResponseHead answer;
  make_client_head(fetched->head(), answer);
  add_cache_status(visit, answer.headers);
  add_sticky_cookie(visit, *fetched, answer.headers);
  if (visit.cache.stored) {
    co_await answer_and_fill(visit, std::move(*fetched), answer, fill, wanted);
    co_return Relayed::done;
  }
  co_await send_answer(visit, *fetched, answer);
  if (fetched->uploading()) co_await fetched->finish();
  co_return Relayed::done;
}

}  // namespace

net::Task<void> relay(Visit& visit, cache::Fill fill) {
  Wanted wanted(visit.site.loop, visit.exchange.client_left(), fill);
  ForwardInterim interim(visit);
  auto relayed = co_await relay_once(visit, fill, wanted, interim, Asked::first);
  // A 304 about something else than what is stored; without conditions it cannot come again.
  if (relayed == Relayed::ask_again) {
    relayed = co_await relay_once(visit, fill, wanted, interim, Asked::again);
  }
  co_await interim.sent();
}

net::Task<void> relay_upgrade(Visit& visit) {
  visit.cache = {.word = CacheWord::bypass};
  http::RequestHead head;
  make_origin_head(visit.request(), visit.client, visit.exchange.client().address, visit.policy->via, head,
                   visit.arena());
  head.headers.add(Field::connection, "Upgrade");
  head.headers.add(Field::upgrade, "websocket");
  ForwardedBody body(visit.exchange);
  origin::FetchRequest wanted = fetch_request(visit, head, &body, nullptr, visit.exchange.client_left());
  wanted.claim.kind = origin::Claim::Kind::upgrade;
  auto fetching = visit.site.upstreams.fetch(std::move(wanted));
  auto fetched = co_await std::move(fetching);
  if (!fetched) {
    const int error = status_of(fetched.error());
    note_failure(visit, fetched.error(), error);
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
    visit.origin_error = "changed to another protocol than was asked for";
    complain(visit, 502);
    cache::Fill none;
    co_await answer_bad_origin(visit, *fetched, none);
    co_return;
  }
  if (answer.status != 101) {
    co_await send_answer(visit, *fetched, answer);
    if (fetched->uploading()) co_await fetched->finish();
    co_return;
  }
  answer.headers.set(Field::upgrade, "websocket");
  auto client = co_await visit.exchange.upgrade(answer, visit.write_deadline());
  if (!client) co_return;
  visit.site.metrics.tunnels.add();
  visit.site.metrics.open_tunnels.add(1);
  co_await carry_both_ways(**client, fetched->connection().raw(), visit.policy->limits.tunnel_idle);
  visit.site.metrics.open_tunnels.add(-1);
}

namespace {

net::Task<Relayed> refresh_once(Site& site, const Policy& policy, const origin::RouteRef& route,
                                const ClientFacts& client, net::IpAddress peer, KeptRequest& request,
                                cache::Fill& fill) {
  http::RequestHead head;
  make_origin_head(request.head, client, peer, policy.via, head, request.arena);
  fill.prepare(head);
  origin::FetchRequest wanted{.head = head, .route = route, .deadline = site.loop.now() + policy.limits.answer_timeout};
  wanted.claim.kind = origin::Claim::Kind::refresh;
  cache::FetchTimes times;
  times.sent = site.loop.now();
  auto fetching = site.upstreams.fetch(std::move(wanted));
  auto fetched = co_await std::move(fetching);
  if (!fetched) {
    const origin::FetchFailure& failure = fetched.error();
    if (status_of(failure) != 0) {
      site.complaints.tell(site.loop.now(), {.what = "refreshing",
                                             .path = request.head.path(),
                                             .server = failure.server,
                                             .cause = failure.cause,
                                             .attempts = failure.attempts});
    }
    fill.fail(kind_of(failure.error));
    co_return Relayed::done;
  }
  times.received = site.loop.now();
  times.received_wall = site.loop.clock().wall_now();
  switch (fill.head(request.head, fetched->head(), fetched->body_length(), times)) {
    case FillVerdict::store: break;
    case FillVerdict::not_modified: fill.finish(); co_return Relayed::done;
    case FillVerdict::serve_stale: fill.fail(); co_return Relayed::done;
    case FillVerdict::refetch: co_return Relayed::ask_again;
    case FillVerdict::pass:
    case FillVerdict::unusable: co_return Relayed::done;
  }
  Intake intake(site.loop, policy.limits.stream_timeout, std::move(*fetched), fill, {});
  intake.end_by(site.loop.now() + policy.longest_refresh);
  intake.take_ready();
  co_await intake.run();
  co_return Relayed::done;
}

}  // namespace

net::Task<void> refresh(Site& site, std::shared_ptr<const Policy> policy, origin::RouteRef route, ClientFacts client,
                        net::IpAddress peer, std::unique_ptr<KeptRequest> request, cache::Fill fill) {
  auto refreshed = co_await refresh_once(site, *policy, route, client, peer, *request, fill);
  // As in relay(): a 304 about something else than what is stored.
  if (refreshed == Relayed::ask_again)
    refreshed = co_await refresh_once(site, *policy, route, client, peer, *request, fill);
}

}  // namespace tenfold::edge
