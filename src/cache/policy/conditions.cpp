#include "cache/policy/conditions.hpp"

#include <chrono>

namespace tenfold::cache {

namespace {

using http::Field;

bool is_weak(std::string_view etag) { return etag.starts_with("W/"); }
std::string_view opaque(std::string_view etag) { return is_weak(etag) ? etag.substr(2) : etag; }

// A Last-Modified counts as strong when the response was generated at least a second after it (RFC 9110, 8.8.2.2).
bool last_modified_is_strong(const Validators& stored) {
  return stored.last_modified_at && stored.date && *stored.date - *stored.last_modified_at >= std::chrono::seconds(1);
}

}  // namespace

Validators validators_of(const http::Headers& headers, http::HttpDate now) {
  Validators validators;
  validators.etag = headers.find(Field::etag).value_or("");
  validators.last_modified = headers.find(Field::last_modified).value_or("");
  if (!validators.last_modified.empty()) validators.last_modified_at = http::parse_date(validators.last_modified, now);
  if (const auto date = headers.find(Field::date)) validators.date = http::parse_date(*date, now);
  return validators;
}

bool weak_match(std::string_view a, std::string_view b) { return !a.empty() && opaque(a) == opaque(b); }
bool strong_match(std::string_view a, std::string_view b) { return !a.empty() && !is_weak(a) && a == b; }

bool not_modified(const http::Headers& request, const Validators& stored, http::HttpDate now) {
  bool has_if_none_match = false;
  for (const http::Header& header : request) {
    if (header.field != Field::if_none_match) continue;
    has_if_none_match = true;
    bool matches = false;
    http::for_each_element(header.value, [&](std::string_view etag) {
      matches = etag == "*" || weak_match(etag, stored.etag);
      return !matches;
    });
    if (matches) return true;
  }
  if (has_if_none_match) return false;
  const auto since = request.find(Field::if_modified_since);
  if (!since || !stored.last_modified_at) return false;
  const auto moment = http::parse_date(*since, now);
  return moment && *moment <= now && *stored.last_modified_at <= *moment;
}

bool range_applies(const http::Headers& request, const Validators& stored) {
  const auto condition = request.find(Field::if_range);
  if (!condition) return true;
  if (condition->starts_with('"') || condition->starts_with("W/")) return strong_match(*condition, stored.etag);
  return last_modified_is_strong(stored) && *condition == stored.last_modified;
}

bool freshens(const http::Headers& head, const Validators& stored, http::HttpDate now) {
  const Validators said = validators_of(head, now);
  if (!said.etag.empty()) {
    return is_weak(said.etag) ? weak_match(said.etag, stored.etag) : strong_match(said.etag, stored.etag);
  }
  if (said.last_modified_at && stored.last_modified_at) return *said.last_modified_at == *stored.last_modified_at;
  return said.last_modified.empty() || said.last_modified == stored.last_modified;
}

bool kept_on_update(Field field) {
  return field == Field::content_encoding || field == Field::content_type || field == Field::content_range ||
         field == Field::content_length;
}

bool never_stored(const http::Header& header) {
  constexpr std::string_view ours = "tenfold-";
  if (http::equals_ignoring_case(header.name.substr(0, ours.size()), ours)) return true;
  switch (header.field) {
    case Field::age:
    case Field::cache_status:
    case Field::connection:
    case Field::content_length:
    case Field::keep_alive:
    case Field::proxy_authenticate:
    case Field::proxy_authorization:
    case Field::proxy_connection:
    case Field::set_cookie:
    case Field::te:
    case Field::trailer:
    case Field::transfer_encoding:
    case Field::upgrade: return true;
    default: return false;
  }
}

}  // namespace tenfold::cache
