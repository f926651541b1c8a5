#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "http/http1/chunked.hpp"
#include "http/http1/fuzz_cuts.hpp"
#include "http/http1/parser.hpp"
#include "http/http1/serialize.hpp"

#ifdef TENFOLD_HAS_HTTP_PARSER
#include <http_parser.h>
#endif

// What we accept, others must read as we do: an origin behind the edge may use any parser. A message that ours takes
// must be taken by http_parser too, with the same method, target, fields and body, and the same end. What our writer
// writes, our parser must read as it was.
//
// Where ours and http_parser may differ, by intention:
//  * methods that http_parser does not know (it has a fixed list; ours takes any token);
//  * absolute targets: not compared, since ours takes them apart (RFC 9112, 3.2.2);
//  * "close" together with "keep-alive": ours closes, http_parser may not;
//  * "keep-alive" from HTTP/1.0 behind an empty element of its list, which http_parser does not see: not compared;
//  * CONNECT and upgrades: http_parser stops at the head's end;
//  * names that go on behind "Transfer-Encoding": http_parser takes them for that field when it looks for both lengths;
//  * trailers: ours takes only harmless ones, which http_parser does not judge.
namespace tenfold::http::http1 {
namespace {

// Whether a line begins with "Transfer-Encoding" and goes on with more of a name.
bool has_prefixed_transfer_encoding(std::string_view bytes) {
  constexpr std::string_view name = "transfer-encoding";
  for (std::size_t line = bytes.find('\n'); line != std::string_view::npos; line = bytes.find('\n', line + 1)) {
    const std::string_view rest = bytes.substr(line + 1);
    if (rest.size() <= name.size() || rest[name.size()] == ':') continue;
    if (equals_ignoring_case(rest.substr(0, name.size()), name)) return true;
  }
  return false;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Message {
  std::string method;
  std::string target;
  int status = 0;
  Fields fields;
  std::string body;
  bool keep_alive = false;
  std::size_t end = 0;  // bytes used; 0: not complete
};

Fields fields_of(const Headers& headers) {
  Fields fields;
  for (const Header& header : headers) fields.emplace_back(header.name, header.value);
  return fields;
}

void write_and_read_back(const RequestHead& head, const RequestFraming& framing) {
  if (head.target.starts_with('?')) return;  // the connection puts "/" before it
  using Length = HeadAdditions::Length;
  HeadAdditions additions;
  if (framing.body.kind == BodyLength::Kind::known) additions = {Length::known, framing.body.bytes};
  if (framing.body.kind == BodyLength::Kind::unknown) additions = {Length::chunked};
  std::vector<char> room(request_head_bound(head));
  const char* const end = write_request_head(room.data(), head, additions);
  TENFOLD_ASSERT(end <= room.data() + room.size());
  const std::string_view text(room.data(), static_cast<std::size_t>(end - room.data()));
  RequestHead again;
  RequestFraming framing_again;
  std::size_t head_bytes = 0;
  Refusal refusal;
  constexpr HeadLimits wide{.first_line_bytes = 1 << 20, .header_bytes = 1 << 20, .header_count = 1000};
  TENFOLD_ASSERT(parse_request_head(text, wide, again, framing_again, head_bytes, refusal) == Progress::complete);
  TENFOLD_ASSERT(head_bytes == text.size());
  TENFOLD_ASSERT(again.method_name == head.method_name && again.target == head.target);
  TENFOLD_ASSERT(again.authority == head.authority);
  TENFOLD_ASSERT(framing_again.body.kind == framing.body.kind && framing_again.body.bytes == framing.body.bytes);
  for (const Header& header : head.headers) {
    const bool ours = header.field == Field::host || header.field == Field::connection ||
                      header.field == Field::keep_alive || header.field == Field::proxy_connection;
    TENFOLD_ASSERT(ours || again.headers.find(header.name).has_value());
  }
}

// Reads the body behind a head with our decoder; false when it is incomplete or refused.
bool read_body(std::string_view bytes, std::size_t head_bytes, bool chunked, std::uint64_t length, Message& message) {
  std::string rest(bytes.substr(head_bytes));
  if (chunked) {
    ChunkedDecoder decoder(ChunkedDecoder::Of::request);
    const auto decoded = decoder.decode(rest.data(), rest.size());
    if (decoded.progress != Progress::complete) return false;
    message.body = rest.substr(decoded.payload_begin, decoded.payload_size);
    message.end = head_bytes + decoded.consumed;
    return true;
  }
  if (rest.size() < length) return false;
  message.body = rest.substr(0, static_cast<std::size_t>(length));
  message.end = head_bytes + static_cast<std::size_t>(length);
  return true;
}

#ifdef TENFOLD_HAS_HTTP_PARSER

// What http_parser makes of one message.
class Other {
 public:
  Other(http_parser_type type, std::string_view bytes, bool skip_body) : skip_body_(skip_body) {
    http_parser_settings settings;
    http_parser_settings_init(&settings);
    settings.on_url = [](http_parser* p, const char* at, size_t n) { return self(p).message.target.append(at, n), 0; };
    settings.on_header_field = &on_name;
    settings.on_header_value = &on_value;
    settings.on_headers_complete = &on_head;
    settings.on_body = [](http_parser* p, const char* at, size_t n) { return self(p).message.body.append(at, n), 0; };
    settings.on_message_complete = &on_end;
    http_parser_init(&parser_, type);
    parser_.data = this;
    const std::size_t used = http_parser_execute(&parser_, &settings, bytes.data(), bytes.size());
    message.end = complete ? used : 0;
    if (HTTP_PARSER_ERRNO(&parser_) != HPE_PAUSED) error = HTTP_PARSER_ERRNO(&parser_);
    for (auto& [name, value] : message.fields) {
      while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.pop_back();
    }
  }

  Message message;
  bool head_complete = false;
  bool complete = false;
  bool upgrade = false;
  http_errno error = HPE_OK;

 private:
  static Other& self(http_parser* parser) { return *static_cast<Other*>(parser->data); }
  static int on_name(http_parser* parser, const char* at, size_t size) {
    Other& other = self(parser);
    if (other.head_complete) return 0;  // a trailer
    if (!other.in_name_) other.message.fields.emplace_back();
    other.in_name_ = true;
    other.message.fields.back().first.append(at, size);
    return 0;
  }
  static int on_value(http_parser* parser, const char* at, size_t size) {
    Other& other = self(parser);
    if (other.head_complete) return 0;
    other.in_name_ = false;
    other.message.fields.back().second.append(at, size);
    return 0;
  }
  static int on_head(http_parser* parser) {
    Other& other = self(parser);
    other.head_complete = true;
    other.upgrade = parser->upgrade != 0;
    // Before the trailers, which it lets change its mind.
    if (parser->flags & F_CHUNKED) other.message.keep_alive = http_should_keep_alive(parser) != 0;
    other.message.status = static_cast<int>(parser->status_code);
    if (parser->type == HTTP_REQUEST) other.message.method = http_method_str(static_cast<http_method>(parser->method));
    return other.skip_body_ ? 1 : 0;
  }
  static int on_end(http_parser* parser) {
    self(parser).complete = true;
    if (!(parser->flags & F_CHUNKED)) self(parser).message.keep_alive = http_should_keep_alive(parser) != 0;
    http_parser_pause(parser, 1);
    return 0;
  }

  http_parser parser_;
  bool skip_body_;
  bool in_name_ = false;
};

void compare_request(std::string_view bytes, const RequestHead& head, const RequestFraming& framing,
                     const Message& ours, bool body_read) {
  const Other other(HTTP_REQUEST, bytes, false);
  if (other.error == HPE_INVALID_METHOD) return;
  TENFOLD_ASSERT(other.head_complete);
  TENFOLD_ASSERT(other.message.method == ours.method);
  TENFOLD_ASSERT(other.message.target == ours.target);
  TENFOLD_ASSERT(other.message.fields == ours.fields);
  if (other.upgrade || head.method == Method::connect || !body_read) return;
  TENFOLD_ASSERT(!framing.keep_alive || head.version == Version::http_1_0 || other.message.keep_alive);
  TENFOLD_ASSERT(other.complete && other.message.body == ours.body && other.message.end == ours.end);
}

#endif

void check_request(std::string_view bytes) {
  RequestHead head;
  RequestFraming framing;
  std::size_t head_bytes = 0;
  Refusal refusal;
  if (parse_request_head(bytes, {}, head, framing, head_bytes, refusal) != Progress::complete) return;
  // Without an authority there is nothing that our own parser would take for a Host.
  if (!head.authority.empty()) write_and_read_back(head, framing);
#ifdef TENFOLD_HAS_HTTP_PARSER
  // As they were sent: an absolute target and its Host have been taken apart in `head`.
  const std::size_t line = bytes.starts_with('\r') ? 2 : 0;
  const std::size_t target = bytes.find(' ') + 1;
  Message ours;
  ours.method = bytes.substr(line, target - 1 - line);
  ours.target = bytes.substr(target, bytes.find(' ', target) - target);
  ours.fields = fields_of(head.headers);
  const bool absolute = ours.target != head.target && head.method != Method::connect;
  const bool body_read =
      read_body(bytes, head_bytes, framing.body.kind == BodyLength::Kind::unknown, framing.body.bytes, ours);
  if (!absolute) compare_request(bytes, head, framing, ours, body_read);
#endif
}

void check_response(std::string_view bytes, Method method) {
  using Body = ResponseFraming::Body;
  ResponseHead head;
  ResponseFraming framing;
  std::size_t head_bytes = 0;
  Refusal refusal;
  if (parse_response_head(bytes, {}, method, head, framing, head_bytes, refusal) != Progress::complete) return;
#ifdef TENFOLD_HAS_HTTP_PARSER
  // That HEAD, 204 and 304 have no body is for the caller of http_parser to know.
  const Other other(HTTP_RESPONSE, bytes, framing.body == Body::none);
  TENFOLD_ASSERT(other.head_complete);
  TENFOLD_ASSERT(other.message.status == head.status);
  TENFOLD_ASSERT(other.message.fields == fields_of(head.headers));
  if (other.upgrade || framing.body == Body::until_close) return;
  Message ours;
  if (!read_body(bytes, head_bytes, framing.body == Body::chunked, framing.bytes, ours)) return;
  TENFOLD_ASSERT(!framing.keep_alive || head.version == Version::http_1_0 || other.message.keep_alive);
  TENFOLD_ASSERT(other.complete && other.message.body == ours.body && other.message.end == ours.end);
#endif
}

}  // namespace
}  // namespace tenfold::http::http1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::http::http1;
  const std::string_view bytes = as_text(data, size);
  if (has_prefixed_transfer_encoding(bytes)) return 0;
  check_request(bytes);
  check_response(bytes, tenfold::http::Method::get);
  check_response(bytes, tenfold::http::Method::head);
  return 0;
}
