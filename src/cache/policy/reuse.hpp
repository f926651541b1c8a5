#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "cache/policy/storing.hpp"

// May a stored response answer a request (RFC 9111, 4)? Pure functions.
namespace tenfold::cache {

// What a request has that bears on reuse, found in one pass over its head.
struct RequestTerms {
  RequestDirectives directives;
  bool cacheable_method = false;  // GET or HEAD
  bool head = false;
  bool cookie = false;
  bool authorization = false;
  bool range = false;
  bool origin_conditions = false;  // If-Match, If-Unmodified-Since: for the origin alone (RFC 9111, 4.3.2)
  bool upgrade = false;
  bool outsized = false;  // past max_head_bytes or max_head_fields
};
// What an origin may refuse for its size alone (uWSGI takes 4 KiB in all, Tomcat 8): such a request gets no answer that
// others are given too.
inline constexpr std::size_t max_head_bytes = 4096;
inline constexpr std::size_t max_head_fields = 64;
RequestTerms request_terms(const http::RequestHead& request);

enum class Use : std::uint8_t {
  fresh,
  stale_while_revalidate,  // may be served now; somebody should refresh it
  validate,                // only with the origin's word
  never,                   // not for this request, nor would a validation help
};

struct Reuse {
  Use use = Use::validate;
  bool stale_if_error = false;  // may be served when the origin fails
  Seconds age_s = 0;
  Seconds ttl_s = 0;  // negative: stale for so long
};

// `received`: when the stored response came.
Reuse reuse(const Terms& terms, TimePoint received, const RequestTerms& request, ClientDirectives client,
            TimePoint now);

}  // namespace tenfold::cache
