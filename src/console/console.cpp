#include "console/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text/iso_time.hpp"
#include "console/assets.hpp"
#include "console/json.hpp"
#include "http/whole_body.hpp"

namespace tenfold::console {
namespace {

using http::Field;
using http::Method;

constexpr Duration reading_every = std::chrono::seconds(1);
constexpr Duration send_timeout = std::chrono::seconds(10);
constexpr Duration body_timeout = std::chrono::seconds(10);
constexpr std::string_view json_type = "application/json";
constexpr std::string_view reads = "GET, HEAD";

// A page from here may load only what is from here, and nobody may frame it.
constexpr std::string_view page_policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'";
// Without a script, and with a form.
constexpr std::string_view form_policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

void add_common_fields(http::Headers& headers, std::string_view policy = page_policy) {
  headers.add("Cache-Control", "no-store");
  headers.add("X-Content-Type-Options", "nosniff");
  headers.add("Content-Security-Policy", policy);
  headers.add("Referrer-Policy", "no-referrer");
  headers.add("Cross-Origin-Resource-Policy", "same-origin");
}

int status_of(Errc code) {
  switch (code) {
    case Errc::unsupported: return 501;
    case Errc::busy: return 503;
    case Errc::timed_out: return 504;
    default: return 500;
  }
}

}  // namespace

Console::Console(net::Loop& loop, Sources sources, Options options)
    : loop_(loop), sources_(std::move(sources)), options_(std::move(options)), routes_(own_routes()) {
  // Who asks for a token for everything must have set one.
  TENFOLD_ASSERT(options_.gate.guarded == GateOptions::Guarded::changes || !options_.gate.token.empty());
  for (ApiPart* part : sources_.parts) {
    for (const ApiPart::Endpoint& endpoint : part->endpoints()) {
      routes_.push_back({endpoint.path, Page::part, endpoint.access, endpoint.methods, part, endpoint.body});
    }
  }
}

void Console::start() { scope_.spawn(read_each_second()); }

net::Task<void> Console::stop() {
  scope_.cancel();
  co_await scope_.drain();
}

net::Task<void> Console::read_each_second() {
  TimePoint next = loop_.now();
  while (true) {
    take_reading();
    // By the clock, not by the end of the last reading; readings that were missed (a suspended machine) are left out.
    next = std::max(next + reading_every, loop_.now());
    auto slept = co_await loop_.sleep_until(next, scope_.token());
    if (!slept) co_return;
  }
}

void Console::take_reading() {
  recorder_.record(sources_.status.status(), loop_.now());
  if (listeners_ == 0) return;
  event_ = fmt::format("event: status\nid: {}\ndata: {}\n\n", ++event_number_, snapshot_json());
  new_event_.notify_all();
}

std::vector<Console::Route> Console::own_routes() {
  return {
      {"/", Page::front, Access::open, reads},
      {"/console.css", Page::style, Access::open, reads},
      {"/console.js", Page::script, Access::open, reads},
      {"/favicon.svg", Page::icon, Access::open, reads},
      {"/favicon.ico", Page::icon, Access::open, reads},
      {"/healthz", Page::health, Access::open, reads},
      {"/metrics", Page::metrics, Access::read, reads},
      {"/api/v1/", Page::index, Access::read, reads},
      {"/api/v1/status", Page::status, Access::read, reads},
      {"/api/v1/origins", Page::origins, Access::read, reads},
      {"/api/v1/cache", Page::cache, Access::read, reads},
      {"/api/v1/cache/purge", Page::purge, Access::change, "POST"},
      {"/api/v1/history", Page::history, Access::read, reads},
      {"/api/v1/events", Page::events, Access::read, "GET"},
  };
}

namespace {

// What the API will have, and this version has not: said as that, and not as a misspelt path.
struct Later {
  std::string_view path;
  std::string_view what;
};
constexpr std::array<Later, 1> later{{{"/api/v1/incidents", "writes up no incidents yet"}}};

const Later* find_later(std::string_view path) {
  const auto* const found = std::ranges::find(later, path, &Later::path);
  return found == later.end() ? nullptr : found;
}

}  // namespace

bool Console::Route::is_for(std::string_view asked) const {
  const bool whole_folder = page == Page::part && path.ends_with('/');
  return whole_folder ? asked.starts_with(path) : asked == path;
}

const Console::Route* Console::find_route(const http::RequestHead& request) const {
  const Route* found = nullptr;
  for (const Route& route : routes_) {
    if (!route.is_for(request.path())) continue;
    if (route.takes(request)) return &route;
    if (found == nullptr) found = &route;
  }
  return found;
}

std::string Console::methods_of(std::string_view path) const {
  std::string methods;
  for (const Route& route : routes_) {
    if (route.is_for(path)) methods.append(methods.empty() ? "" : ", ").append(route.methods);
  }
  return methods;
}

bool Console::Route::takes(const http::RequestHead& request) const {
  return request.method != Method::other && methods.find(request.method_name) != std::string_view::npos;
}

net::Task<void> Console::handle(http::ServerExchange& exchange) {
  const http::RequestHead& request = exchange.request();
  const Route* const route = find_route(request);
  const bool known = route != nullptr;
  const bool wrong_method = known && !route->takes(request);
  Access access = known ? route->access : Access::read;
  // Nothing is changed by a method that the path does not take.
  if (access == Access::change && wrong_method) access = Access::read;
  Answer reply;
  if (auto let_in = check(request, access, options_.gate); !let_in) {
    const Refusal& refusal = let_in.error();
    reply = {.status = refusal.status, .body = to_text(error_json(refusal.message, refusal.expected))};
  } else if (const Later* const missing = known ? nullptr : find_later(request.path())) {
    reply = {.status = 501,
             .body = to_text(error_json(fmt::format("this version of Tenfold {}", missing->what),
                                        "one of those that /api/v1/ lists"))};
  } else if (!known) {
    reply = {.status = 404, .body = to_text(error_json("no such page", "one of those that /api/v1/ lists"))};
  } else if (wrong_method) {
    const std::string methods = methods_of(request.path());
    reply = {.status = 405, .body = to_text(error_json("wrong method", methods)), .allow = methods};
  } else if (route->page == Page::events) {
    co_await stream_events(exchange);
    co_return;
  } else if (route->page == Page::purge) {
    reply = co_await purge(exchange);
  } else if (route->page == Page::part) {
    reply = co_await ask_part(*route, exchange);
  } else {
    reply = answer(route->page);
  }
  co_await send(exchange, std::move(reply));
}

Console::Answer Console::answer(Page page) const {
  switch (page) {
    case Page::front: return {.content_type = "text/html; charset=utf-8", .body = std::string(assets::console_html)};
    case Page::style: return {.content_type = "text/css; charset=utf-8", .body = std::string(assets::console_css)};
    case Page::script:
      return {.content_type = "text/javascript; charset=utf-8", .body = std::string(assets::console_js)};
    case Page::icon: return {.content_type = "image/svg+xml", .body = std::string(assets::console_svg)};
    case Page::health: {
      const bool draining = sources_.status.status().draining;
      return {.status = draining ? 503 : 200,
              .content_type = "text/plain; charset=utf-8",
              .body = draining ? "draining\n" : "ok\n"};
    }
    case Page::metrics: {
      MetricsText text;
      for (const MetricsSource* source : sources_.metrics) source->write_metrics(text);
      return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = text.text()};
    }
    case Page::index: {
      Json paths = Json::array();
      for (const Route& route : routes_) {
        if (route.access != Access::open) paths.push_back({{"path", route.path}, {"methods", route.methods}});
      }
      return {.body = to_text({{"paths", std::move(paths)}})};
    }
    case Page::status: return {.body = to_text(to_json(sources_.status.status(), recorder_.now()))};
    case Page::origins: {
      Json pools = Json::array();
      for (const OriginPool& pool : sources_.origins.origins()) pools.push_back(to_json(pool));
      return {.body = to_text({{"pools", std::move(pools)}})};
    }
    case Page::cache: return {.body = to_text(to_json(std::as_const(sources_.cache).cache()))};
    case Page::history: return {.body = to_text(to_json(recorder_))};
    case Page::purge:
    case Page::part:
    case Page::events: break;  // not answered from here
  }
  return {.status = 404};
}

std::string Console::snapshot_json() const {
  Json pools = Json::array();
  for (const OriginPool& pool : sources_.origins.origins()) pools.push_back(to_json(pool));
  Json all{{"at", iso_time(loop_.clock().wall_now())},
           {"status", to_json(sources_.status.status(), recorder_.now())},
           {"pools", std::move(pools)},
           {"cache", to_json(sources_.cache.cache())}};
  for (const ApiPart* part : sources_.parts) {
    const Json reading = Json::parse(part->reading(), nullptr, false);
    if (reading.is_object()) all.update(reading);
  }
  return to_text(all);
}

// The body, or why there is none.
net::Task<std::expected<std::string, Console::Answer>> Console::body_of(http::ServerExchange& exchange,
                                                                        ApiPart::Endpoint::Body wanted) {
  auto body = co_await read_body(exchange, wanted);
  if (body) co_return std::move(*body);
  const bool too_large = body.error().code == Errc::too_large;
  exchange.close_after();
  co_return std::unexpected(
      Answer{.status = too_large ? 413 : 400,
             .body = to_text(error_json(too_large ? "the body is too long" : "the body is incomplete",
                                        fmt::format("at most {} bytes", most_body_bytes)))});
}

net::Task<Console::Answer> Console::ask_part(const Route& route, http::ServerExchange& exchange) {
  auto body = co_await body_of(exchange, route.body);
  if (!body) co_return std::move(body.error());
  const http::RequestHead& request = exchange.request();
  const auto question = request.target.find('?');
  const std::string_view query = question == std::string_view::npos ? "" : request.target.substr(question + 1);
  ApiPart::Answer given = route.part->answer(
      {.method = request.method_name, .path = request.path(), .query = query, .body = std::move(*body)});
  co_return Answer{.status = given.status,
                   .content_type = std::move(given.content_type),
                   .body = std::move(given.body),
                   .form = given.form};
}

net::Task<Console::Answer> Console::purge(http::ServerExchange& exchange) {
  auto body = co_await body_of(exchange, ApiPart::Endpoint::Body::whole);
  if (!body) co_return std::move(body.error());
  auto wanted = parse_purge(*body);
  if (!wanted)
    co_return Answer{.status = 400, .body = to_text(error_json("this is not a purge", wanted.error().detail))};
  auto purged = co_await sources_.cache.purge(std::move(*wanted));
  if (!purged && purged.error().code == Errc::invalid) {
    co_return Answer{.status = 400,
                     .body = to_text(error_json("this is not a URL that can be purged", purged.error().detail))};
  }
  if (!purged) {
    co_return Answer{
        .status = status_of(purged.error().code),
        .body = to_text(error_json("not purged: " + purged.error().text(), "a cache that runs; try again"))};
  }
  co_return Answer{.body = to_text({{"purged", *purged}})};
}

net::Task<Result<std::string>> Console::read_body(http::ServerExchange& exchange, ApiPart::Endpoint::Body wanted) {
  const TimePoint deadline = loop_.now() + body_timeout;
  if (wanted == ApiPart::Endpoint::Body::whole) {
    auto whole = co_await http::read_whole_body(exchange, most_body_bytes, deadline);
    co_return whole;
  }
  std::string beginning;
  std::size_t read_bytes = 0;
  while (true) {
    auto part = co_await exchange.read_body(deadline);
    if (!part) co_return std::unexpected(part.error());
    if (part->empty()) co_return beginning;
    read_bytes += part->size();
    beginning.append(part->view().substr(0, most_body_bytes - beginning.size()));
    if (read_bytes <= most_ignored_bytes) continue;
    exchange.close_after();  // what comes yet is nobody's next request
    co_return beginning;
  }
}

net::Task<void> Console::stream_events(http::ServerExchange& exchange) {
  if (listeners_ >= options_.most_listeners || scope_.token().cancelled()) {
    Answer full{.status = 503,
                .body = to_text(error_json("too many listeners", "fewer pages that are open at a time"))};
    co_await send(exchange, std::move(full));
    co_return;
  }
  ++listeners_;
  http::ResponseHead head;
  head.headers.add("Content-Type", "text/event-stream");
  add_common_fields(head.headers);
  exchange.close_after();
  // The first event now, so that the page need not wait for the next reading.
  std::string event = fmt::format("retry: 2000\nevent: status\ndata: {}\n\n", snapshot_json());
  std::uint64_t sent_number = event_number_;
  auto sent = co_await exchange.send(head, event, http::BodyEnd::more, loop_.now() + send_timeout);
  while (sent) {
    // A listener that is slower than the readings leaves some out.
    if (sent_number == event_number_) {
      auto woken = co_await new_event_.wait(loop_, no_deadline, scope_.token());
      if (!woken) break;
    }
    sent_number = event_number_;
    event = event_;
    sent = co_await exchange.send_body(event, http::BodyEnd::more, loop_.now() + send_timeout);
  }
  --listeners_;
  if (sent) [[maybe_unused]]
    auto ended = co_await exchange.send_body("", http::BodyEnd::last, loop_.now() + send_timeout);
}

net::Task<void> Console::send(http::ServerExchange& exchange, Answer answer) {
  const bool is_head = exchange.request().method == Method::head;
  if (answer.content_type == json_type) answer.body += '\n';
  const std::string length = fmt::to_string(answer.body.size());
  http::ResponseHead head;
  head.status = answer.status;
  head.headers.add("Content-Type", answer.content_type);
  if (!answer.allow.empty()) head.headers.add("Allow", answer.allow);
  if (answer.status == 401) head.headers.add("WWW-Authenticate", "Bearer realm=\"tenfold\"");
  add_common_fields(head.headers, answer.form == ApiPart::Answer::Form::own ? form_policy : page_policy);
  if (is_head) head.headers.add("Content-Length", length);
  [[maybe_unused]] auto sent =
      co_await exchange.send(head, is_head ? std::string_view() : std::string_view(answer.body), http::BodyEnd::last,
                             no_deadline);  // the server resets who takes nothing of it
}

}  // namespace tenfold::console
