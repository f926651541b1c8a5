#include <algorithm>

#include "base/text/letters.hpp"
#include "http/http1/field_lines.hpp"
#include "http/http1/framing.hpp"
#include "http/http1/parser.hpp"
#include "http/rules/trailers.hpp"

namespace tenfold::http::http1 {
namespace {

using Part = Cursor::Part;

struct DiscardResponse : DiscardFields {
  void status_line(Version, int, std::string_view) {}
};

class FillResponse {
 public:
  explicit FillResponse(ResponseHead& head) : head_(head) {}

  void status_line(Version version, int status, std::string_view reason) {
    head_.version = version;
    head_.status = status;
    head_.reason = reason;
  }
  void field(std::string_view name, std::string_view value) {
    const Header header{name, value, field_of(name)};
    head_.headers.add(header);
    if (header.field != Field::other) fields_.field(header.field, value);
  }
  const FramingFields& fields() const { return fields_; }

 private:
  ResponseHead& head_;
  FramingFields fields_;
};

// "HTTP/1.1 200 OK". The space behind the status may be missing together with the phrase, as some servers write it.
template <class Sink>
Progress read_status_line(Scan& scan, Cursor& cursor, const HeadLimits& limits, Sink& sink, Refusal& refusal) {
  constexpr std::string_view pattern = "HTTP/1.d ddd";
  scan.limit(limits.first_line_bytes + 2, {431, "The status line is longer than allowed."});
  if (cursor.part == Part::start) {
    const auto available = std::min<std::size_t>(static_cast<std::size_t>(scan.end - scan.at), pattern.size());
    for (std::size_t i = 0; i < available; ++i) {
      const bool matches = pattern[i] == 'd' ? is_digit(scan.at[i]) : scan.at[i] == pattern[i];
      if (!matches) return refuse(refusal, 502, "The status line is malformed.");
    }
    if (available < pattern.size()) return scan.out_of_bytes(refusal);
    if (scan.at[7] > '1' || scan.at[9] == '0') return refuse(refusal, 502, "The status line is malformed.");
    scan.at += pattern.size();
    cursor.part = Part::status_line;
  }
  scan.at = skip_value(scan.at, scan.end);
  if (scan.at == scan.end) return scan.out_of_bytes(refusal);
  if (*scan.at != '\r') return refuse(refusal, 502, "The status line has a control byte.");
  if (scan.end - scan.at < 2) return scan.out_of_bytes(refusal);
  const char* const phrase = scan.place(static_cast<std::uint32_t>(pattern.size()));
  const bool separated = phrase == scan.at || *phrase == ' ';
  if (scan.at[1] != '\n' || !separated) return refuse(refusal, 502, "The status line is malformed.");
  const char* const line = scan.place(0);
  const int status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  sink.status_line(line[7] == '1' ? Version::http_1_1 : Version::http_1_0, status, trim(phrase, scan.at));
  scan.at += 2;
  begin_fields(scan, cursor);
  return Progress::complete;
}

template <class Sink>
Progress read_response_head(Scan& scan, Cursor& cursor, const HeadLimits& limits, Sink& sink, Refusal& refusal) {
  if (cursor.part < Part::field_start) {
    const Progress progress = read_status_line(scan, cursor, limits, sink, refusal);
    if (progress != Progress::complete) return progress;
  }
  const Progress progress = read_field_lines(scan, cursor, limits, sink, refusal);
  if (progress == Progress::refused && refusal.status == 400) refusal.status = 502;
  return progress;
}

// RFC 9112, 6.3.
void settle_framing(const FramingFields& fields, const ResponseHead& head, Method request_method,
                    ResponseFraming& framing) {
  using Body = ResponseFraming::Body;
  framing.bytes = 0;
  framing.keep_alive = fields.keep_alive(head.version);
  if (has_no_body(request_method, head.status)) {
    framing.body = Body::none;
  } else if (fields.chunked()) {
    framing.body = Body::chunked;
  } else if (fields.message().has_length()) {
    framing.body = Body::known;
    framing.bytes = fields.message().length();
  } else {
    framing.body = Body::until_close;
    framing.keep_alive = false;
  }
}

struct FillTrailers {
  Headers& trailers;
  void field(std::string_view name, std::string_view value) { trailers.add(name, value); }
};

}  // namespace

Progress parse_response_head(std::string_view bytes, const HeadLimits& limits, Method request_method,
                             ResponseHead& head, ResponseFraming& framing, std::size_t& head_bytes, Refusal& refusal) {
  head.headers.clear();
  Cursor cursor;
  FillResponse fill(head);
  {
    Scan scan(bytes, cursor);
    const Progress progress = read_response_head(scan, cursor, limits, fill, refusal);
    if (progress != Progress::complete) return progress;
  }
  refusal = fill.fields().fault(head.version, 502);
  if (refusal.status != 0) return Progress::refused;
  settle_framing(fill.fields(), head, request_method, framing);
  head_bytes = cursor.at;
  return Progress::complete;
}

Progress check_response_head(std::string_view bytes, const HeadLimits& limits, Cursor& cursor, Refusal& refusal) {
  DiscardResponse discard;
  Scan scan(bytes, cursor);
  return read_response_head(scan, cursor, limits, discard, refusal);
}

Cursor trailer_cursor() {
  Cursor cursor;
  cursor.part = Part::field_start;
  return cursor;
}

Progress check_trailers(std::string_view bytes, const HeadLimits& limits, Cursor& cursor, Refusal& refusal) {
  DiscardFields discard;
  Scan scan(bytes, cursor);
  return read_field_lines(scan, cursor, limits, discard, refusal);
}

Progress parse_trailers(std::string_view bytes, const HeadLimits& limits, Misplaced misplaced, Headers& trailers,
                        Refusal& refusal) {
  trailers.clear();
  Cursor cursor = trailer_cursor();
  FillTrailers fill{trailers};
  Scan scan(bytes, cursor);
  const Progress progress = read_field_lines(scan, cursor, limits, fill, refusal);
  if (progress != Progress::complete) return progress;
  refusal = settle_trailers(trailers, misplaced);
  return refusal.status == 0 ? Progress::complete : Progress::refused;
}

}  // namespace tenfold::http::http1
