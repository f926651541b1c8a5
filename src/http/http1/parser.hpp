#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/message.hpp"
#include "http/rules/refusal.hpp"
#include "http/rules/trailers.hpp"

// Strict parsers of HTTP/1.1 heads (RFC 9112). Whatever two parsers could read two ways is refused, here and nowhere
// else: bare LF and lone CR, control bytes, folded lines, white space before colons, both length fields, a
// Content-Length that is not digits, a Transfer-Encoding other than "chunked", a missing or second Host.
// No memory is taken and nothing is copied; the results' string_views point into the input.
namespace tenfold::http::http1 {

enum class Progress : std::uint8_t { complete, incomplete, refused };

struct HeadLimits {
  std::size_t first_line_bytes = 8 * 1024;  // without its line end; past it: 414
  std::size_t header_bytes = 32 * 1024;     // all field lines with their ends; past it: 431
  std::size_t header_count = 100;           // past it: 431
};

// How far a head that comes in pieces has been examined, so that no byte is looked at twice however small the pieces.
// Offsets are from the head's first byte.
struct Cursor {
  enum class Part : std::uint8_t { start, method, target, version, status_line, field_start, field_name, field_value };
  Part part = Part::start;
  std::uint32_t at = 0;            // everything before it is well-formed
  std::uint32_t mark = 0;          // where the part under way began
  std::uint32_t colon = 0;         // of the field line under way
  std::uint32_t line_begin = 0;    // of the first line
  std::uint32_t target_begin = 0;  // of the first line
  std::uint32_t fields_begin = 0;
  std::uint32_t header_count = 0;
};

// What a request's fields say about the connection.
struct RequestFraming {
  BodyLength body;
  bool keep_alive = false;  // Connection and version; RFC 9112, 9.3
  bool expects_continue = false;
  bool wants_upgrade = false;  // Upgrade and its Connection option are there
};

// Parses a whole request head at once: the fast path. `head` is overwritten (scheme stays). On complete,
// head_bytes tells where the body begins. On incomplete, continue with check_request_head() and parse again when that
// says complete. The target of "http://host?query" is then "?query", and "/" has to be put before it. Both refuse
// syntax at its first wrong byte, and what only the whole tells at the head's end, so that the result never depends on
// how the bytes were cut.
Progress parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head,
                            RequestFraming& framing, std::size_t& head_bytes, Refusal& refusal);

// Goes on examining a head that grows: `bytes` is all of it so far. Complete means that parse_request_head() has
// all it needs.
Progress check_request_head(std::string_view bytes, const HeadLimits& limits, Cursor& cursor, Refusal& refusal);

struct ResponseFraming {
  enum class Body : std::uint8_t { none, known, chunked, until_close } body = Body::none;
  std::uint64_t bytes = 0;  // if known
  bool keep_alive = false;
};

// The same for responses; `request_method` decides whether there is a body. A refusal's status is 502, or 431 when a
// limit was passed.
Progress parse_response_head(std::string_view bytes, const HeadLimits& limits, Method request_method,
                             ResponseHead& head, ResponseFraming& framing, std::size_t& head_bytes, Refusal& refusal);
Progress check_response_head(std::string_view bytes, const HeadLimits& limits, Cursor& cursor, Refusal& refusal);

// Trailer fields (RFC 9112, 7.1.2) up to and including the empty line; the cursor starts as trailer_cursor().
Cursor trailer_cursor();
Progress check_trailers(std::string_view bytes, const HeadLimits& limits, Cursor& cursor, Refusal& refusal);
Progress parse_trailers(std::string_view bytes, const HeadLimits& limits, Misplaced misplaced, Headers& trailers,
                        Refusal& refusal);

}  // namespace tenfold::http::http1
