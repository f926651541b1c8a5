#include "shop/shop.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "net/loop.hpp"

namespace tenfold::shop {
namespace {

using http::Field;
using http::Method;

constexpr Duration form_timeout = std::chrono::seconds(10);

// Bytes that are not UTF-8 (from a path, say) become U+FFFD instead of an exception.
std::string to_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Reply json_reply(int status, std::string body) {
  return {.status = status,
          .content_type = "application/json",
          .headers = {{"Cache-Control", "no-store"}},
          .body = std::move(body) + "\n"};
}

Reply json_error(int status, std::string_view message, std::string_view expected) {
  return json_reply(status, to_text(nlohmann::ordered_json{{"error", {{"message", message}, {"expected", expected}}}}));
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == ':' || c == '[' || c == ']';
}

std::string_view value_of(const http::Headers& headers, Field field) { return headers.find(field).value_or(""); }

// True when something passed the request on: then the peer's address says nothing about who sent it.
bool is_forwarded(const http::Headers& headers) {
  return headers.has(Field::forwarded) || headers.has(Field::x_forwarded_for) || headers.has(Field::x_real_ip) ||
         headers.has(Field::via);
}

}  // namespace

Result<ServiceTimes> parse_service_times(std::string_view text, ServiceTimes times) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const std::size_t equals = part.find('=');
    const std::string_view kind_name = part.substr(0, equals);
    std::size_t kind = 0;
    while (kind < kinds && name(static_cast<Kind>(kind)) != kind_name) ++kind;
    if (kind == kinds || equals == std::string_view::npos) {
      return fail(Errc::invalid,
                  fmt::format("\"{}\": expected static, picture, page, search, cart or checkout, then = and "
                              "a time such as 40ms",
                              part));
    }
    const std::string_view value = part.substr(equals + 1);
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(value.data() + value.size() - end));
    const double seconds = unit == "ms" ? number / 1000 : number;
    if (error != std::errc() || (unit != "ms" && unit != "s") || !(seconds >= 0 && seconds <= 60)) {
      return fail(Errc::invalid, fmt::format("\"{}\": expected a time from 0ms to 60s", part));
    }
    times[static_cast<Kind>(kind)] = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }
  return times;
}

Shop::Shop(net::Loop& loop, Random& random, Options options)
    : loop_(loop),
      random_(random),
      options_(std::move(options)),
      storefront_(options_.storefront, random),
      queue_(options_.workers, options_.line_limit) {}

net::Task<void> Shop::handle(http::ServerExchange& exchange) {
  const std::string_view path = exchange.request().path();
  if (path.starts_with("/control/")) {
    co_await control(exchange);
    co_return;
  }
  if (troubles_.hangs(path)) {
    co_await hang(path);
    if (stopping_.cancelled()) co_return;
  }
  if (path == "/healthz") {
    co_await health(exchange);
    co_return;
  }

  const Visit visit = visit_of(exchange);
  const Kind kind = storefront_.kind_of(visit);
  if (troubles_.broken_share > 0 && random_.unit() < troubles_.broken_share) {
    count(kind, troubles_.broken_status);
    Reply reply = storefront_.sorry(troubles_.broken_status, "Something is broken",
                                    "Broken on purpose, through /control/broken.");
    co_await send(exchange, std::move(reply));
    co_return;
  }
  co_await serve(exchange, visit, kind);
}

net::Task<void> Shop::serve(http::ServerExchange& exchange, Visit visit, Kind kind) {
  std::string form;
  if (visit.method == Method::post) {
    auto read = co_await read_form(exchange);
    if (!read) {
      const bool too_large = read.error().code == Errc::too_large;
      count(kind, too_large ? 413 : 400);
      exchange.close_after();
      Reply reply =
          storefront_.sorry(too_large ? 413 : 400, "We could not read that", "The form was too long or incomplete.");
      co_await send(exchange, std::move(reply));
      co_return;
    }
    form = std::move(*read);
    visit.form = form;
  }

  const auto time = std::chrono::duration_cast<Duration>(options_.times[kind] * troubles_.slow_factor);
  const auto turn = queue_.admit(loop_.now(), time);
  if (!turn) {
    ++refused_;
    count(kind, 503);
    Reply reply =
        storefront_.sorry(503, "Too many visitors", "All our workers are busy and the line is full. Please try again.");
    reply.headers.emplace_back("Retry-After", "1");
    co_await send(exchange, std::move(reply));
    co_return;
  }
  auto slept = co_await loop_.sleep_until(turn->ends, stopping_.token());
  if (!slept) co_return;

  Reply reply = storefront_.answer(visit);
  count(kind, reply.status);
  co_await send(exchange, std::move(reply));
}

void Shop::let_go() {
  troubles_.hung.clear();
  if (troubles_.health == Troubles::Health::hung) troubles_.health = Troubles::Health::good;
  released_.notify_all();
}

net::Task<void> Shop::hang(std::string_view path) {
  ++hanging_;
  while (troubles_.hangs(path) && !stopping_.cancelled()) {
    [[maybe_unused]] auto woken = co_await released_.wait(loop_, no_deadline, stopping_.token());
  }
  --hanging_;
}

net::Task<void> Shop::health(http::ServerExchange& exchange) {
  while (troubles_.health == Troubles::Health::hung && !stopping_.cancelled()) {
    [[maybe_unused]] auto woken = co_await released_.wait(loop_, no_deadline, stopping_.token());
  }
  if (stopping_.cancelled()) co_return;
  const bool good = troubles_.health == Troubles::Health::good;
  Reply reply{.status = good ? 200 : 503,
              .content_type = "text/plain; charset=utf-8",
              .headers = {{"Cache-Control", "no-store"}},
              .body = good ? "ok\n" : "failing on purpose\n"};
  co_await send(exchange, std::move(reply));
}

Reply Shop::refuse_control(const http::ServerExchange& exchange) const {
  const http::RequestHead& request = exchange.request();
  if (options_.control == Control::off) return json_error(404, "no such page", "a shop started without --no-control");
  if (!exchange.client().address.is_loopback() || is_forwarded(request.headers)) {
    return json_error(403, "refused: only the machine itself may do this", "a request straight from loopback");
  }
  // A page in a browser on this machine can send requests to loopback, but it cannot leave out these fields.
  const std::string_view site = request.headers.find("sec-fetch-site").value_or("none");
  if (request.headers.has(Field::origin) || (site != "none" && site != "same-origin")) {
    return json_error(403, "refused: sent by a web page", "a request from the command line");
  }
  return {.status = 0};
}

net::Task<void> Shop::control(http::ServerExchange& exchange) {
  const http::RequestHead& request = exchange.request();
  const std::string_view action = request.path().substr(std::string_view("/control/").size());
  Reply reply = refuse_control(exchange);
  if (reply.status == 0) {
    if (action == "status" && (request.method == Method::get || request.method == Method::head)) {
      reply = json_reply(200, status_json());
    } else if (request.method != Method::post) {
      reply = json_error(405, "wrong method", "POST");
      reply.headers.emplace_back("Allow", action == "status" ? "GET, HEAD" : "POST");
    } else if (auto applied = apply(troubles_, action, request.query()); !applied) {
      reply = json_error(applied.error().code == Errc::not_found ? 404 : 400, fmt::format("/control/{}", action),
                         applied.error().detail);
    } else {
      released_.notify_all();
      reply = json_reply(200, status_json());
    }
  }
  co_await send(exchange, std::move(reply));
}

net::Task<Result<std::string>> Shop::read_form(http::ServerExchange& exchange) {
  std::string form;
  const TimePoint deadline = loop_.now() + form_timeout;
  while (true) {
    auto part = co_await exchange.read_body(deadline);
    if (!part) co_return std::unexpected(part.error());
    if (part->empty()) co_return form;
    if (form.size() + part->size() > most_form_bytes) co_return fail(Errc::too_large);
    form.append(part->view());
  }
}

net::Task<void> Shop::send(http::ServerExchange& exchange, Reply reply) {
  const bool is_head = exchange.request().method == Method::head;
  const std::string length = fmt::to_string(reply.body.size());
  http::ResponseHead head;
  head.status = reply.status;
  if (reply.status != 304) head.headers.add("Content-Type", reply.content_type);
  for (const auto& [field, value] : reply.headers) head.headers.add(field, value);
  head.headers.add("X-Shop", options_.storefront.server_name);

  const bool cut = troubles_.cut_share > 0 && random_.unit() < troubles_.cut_share && reply.body.size() > 1 && !is_head;
  if (cut || is_head) head.headers.add("Content-Length", length);
  if (cut) {
    // Half of what the head promises; returning without the rest closes the connection.
    [[maybe_unused]] auto sent = co_await exchange.send(
        head, std::string_view(reply.body).substr(0, reply.body.size() / 2), http::BodyEnd::more, no_deadline);
    co_return;
  }
  [[maybe_unused]] auto sent = co_await exchange.send(head, is_head ? std::string_view() : std::string_view(reply.body),
                                                      http::BodyEnd::last, no_deadline);
}

Visit Shop::visit_of(http::ServerExchange& exchange) const {
  const http::RequestHead& request = exchange.request();
  const bool good_host = !request.authority.empty() && std::ranges::all_of(request.authority, is_host_character);
  const std::string_view scheme =
      value_of(request.headers, Field::x_forwarded_proto) == "https" ? "https" : request.scheme;
  return {.method = request.method,
          .path = request.path(),
          .query = request.query(),
          .base_url = exchange.arena().join(scheme, "://", good_host ? request.authority : "localhost"),
          .cookies = value_of(request.headers, Field::cookie),
          .if_none_match = value_of(request.headers, Field::if_none_match),
          .if_modified_since = value_of(request.headers, Field::if_modified_since)};
}

std::string Shop::status_json() {
  nlohmann::ordered_json answers = nlohmann::ordered_json::object();
  for (const auto& [key, count] : counts_) answers[std::string(name(key.first))][fmt::to_string(key.second)] = count;
  nlohmann::ordered_json times = nlohmann::ordered_json::object();
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    times[std::string(name(static_cast<Kind>(kind)))] =
        std::chrono::duration<double, std::milli>(options_.times.of[kind]).count();
  }
  constexpr std::string_view health[] = {"ok", "failing", "hung"};
  const nlohmann::ordered_json status{
      {"name", options_.storefront.server_name},
      {"workers", queue_.workers()},
      {"busy", queue_.busy(loop_.now())},
      {"waiting", queue_.waiting(loop_.now())},
      {"line_limit", options_.line_limit},
      {"hanging", hanging_},
      {"refused", refused_},
      {"orders", storefront_.orders().orders()},
      {"orders_repeated", storefront_.orders().repeated()},
      {"answers", answers},
      {"service_times_ms", times},
      {"troubles",
       {{"slow_factor", troubles_.slow_factor},
        {"broken_status", troubles_.broken_status},
        {"broken_share", troubles_.broken_share},
        {"cut_share", troubles_.cut_share},
        {"hung", troubles_.hung},
        {"healthz", health[static_cast<std::size_t>(troubles_.health)]}}},
  };
  return to_text(status);
}

}  // namespace tenfold::shop
