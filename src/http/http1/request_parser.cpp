#include <cstring>

#include "base/text/letters.hpp"
#include "http/http1/field_lines.hpp"
#include "http/http1/framing.hpp"
#include "http/http1/parser.hpp"
#include "http/rules/authority.hpp"
#include "http/rules/requests.hpp"

namespace tenfold::http::http1 {
namespace {

using Part = Cursor::Part;

constexpr std::size_t version_bytes = 8;  // "HTTP/1.1"

struct DiscardRequest : DiscardFields {
  void request_line(std::string_view, std::string_view, Version) {}
};

class FillRequest {
 public:
  explicit FillRequest(RequestHead& head) : head_(head) {}

  void request_line(std::string_view method, std::string_view target, Version version) {
    head_.method = method_of(method);
    head_.method_name = method;
    head_.target = target;
    head_.version = version;
  }
  void field(std::string_view name, std::string_view value) {
    const Header header{name, value, field_of(name)};
    head_.headers.add(header);
    if (header.field != Field::other) fields_.field(header.field, value);
  }
  const FramingFields& fields() const { return fields_; }

 private:
  RequestHead& head_;
  FramingFields fields_;
};

// The version and the line's end, which must follow it at once. Looks at what is there, however little.
Progress read_version(Scan& scan, Version& version, Refusal& refusal) {
  constexpr std::string_view pattern = "HTTP/d.d\r\n";
  const auto available = std::min<std::size_t>(static_cast<std::size_t>(scan.end - scan.at), pattern.size());
  if (available == pattern.size() && std::memcmp(scan.at, "HTTP/1.1\r\n", pattern.size()) == 0) {
    version = Version::http_1_1;
    scan.at += pattern.size();
    return Progress::complete;
  }
  for (std::size_t i = 0; i < available; ++i) {
    const bool matches = pattern[i] == 'd' ? is_digit(scan.at[i]) : scan.at[i] == pattern[i];
    if (!matches) return refuse(refusal, 400, "The request line does not end as HTTP/1.1 says.");
  }
  if (available < pattern.size()) return scan.out_of_bytes(refusal);
  if (std::memcmp(scan.at, "HTTP/1.0", version_bytes) != 0) {
    return refuse(refusal, 505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
  }
  version = Version::http_1_0;
  scan.at += pattern.size();
  return Progress::complete;
}

// An empty line before the request line is passed over (RFC 9112, 2.2), one only.
Progress read_start(Scan& scan, Cursor& cursor, Refusal& refusal) {
  if (scan.at == scan.end) return scan.out_of_bytes(refusal);
  if (*scan.at == '\r') {
    if (scan.end - scan.at < 2) return scan.out_of_bytes(refusal);
    if (scan.at[1] != '\n') return refuse(refusal, 400, "A carriage return stands alone.");
    scan.at += 2;
  }
  cursor.line_begin = scan.offset(scan.at);
  cursor.part = Part::method;
  return Progress::complete;
}

template <class Sink>
Progress read_request_line(Scan& scan, Cursor& cursor, const HeadLimits& limits, Sink& sink, Refusal& refusal) {
  const Refusal too_long{414, "The request line is longer than allowed."};
  if (cursor.part == Part::start) {
    scan.limit(limits.first_line_bytes + 4, too_long);
    const Progress progress = read_start(scan, cursor, refusal);
    if (progress != Progress::complete) return progress;
  }
  scan.limit(cursor.line_begin + limits.first_line_bytes + 2, too_long);
  if (cursor.part == Part::method) {
    scan.at = skip_token(scan.at, scan.end);
    if (scan.at == scan.end) return scan.out_of_bytes(refusal);
    if (*scan.at != ' ' || scan.offset(scan.at) == cursor.line_begin) {
      return refuse(refusal, 400, "The method is malformed.");
    }
    ++scan.at;
    cursor.target_begin = scan.offset(scan.at);
    cursor.part = Part::target;
  }
  if (cursor.part == Part::target) {
    scan.at = skip_target(scan.at, scan.end);
    if (scan.at == scan.end) return scan.out_of_bytes(refusal);
    if (*scan.at != ' ' || scan.offset(scan.at) == cursor.target_begin) {
      return refuse(refusal, 400, "The request target is malformed.");
    }
    ++scan.at;
    cursor.mark = scan.offset(scan.at);
    cursor.part = Part::version;
  }
  Version version{};
  const Progress progress = read_version(scan, version, refusal);
  if (progress != Progress::complete) return progress;
  const auto text = [&scan](std::uint32_t from, std::uint32_t to) {
    return std::string_view(scan.place(from), to - from - 1);  // without the space behind it
  };
  sink.request_line(text(cursor.line_begin, cursor.target_begin), text(cursor.target_begin, cursor.mark), version);
  begin_fields(scan, cursor);
  return Progress::complete;
}

template <class Sink>
Progress read_request_head(Scan& scan, Cursor& cursor, const HeadLimits& limits, Sink& sink, Refusal& refusal) {
  if (cursor.part < Part::field_start) {
    const Progress progress = read_request_line(scan, cursor, limits, sink, refusal);
    if (progress != Progress::complete) return progress;
  }
  return read_field_lines(scan, cursor, limits, sink, refusal);
}

// "http://host/path". Host must say the same: the target's authority counts (RFC 9112, 3.2.2), but who reads Host in
// spite of that would take the request for another site's.
Refusal split_absolute_target(RequestHead& head) {
  const std::size_t scheme_end = head.target.find("://");
  if (scheme_end == std::string_view::npos) return {400, "The request target is malformed."};
  const std::string_view scheme = head.target.substr(0, scheme_end);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) {
    return {400, "The request target's scheme is not http or https."};
  }
  const std::string_view rest = head.target.substr(scheme_end + 3);
  const std::size_t path = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, path);
  if (!is_valid_authority(authority)) return {400, "The request target's host is malformed."};
  const bool same = head.authority.empty() || is_same_authority(head.authority, authority, scheme);
  if (!same) return {400, "The request target and Host name different hosts."};
  head.target = path != std::string_view::npos ? rest.substr(path) : head.method == Method::options ? "*" : "/";
  head.authority = authority;
  head.headers.set(Field::host, authority);
  return {};
}

// Host and target (RFC 9112, 3.2).
Refusal settle_target(RequestHead& head, const MessageFields& fields) {
  if (!fields.has_host() && head.version == Version::http_1_1) return {400, "There is no Host."};
  if (const Refusal fault = fields.host_fault(); fault.status != 0) return fault;
  head.authority = fields.host();
  if (head.method == Method::connect) {
    if (!is_valid_authority_with_port(head.target)) return {400, "The request target of CONNECT is not host:port."};
    head.authority = head.target;
    return {};
  }
  return is_path_target(head.method, head.target) ? Refusal() : split_absolute_target(head);
}

void settle_framing(const FramingFields& fields, const RequestHead& head, RequestFraming& framing) {
  framing.body = {};
  if (fields.chunked()) {
    framing.body.kind = BodyLength::Kind::unknown;
  } else if (fields.message().has_length()) {
    framing.body = {BodyLength::Kind::known, fields.message().length()};
  }
  framing.keep_alive = fields.keep_alive(head.version);
  // An expectation of HTTP/1.0 is ignored, as RFC 9110, 10.1.1 asks.
  framing.expects_continue = fields.message().expects_continue() && head.version == Version::http_1_1;
  framing.wants_upgrade = fields.wants_upgrade() && head.version == Version::http_1_1;
}

}  // namespace

Progress parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head,
                            RequestFraming& framing, std::size_t& head_bytes, Refusal& refusal) {
  head.headers.clear();
  Cursor cursor;
  FillRequest fill(head);
  {
    Scan scan(bytes, cursor);
    const Progress progress = read_request_head(scan, cursor, limits, fill, refusal);
    if (progress != Progress::complete) return progress;
  }
  refusal = fill.fields().fault(head.version, 400);
  if (refusal.status == 0) refusal = settle_target(head, fill.fields().message());
  if (refusal.status != 0) return Progress::refused;
  settle_framing(fill.fields(), head, framing);
  head_bytes = cursor.at;
  return Progress::complete;
}

Progress check_request_head(std::string_view bytes, const HeadLimits& limits, Cursor& cursor, Refusal& refusal) {
  DiscardRequest discard;
  Scan scan(bytes, cursor);
  return read_request_head(scan, cursor, limits, discard, refusal);
}

}  // namespace tenfold::http::http1
