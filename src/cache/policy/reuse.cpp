#include "cache/policy/reuse.hpp"

#include <algorithm>

namespace tenfold::cache {

namespace {

using http::Field;

// Whether the client's own words ask for more than freshness (RFC 9111, 5.2.1).
bool client_wants_validation(const Terms& terms, const RequestDirectives& wishes, const Reuse& state) {
  if (wishes.no_cache) return true;
  if (wishes.max_age && state.age_s > *wishes.max_age && !(terms.immutable && *wishes.max_age == 0)) return true;
  return wishes.min_fresh && state.ttl_s < *wishes.min_fresh;
}

}  // namespace

RequestTerms request_terms(const http::RequestHead& request) {
  RequestTerms terms;
  terms.head = request.method == http::Method::head;
  terms.cacheable_method = terms.head || request.method == http::Method::get;
  bool has_directives = false;
  std::size_t head_bytes = request.target.size();
  for (const http::Header& header : request.headers) {
    head_bytes += header.name.size() + header.value.size() + 4;
    switch (header.field) {
      case Field::cookie: terms.cookie = true; break;
      case Field::authorization: terms.authorization = true; break;
      case Field::range: terms.range = true; break;
      case Field::if_match:
      case Field::if_unmodified_since: terms.origin_conditions = true; break;
      case Field::upgrade: terms.upgrade = true; break;
      case Field::cache_control:
      case Field::pragma: has_directives = true; break;
      default: break;
    }
  }
  terms.outsized = head_bytes > max_head_bytes || request.headers.size() > max_head_fields;
  if (has_directives) terms.directives = request_directives(request.headers);
  return terms;
}

Reuse reuse(const Terms& terms, TimePoint received, const RequestTerms& request, ClientDirectives client,
            TimePoint now) {
  Reuse result;
  const auto resident = std::chrono::duration_cast<std::chrono::seconds>(now - received).count();
  result.age_s = std::min(terms.initial_age_s + std::max<Seconds>(resident, 0), max_delta_seconds);
  result.ttl_s = terms.lifetime_s - result.age_s;
  if (request.authorization && !terms.allows_authorized) {
    result.use = Use::never;
    return result;
  }
  const Seconds stale_s = -result.ttl_s;
  result.stale_if_error = stale_s < terms.stale_if_error_s && !terms.never_stale;
  if (terms.validate_always || (terms.heuristic && request.cookie)) return result;

  const bool client_is_heard = client == ClientDirectives::revalidate;
  if (client_is_heard && client_wants_validation(terms, request.directives, result)) return result;
  if (result.ttl_s > 0) {
    result.use = Use::fresh;
  } else if (!terms.never_stale &&
             (stale_s < terms.stale_while_revalidate_s ||
              (client_is_heard && terms.came_fresh() && stale_s <= request.directives.max_stale.value_or(-1)))) {
    result.use = Use::stale_while_revalidate;
  }
  return result;
}

}  // namespace tenfold::cache
