#include "http/http1/serialize.hpp"

#include <charconv>
#include <cstring>

#include "http/rules/characters.hpp"

namespace tenfold::http::http1 {
namespace {

// Start line's fixed parts, our own fields and the empty line, at their longest.
constexpr std::size_t fixed_bytes = 256;

std::size_t fields_bound(const Headers& headers) {
  std::size_t bytes = 0;
  for (const Header& header : headers) bytes += header.name.size() + header.value.size() + 4;
  return bytes;
}

char* append_field(char* at, std::string_view name, std::string_view value) {
  if (!is_field_value(name) || !is_field_value(value)) return at;
  at = append(at, name);
  *at++ = ':';
  *at++ = ' ';
  at = append(at, value);
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

bool is_connections_business(Field field) {
  return field == Field::connection || field == Field::content_length || field == Field::transfer_encoding ||
         field == Field::keep_alive || field == Field::proxy_connection;
}

char* append_additions(char* at, const HeadAdditions& additions) {
  using Length = HeadAdditions::Length;
  if (additions.length == Length::known) {
    at = append(at, "Content-Length: ");
    at = append_decimal(at, additions.bytes);
    at = append(at, "\r\n");
  } else if (additions.length == Length::chunked) {
    at = append(at, "Transfer-Encoding: chunked\r\n");
  }
  switch (additions.connection) {
    case ConnectionOption::none: break;
    case ConnectionOption::close: at = append(at, "Connection: close\r\n"); break;
    case ConnectionOption::keep_alive: at = append(at, "Connection: keep-alive\r\n"); break;
    case ConnectionOption::upgrade: at = append(at, "Connection: Upgrade\r\n"); break;
  }
  return at;
}

char* append_status_line(char* at, const ResponseHead& head) {
  if (head.status == 200 && head.reason.empty()) return append(at, "HTTP/1.1 200 OK\r\n");
  at = append(at, "HTTP/1.1 ");
  *at++ = static_cast<char>('0' + head.status / 100 % 10);
  *at++ = static_cast<char>('0' + head.status / 10 % 10);
  *at++ = static_cast<char>('0' + head.status % 10);
  *at++ = ' ';
  if (is_field_value(head.reason)) at = append(at, head.reason.empty() ? reason_phrase(head.status) : head.reason);
  return append(at, "\r\n");
}

}  // namespace

char* append(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* append_decimal(char* at, std::uint64_t number) { return std::to_chars(at, at + 20, number).ptr; }

std::size_t response_head_bound(const ResponseHead& head) {
  return fixed_bytes + head.reason.size() + fields_bound(head.headers);
}

std::size_t request_head_bound(const RequestHead& head) {
  return fixed_bytes + head.method_name.size() + head.target.size() + head.authority.size() +
         fields_bound(head.headers);
}

char* write_response_head(char* at, const ResponseHead& head, const HeadAdditions& additions) {
  at = append_status_line(at, head);
  bool has_date = additions.date.empty();
  for (const Header& header : head.headers) {
    if (header.field != Field::other) {
      if (is_connections_business(header.field)) continue;
      has_date = has_date || header.field == Field::date;
    }
    at = append_field(at, header.name, header.value);
  }
  if (!has_date) at = append_field(at, "Date", additions.date);
  at = append_additions(at, additions);
  return append(at, "\r\n");
}

char* write_request_head(char* at, const RequestHead& head, const HeadAdditions& additions) {
  at = append(at, head.method_name.empty() ? name(head.method) : head.method_name);
  *at++ = ' ';
  at = append(at, head.target);
  at = append(at, " HTTP/1.1\r\nHost: ");
  at = append(at, head.authority);
  at = append(at, "\r\n");
  for (const Header& header : head.headers) {
    if (header.field == Field::host || is_connections_business(header.field)) continue;
    at = append_field(at, header.name, header.value);
  }
  at = append_additions(at, additions);
  return append(at, "\r\n");
}

std::size_t trailers_bound(const Headers& trailers) { return fields_bound(trailers) + 2; }

char* write_trailers(char* at, const Headers& trailers) {
  for (const Header& header : trailers) {
    if (!is_connections_business(header.field)) at = append_field(at, header.name, header.value);
  }
  return append(at, "\r\n");
}

OutputBlock::OutputBlock(net::Loop& loop, std::size_t bytes) : buffer_(loop.allocate()) {
  const std::span<char> room = buffer_.room();
  begin_ = room.data();
  capacity_ = room.size();
  if (bytes <= capacity_) return;
  buffer_ = {};
  heap_ = std::make_unique_for_overwrite<char[]>(bytes);
  begin_ = heap_.get();
  capacity_ = bytes;
}

}  // namespace tenfold::http::http1
