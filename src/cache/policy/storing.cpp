#include "cache/policy/storing.hpp"

#include <algorithm>

namespace tenfold::cache {

namespace {

using http::Field;
using http::HttpDate;

HttpDate second_of(WallTime moment) { return std::chrono::floor<std::chrono::seconds>(moment); }

// What one response says, read once.
struct Reading {
  BindingDirectives binding;
  HttpDate received;
  HttpDate date;  // Date, or the moment of receipt without a readable one (RFC 9110, 6.6.1)
  const ResponseDirectives& directives() const { return binding.directives; }
};

// Status codes whose meaning for caches is known here: those of RFC 9110 and 429 and 451. Others are never stored where
// must-understand asks for understanding (RFC 9111, 5.2.2.3).
bool is_understood(int status) {
  return (status >= 200 && status <= 205) || (status >= 300 && status <= 303) || status == 305 || status == 307 ||
         status == 308 || (status >= 400 && status <= 417) || status == 421 || status == 422 || status == 426 ||
         status == 429 || status == 451 || (status >= 500 && status <= 505);
}

// Errors that say of the request, not of the page, that it is at fault: by a field too long or strange, its framing,
// its conditions, its pace. One client could make such an answer everybody's; RFC 6585 forbids it for its four.
bool blames_request(int status) {
  switch (status) {
    case 400:
    case 401:
    case 406:
    case 407:
    case 408:
    case 411:
    case 412:
    case 413:
    case 414:
    case 415:
    case 416:
    case 417:
    case 421:
    case 422:
    case 425:
    case 426:
    case 428:
    case 429:
    case 431:
    case 511: return true;
    default: return false;
  }
}

// RFC 9110, 15.1: may be kept without being told to.
bool is_heuristically_cacheable(int status) {
  switch (status) {
    case 200:
    case 203:
    case 204:
    case 300:
    case 301:
    case 308:
    case 404:
    case 405:
    case 410:
    case 501: return true;
    default: return false;
  }
}

bool is_static_type(const http::Headers& headers) {
  std::string_view type = headers.find(Field::content_type).value_or("");
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  for (const std::string_view prefix : {"image/", "font/", "audio/", "video/"}) {
    if (type.size() > prefix.size() && http::equals_ignoring_case(type.substr(0, prefix.size()), prefix)) return true;
  }
  for (const std::string_view name : {"text/css", "text/javascript", "application/javascript", "application/wasm"}) {
    if (http::equals_ignoring_case(type, name)) return true;
  }
  return false;
}

Refusal refusal_of(const http::RequestHead& request, const http::ResponseHead& response, const Reading& reading,
                   const CacheOptions& options) {
  const ResponseDirectives& directives = reading.directives();
  if (request.method != http::Method::get) return Refusal::method;
  if (response.status < 200 || response.status == 206 || response.status == 304) return Refusal::status;
  if (blames_request(response.status)) return Refusal::request_error;
  if (directives.must_understand ? !is_understood(response.status) : directives.no_store) {
    return directives.must_understand ? Refusal::status : Refusal::no_store;
  }
  if (directives.private_) return Refusal::private_;
  if (response.headers.has(Field::content_range)) return Refusal::content_range;
  if (response.headers.has(Field::set_cookie) &&
      !(options.set_cookie == StoreSetCookie::when_public && directives.public_)) {
    return Refusal::set_cookie;
  }
  if (options.client_directives == ClientDirectives::revalidate && request_directives(request.headers).no_store) {
    return Refusal::request;
  }
  return Refusal::none;
}

// RFC 9111, 3.5.
bool allows_authorized(const ResponseDirectives& directives) {
  return directives.public_ || directives.s_maxage || directives.must_revalidate;
}

// RFC 9111, 4.2.1: the first that applies. Empty: the response does not say.
std::optional<Seconds> explicit_lifetime(const http::Headers& headers, const Reading& reading) {
  const ResponseDirectives& directives = reading.directives();
  if (directives.s_maxage) return directives.s_maxage;
  if (directives.max_age) return directives.max_age;
  if (reading.binding.source == BindingDirectives::Source::targeted) return {};
  const auto expires = headers.find(Field::expires);
  if (!expires) return {};
  const auto moment = http::parse_date(*expires, reading.received);
  if (!moment) return 0;  // "0" and the like: expired already (RFC 9111, 5.3)
  return std::clamp<Seconds>((*moment - reading.date).count(), 0, max_delta_seconds);
}

// RFC 9111, 4.2.2. Empty: no guess is allowed.
std::optional<Seconds> guessed_lifetime(const http::RequestHead& request, const http::ResponseHead& response,
                                        const Reading& reading, const CacheOptions& options) {
  if (options.heuristic == Heuristic::off || !is_heuristically_cacheable(response.status)) return {};
  if (options.heuristic == Heuristic::static_types && !is_static_type(response.headers)) return {};
  if (request.headers.has(Field::cookie)) return {};
  const auto last_modified = response.headers.find(Field::last_modified);
  if (!last_modified) return {};
  const auto moment = http::parse_date(*last_modified, reading.received);
  if (!moment || *moment >= reading.date) return {};
  const Seconds limit = std::chrono::duration_cast<std::chrono::seconds>(options.heuristic_limit).count();
  return std::min((reading.date - *moment).count() / 10, limit);
}

// RFC 9111, 5.1: of several members the first counts; what is no number is no Age.
Seconds stated_age(const http::Headers& headers) {
  std::string_view first;
  for (const http::Header& header : headers) {
    if (header.field != Field::age || !first.empty()) continue;
    http::for_each_element(header.value, [&](std::string_view member) {
      first = member;
      return false;
    });
  }
  Seconds seconds = 0;
  for (const char c : first) {
    if (c < '0' || c > '9') return 0;
    seconds = std::min(seconds * 10 + (c - '0'), max_delta_seconds);
  }
  return seconds;
}

// RFC 9111, 4.2.3.
Seconds initial_age(const http::Headers& headers, const Reading& reading, const FetchTimes& times) {
  const Seconds age_value = stated_age(headers);
  const Seconds apparent_age = std::max<Seconds>(0, (reading.received - reading.date).count());
  const Seconds delay =
      std::max<Seconds>(0, std::chrono::duration_cast<std::chrono::seconds>(times.received - times.sent).count());
  return std::min(std::max(apparent_age, age_value + delay), max_delta_seconds);
}

// RFC 5861, within what RFC 9111, 4.2.4 leaves. The owner's times prolong a lifetime. Where there was none (max-age=0,
// "Expires: 0", as frameworks send with pages of who is signed in) only the response's own words count.
void set_stale_times(const ResponseDirectives& directives, const CacheOptions& options, Terms& terms) {
  terms.never_stale = directives.must_revalidate || directives.proxy_revalidate || terms.validate_always;
  if (terms.never_stale) return;
  const bool unstated_allowed =
      terms.came_fresh() && (!directives.s_maxage || options.stale_after_s_maxage == StaleAfterSMaxage::allowed);
  const auto choose = [&](std::optional<Seconds> stated, Duration configured) {
    if (stated) return *stated;
    return unstated_allowed ? std::chrono::duration_cast<std::chrono::seconds>(configured).count() : 0;
  };
  terms.stale_while_revalidate_s = choose(directives.stale_while_revalidate, options.stale_while_revalidate);
  terms.stale_if_error_s = choose(directives.stale_if_error, options.stale_if_error);
}

}  // namespace

std::string_view name(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "none";
    case Refusal::method: return "method";
    case Refusal::status: return "status";
    case Refusal::no_store: return "no-store";
    case Refusal::private_: return "private";
    case Refusal::set_cookie: return "set-cookie";
    case Refusal::authorization: return "authorization";
    case Refusal::vary: return "vary";
    case Refusal::no_freshness: return "no-freshness";
    case Refusal::too_large: return "too-large";
    case Refusal::content_range: return "content-range";
    case Refusal::memory: return "memory";
    case Refusal::request: return "request";
    case Refusal::request_error: return "status";
    case Refusal::vary_values: return "vary";
  }
  return "none";
}

bool is_of_the_page(Refusal refusal) {
  switch (refusal) {
    case Refusal::none:
    case Refusal::method:
    case Refusal::authorization:
    case Refusal::memory:
    case Refusal::request:
    case Refusal::request_error:
    case Refusal::vary_values: return false;
    default: return true;
  }
}

bool turns_client_away(int status) {
  return status == 401 || status == 402 || status == 403 || status == 407 || status == 423 || status == 451;
}

bool sends_elsewhere_for_now(int status) { return status == 302 || status == 303 || status == 307; }

Storability storability(const http::RequestHead& request, const http::ResponseHead& response, const FetchTimes& times,
                        const CacheOptions& options) {
  Reading reading;
  reading.binding = binding_directives(response.headers);
  reading.received = second_of(times.received_wall);
  reading.date = reading.received;
  if (const auto date = response.headers.find(Field::date)) {
    reading.date = http::parse_date(*date, reading.received).value_or(reading.received);
  }

  Storability result;
  result.refusal = refusal_of(request, response, reading, options);
  if (result.refusal != Refusal::none) return result;
  const ResponseDirectives& directives = reading.directives();
  Terms& terms = result.terms;
  terms.allows_authorized = allows_authorized(directives);
  if (request.headers.has(Field::authorization) && !terms.allows_authorized) {
    result.refusal = Refusal::authorization;
    return result;
  }

  terms.validate_always = directives.no_cache;
  terms.immutable = directives.immutable;
  if (const auto stated = explicit_lifetime(response.headers, reading)) {
    terms.lifetime_s = *stated;
  } else if (const auto guess = guessed_lifetime(request, response, reading, options)) {
    terms.lifetime_s = *guess;
    terms.heuristic = true;
  } else if (!directives.no_cache) {
    result.refusal = Refusal::no_freshness;
    return result;
  }
  terms.initial_age_s = initial_age(response.headers, reading, times);
  set_stale_times(directives, options, terms);

  // What can be used neither fresh nor stale is worth keeping only if the origin can be asked whether it changed.
  const bool usable = !terms.validate_always && terms.kept_s() > terms.initial_age_s;
  if (!usable && !response.headers.has(Field::etag) && !response.headers.has(Field::last_modified))
    result.refusal = Refusal::no_freshness;
  return result;
}

}  // namespace tenfold::cache
