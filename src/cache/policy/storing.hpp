#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "cache/options.hpp"
#include "cache/policy/cache_control.hpp"
#include "http/date.hpp"
#include "http/message.hpp"

// May a response be stored, and on what terms may it be used (RFC 9111, 3 and 4.2)? Pure functions.
namespace tenfold::cache {

// When a response was asked for and came (RFC 9111, 4.2.3: request_time, response_time).
struct FetchTimes {
  TimePoint sent{};
  TimePoint received{};
  WallTime received_wall{};
};

// On what terms a stored response may be used. Ages count from FetchTimes::received.
struct Terms {
  Seconds lifetime_s = 0;                // freshness_lifetime
  Seconds initial_age_s = 0;             // corrected_initial_age
  Seconds stale_while_revalidate_s = 0;  // after the lifetime; 0: not allowed
  Seconds stale_if_error_s = 0;          // after the lifetime; 0: not allowed
  bool heuristic = false;                // the lifetime is a guess: not for requests with a cookie
  bool validate_always = false;          // no-cache: never used without the origin's word
  bool never_stale = false;              // must-revalidate and its like: not even for a client that takes stale ones
  bool immutable = false;                // a reload by the client is no reason to ask the origin (RFC 8246)
  bool allows_authorized = false;        // may answer requests with Authorization (RFC 9111, 3.5)

  // Fresh as it came (RFC 9111, 4.2): the origin meant it for others too. What did not is kept to be validated;
  // nobody's settings and no other client's wishes make it shown to others.
  bool came_fresh() const { return !validate_always && lifetime_s > initial_age_s; }
  // How long it is of any use: its lifetime and the longer of the stale times.
  Seconds kept_s() const {
    return lifetime_s + (stale_while_revalidate_s > stale_if_error_s ? stale_while_revalidate_s : stale_if_error_s);
  }
};

enum class Refusal : std::uint8_t {
  none,
  method,  // not GET
  status,  // interim, 206, 304, or must-understand with a status that is not understood
  no_store,
  private_,
  set_cookie,
  authorization,  // RFC 9111, 3.5
  vary,           // Vary: *, too many fields, or one that differs from client to client
  no_freshness,   // nothing says how long, and no guess is allowed
  too_large,
  content_range,  // a part that does not call itself one
  memory,         // no room
  request,        // the request is not one to keep an answer of: an outsized head, or its own no-store
  request_error,  // 400, 413, 431 and the like: the request is at fault, not the page
  vary_values,    // the request's values of the fields in Vary are too long, or it does not take the coding that came
};
// A token for Cache-Status detail, e.g. "set-cookie".
std::string_view name(Refusal refusal);
// True where another request for the same page would be refused too, as far as can be told.
bool is_of_the_page(Refusal refusal);
// A status that says who asked is not let in (401, 403, 407, 451 and the like): it says nothing of the page.
bool turns_client_away(int status);
// A redirect that need not last (302, 303, 307): to a login page, for instance.
bool sends_elsewhere_for_now(int status);

struct Storability {
  Refusal refusal = Refusal::none;
  Terms terms;  // if not refused
};

// Not looked at here: Vary and size.
Storability storability(const http::RequestHead& request, const http::ResponseHead& response, const FetchTimes& times,
                        const CacheOptions& options);

}  // namespace tenfold::cache
