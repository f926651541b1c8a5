#include "edge/respond/respond.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include "cache/reply.hpp"
#include "edge/respond/send_entry.hpp"

namespace tenfold::edge {

using http::BodyEnd;
using http::Field;

namespace {

net::Task<void> send_error(Visit& visit, int status, ErrorPage page) {
  http::ResponseHead head;
  head.status = status;
  head.headers.add(Field::content_type, page.content_type);
  head.headers.add(Field::cache_control, "no-store");
  head.headers.add(Field::vary, "Accept, Accept-Language");
  head.headers.add("Content-Language", page.content_language);
  if (!page.retry_after.empty()) head.headers.add(Field::retry_after, page.retry_after);
  if (status == 405) head.headers.add("Allow", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
  auto sent = co_await visit.exchange.send(head, page.body, BodyEnd::last, visit.write_deadline());
  static_cast<void>(sent);  // the client is gone: account() sees that the exchange is not finished
}

}  // namespace

net::Task<void> answer_with_error(Visit& visit, int status, Trouble trouble) {
  return send_error(visit, status, visit.policy->error_pages->find(status, visit.request().headers, trouble));
}

net::Task<void> answer_refused(Visit& visit, TimePoint until) {
  using std::chrono::seconds;
  const auto left = std::chrono::ceil<seconds>(until - visit.now());
  const seconds told = std::clamp<seconds>(left, seconds(1), std::chrono::hours(1));
  ErrorPage page = visit.policy->error_pages->find(429, visit.request().headers, Trouble::refused);
  page.retry_after = visit.arena().copy(std::to_string(told.count()));
  return send_error(visit, 429, page);
}

net::Task<void> answer_with_redirect(Visit& visit, const ListenerPolicy& listener) {
  const http::RequestHead& request = visit.request();
  std::string_view host = request.authority;
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket))
    host = host.substr(0, colon);
  if (host.empty()) {
    co_await answer_with_error(visit, 400);  // HTTP/1.0 without Host: nowhere to point to
    co_return;
  }
  char port[8] = ":";
  std::string_view port_text;
  if (listener.redirect_port != 443) {
    const auto end = std::to_chars(port + 1, port + sizeof port, listener.redirect_port).ptr;
    port_text = {port, static_cast<std::size_t>(end - port)};
  }
  http::ResponseHead head;
  head.status = listener.redirect_status;
  head.headers.add(Field::location, visit.arena().join(std::string_view("https://"), host, port_text, request.target));
  auto sent = co_await visit.exchange.send(head, {}, BodyEnd::last, visit.write_deadline());
  static_cast<void>(sent);
}

net::Task<void> answer_options(Visit& visit) {
  http::ResponseHead head;
  head.status = 204;
  head.headers.add("Allow", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
  auto sent = co_await visit.exchange.send(head, {}, BodyEnd::last, visit.write_deadline());
  static_cast<void>(sent);
}

net::Task<void> answer_from_entry(Visit& visit, cache::EntryPtr entry, const http::Headers* own) {
  const cache::Seconds age_s = entry->age_s(visit.now());
  visit.cache.ttl_s = entry->terms().lifetime_s - age_s;
  cache::Reply reply =
      cache::reply_from(*entry, visit.request(), age_s, visit.cache, visit.site.loop.clock().wall_now(), visit.arena());
  if (own != nullptr) {
    for (const http::Header& header : *own) reply.head.headers.add(header);
  }
  if (entry->body().size() <= cache::Cache::unheld_bytes) {
    auto sent = co_await visit.exchange.send(reply.head, reply.body, BodyEnd::last, visit.write_deadline());
    static_cast<void>(sent);
    co_return;
  }
  auto sent = co_await send_whole(visit, std::move(entry), reply.head, reply.body);
  static_cast<void>(sent);
}

net::Task<void> answer_stale(Visit& visit, cache::EntryPtr entry, cache::Stale::Reason reason) {
  visit.site.metrics.from_cache.add();
  visit.cache.word = cache::CacheWord::stale;
  visit.cache.detail = "stale-while-revalidate";
  if (reason == cache::Stale::Reason::origin_failed) {
    visit.site.metrics.stale_on_error.add();
    visit.cache.detail = "stale-if-error";
  }
  co_await answer_from_entry(visit, std::move(entry));
}

int status_of(const origin::FetchFailure& failure) {
  if (failure.side == origin::FetchFailure::Side::client) {
    switch (failure.error.code) {
      case Errc::timed_out: return 408;
      case Errc::invalid: return 400;
      case Errc::too_large: return 413;
      case Errc::exhausted: return 429;  // its uploads or tunnels, not ours
      default: return 0;
    }
  }
  switch (failure.error.code) {
    case Errc::timed_out: return 504;
    case Errc::unreachable:
    case Errc::refused:
    case Errc::exhausted:
    case Errc::busy: return 503;
    case Errc::cancelled: return 0;  // the client left
    default: return 502;
  }
}

}  // namespace tenfold::edge
