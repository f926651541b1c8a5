#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.hpp"

namespace tenfold::cache {

// Seconds as Cache-Control carries them: never negative, clamped to 2^31 (RFC 9111, 1.2.2).
using Seconds = std::int64_t;
inline constexpr Seconds max_delta_seconds = std::int64_t{1} << 31;

// The directives of a response (RFC 9111, 5.2.2; RFC 5861; RFC 8246). Of a directive that comes twice the smaller
// value counts; a number that cannot be read counts as 0 (RFC 9111, 4.2.1). A qualified no-cache="..." or
// private="..." counts as the unqualified one, as 5.2.2.4 and 5.2.2.7 allow. In a member that is not well formed
// (another mark than a comma between two directives) private, no-store and no-cache count, and a lifetime counts as 0.
struct ResponseDirectives {
  std::optional<Seconds> max_age;
  std::optional<Seconds> s_maxage;
  std::optional<Seconds> stale_while_revalidate;
  std::optional<Seconds> stale_if_error;
  bool no_store = false;
  bool no_cache = false;
  bool private_ = false;
  bool public_ = false;
  bool must_revalidate = false;
  bool proxy_revalidate = false;
  bool must_understand = false;
  bool immutable = false;
};

// The directives of a request (RFC 9111, 5.2.1).
struct RequestDirectives {
  std::optional<Seconds> max_age;
  std::optional<Seconds> min_fresh;
  std::optional<Seconds> max_stale;  // without a value: max_delta_seconds
  bool no_cache = false;
  bool no_store = false;
  bool only_if_cached = false;
};

// Adds what one field line says.
void parse_response_directives(std::string_view line, ResponseDirectives& into);
void parse_request_directives(std::string_view line, RequestDirectives& into);

// The directives that bind this cache: those of CDN-Cache-Control, when the response has a well-formed one, and then
// neither Cache-Control nor Expires (RFC 9213, 2.2); else those of Cache-Control, and private, no-store and no-cache
// wherever they stand in a CDN-Cache-Control that is not well formed.
struct BindingDirectives {
  ResponseDirectives directives;
  enum class Source : std::uint8_t { none, cache_control, targeted } source = Source::none;
};
BindingDirectives binding_directives(const http::Headers& headers);

// All of a request's Cache-Control; "Pragma: no-cache" where there is none (RFC 9111, 5.4).
RequestDirectives request_directives(const http::Headers& headers);

}  // namespace tenfold::cache
