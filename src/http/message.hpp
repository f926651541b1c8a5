#pragma once

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

// What an HTTP message is, whichever version carries it (RFC 9110). Nothing here owns text: every string_view points
// into memory that the exchange keeps until it ends (the received head, or its arena).
namespace tenfold::http {

enum class Method : std::uint8_t { get, head, post, put, delete_, connect, options, trace, patch, other };

Method method_of(std::string_view name);  // case-sensitive (RFC 9110, 9.1)
std::string_view name(Method method);     // "GET"; empty for other
bool is_safe(Method method);              // RFC 9110, 9.2.1
bool is_idempotent(Method method);        // RFC 9110, 9.2.2

// Fields that something here looks at; all else is `other` and told by name.
enum class Field : std::uint8_t {
  other,
  accept,
  accept_encoding,
  accept_ranges,
  age,
  authorization,
  cache_control,
  cache_status,
  cdn_cache_control,
  connection,
  content_encoding,
  content_length,
  content_range,
  content_type,
  cookie,
  date,
  etag,
  expect,
  expires,
  forwarded,
  host,
  if_match,
  if_modified_since,
  if_none_match,
  if_range,
  if_unmodified_since,
  keep_alive,
  last_modified,
  location,
  max_forwards,
  origin,
  pragma,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  range,
  referer,
  retry_after,
  server,
  set_cookie,
  te,
  tenfold_challenge,
  tenfold_queue,
  tenfold_rehearsal,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  vary,
  via,
  warning,
  www_authenticate,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_proto,
  x_real_ip,
  x_request_id,
};

Field field_of(std::string_view name);  // any case
std::string_view name(Field field);     // lower case; empty for other

struct Header {
  std::string_view name;   // as received
  std::string_view value;  // without surrounding white space
  Field field = Field::other;
};

// Header fields in the order received. Names compare without case.
class Headers {
 public:
  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value, field_of(name)}); }
  void add(Field field, std::string_view value);
  void add(const Header& header) { fields_.push_back(header); }
  // Replaces the first of that field and removes the others; adds it when there is none.
  void set(Field field, std::string_view value);
  void remove(Field field);
  void remove(std::string_view name);

  // The first value, if any.
  std::optional<std::string_view> find(Field field) const;
  std::optional<std::string_view> find(std::string_view name) const;
  bool has(Field field) const { return find(field).has_value(); }
  std::size_t count(Field field) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  auto begin() { return fields_.begin(); }
  auto end() { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }
  void clear() { fields_.clear(); }
  template <class Predicate>
  void remove_if(Predicate predicate) {
    fields_.erase(std::remove_if(fields_.begin(), fields_.end(), predicate), fields_.end());
  }

 private:
  absl::InlinedVector<Header, 24> fields_;
};

// Calls visit(element) for each element of a comma-separated list (RFC 9110, 5.6.1), trimmed, empty ones left out;
// commas inside quoted strings do not separate. visit returns false to stop.
template <class F>
void for_each_element(std::string_view list, F&& visit);
// True if one of the field's lines has this element, in any case. For Connection, Transfer-Encoding and the like.
bool has_element(const Headers& headers, Field field, std::string_view element);

bool equals_ignoring_case(std::string_view a, std::string_view b);

enum class Version : std::uint8_t { http_1_0, http_1_1, http_2 };

struct RequestHead {
  Method method = Method::get;
  std::string_view method_name;
  std::string_view scheme;     // "http" or "https": how the client reached us
  std::string_view authority;  // host[:port] from the target or Host, as received; may be empty in HTTP/1.0
  std::string_view target;     // path and query, beginning with "/"; "*" for OPTIONS; host:port for CONNECT
  Version version = Version::http_1_1;
  Headers headers;  // Host included

  std::string_view path() const { return target.substr(0, target.find('?')); }
  std::string_view query() const;  // behind the "?", without it; empty when there is none
};

struct ResponseHead {
  int status = 200;
  std::string_view reason;  // HTTP/1 only; empty: the standard phrase
  Version version = Version::http_1_1;
  Headers headers;
};

std::string_view reason_phrase(int status);

// How long the body is, as the head tells.
struct BodyLength {
  enum class Kind : std::uint8_t { none, known, unknown } kind = Kind::none;
  std::uint64_t bytes = 0;  // if known
};

// Of a part of a body: whether others follow.
enum class BodyEnd : std::uint8_t { more, last };

// 1xx responses to one request (RFC 9110, 15.2). One or two are usual; a server that says no end of them is no server.
inline constexpr int most_interims = 16;

// True when a response to this method with this status has no body whatever its fields say (RFC 9110, 6.4.1).
bool has_no_body(Method request_method, int status);

// ---- implementation of the template ----

template <class F>
void for_each_element(std::string_view list, F&& visit) {
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (i < list.size()) {
      const char c = list[i];
      if (quoted && c == '\\' && i + 1 < list.size()) {
        ++i;
        continue;
      }
      if (c == '"') quoted = !quoted;
      if (c != ',' || quoted) continue;
    }
    std::string_view element = list.substr(start, i - start);
    start = i + 1;
    while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
    while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
    if (!element.empty() && !visit(element)) return;
  }
}

}  // namespace tenfold::http
