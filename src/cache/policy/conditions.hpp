#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/date.hpp"
#include "http/message.hpp"

// Validators and conditional requests (RFC 9110, 8.8 and 13; RFC 9111, 4.3). Pure functions.
namespace tenfold::cache {

// What identifies a representation.
struct Validators {
  std::string_view etag;           // with its quotes and W/; empty: none
  std::string_view last_modified;  // as received; empty: none
  std::optional<http::HttpDate> last_modified_at;
  std::optional<http::HttpDate> date;  // when it was generated

  bool any() const { return !etag.empty() || !last_modified.empty(); }
};
Validators validators_of(const http::Headers& headers, http::HttpDate now);

bool weak_match(std::string_view etag_a, std::string_view etag_b);  // RFC 9110, 8.8.3.2
bool strong_match(std::string_view etag_a, std::string_view etag_b);

// True when a GET or HEAD with these headers is to be answered with 304: If-None-Match first, and only without one
// If-Modified-Since (RFC 9110, 13.2.2). A date that cannot be read, or lies ahead of `now`, is ignored.
bool not_modified(const http::Headers& request, const Validators& stored, http::HttpDate now);

// True when Range may be used: there is no If-Range, or it names exactly this representation (RFC 9110, 13.1.5).
bool range_applies(const http::Headers& request, const Validators& stored);

// True when a 304 with this head may freshen the stored representation (RFC 9111, 4.3.4).
bool freshens(const http::Headers& not_modified_head, const Validators& stored, http::HttpDate now);

// Fields of a 304 that do not replace stored ones (RFC 9111, 3.2): they describe the body that is stored.
bool kept_on_update(http::Field field);

// Fields that are never stored: about the connection, the framing, or this hop (RFC 9111, 3.1), those that are made
// anew for each answer (Age, Cache-Status), Set-Cookie, which is one client's, and all Tenfold-*, which only the edge
// itself may say. Those that Connection names must be left out too.
bool never_stored(const http::Header& header);

}  // namespace tenfold::cache
