#include "edge/access_log/access_format.hpp"

#include <charconv>
#include <ctime>

#include "base/text/hex.hpp"

namespace tenfold::edge {
namespace {

// ---- numbers ----

void append_number(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

// Seconds with a fixed number of decimals, cut and not rounded.
void append_seconds(Duration duration, int decimals, std::string& out) {
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  append_number(ns / 1'000'000'000, out);
  out += '.';
  std::uint64_t unit = 100'000'000;
  for (int i = 0; i < decimals; ++i, unit /= 10) out += static_cast<char>('0' + ns / unit % 10);
}

void append_address(const net::IpAddress& address, std::string& out) {
  std::array<char, 46> text;
  out.append(text.data(), address.write_to(text.data()));
}

std::string_view protocol(http::Version version) {
  switch (version) {
    case http::Version::http_1_0: return "HTTP/1.0";
    case http::Version::http_1_1: return "HTTP/1.1";
    case http::Version::http_2: return "HTTP/2.0";
  }
  return "HTTP/1.1";
}

// ---- texts ----

// Appends the text, replacing what `length_of` does not let pass: it gives how many bytes at the front of its argument
// may stay, 0 when something else must be written, and `replace` writes that and gives how many bytes it stands for.
template <class LengthOf, class Replace>
void append_escaped(std::string_view text, std::string& out, LengthOf length_of, Replace replace) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = length_of(text.substr(i));
    if (length > 0) {
      i += length;
      continue;
    }
    out.append(text, kept, i - kept);
    i += replace(text.substr(i), out);
    kept = i;
  }
  out.append(text, kept);
}

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

// As nginx's default escaping of variables (ngx_http_log_escape).
void append_combined_text(std::string_view text, std::string& out) {
  append_escaped(
      text, out, [](std::string_view rest) -> std::size_t { return is_plain(rest.front()) ? 1 : 0; },
      [](std::string_view rest, std::string& to) -> std::size_t {
        to += "\\x";
        append_hex(to, rest.front(), capital_hex_digits);
        return 1;
      });
}

void append_combined_or_dash(std::string_view text, std::string& out) {
  if (text.empty()) {
    out += '-';
  } else {
    append_combined_text(text, out);
  }
}

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

// The length of the well-formed UTF-8 sequence at the front (RFC 3629, 4); 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const auto second = text.size() > 1 ? static_cast<unsigned char>(text[1]) : 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !continues(text, 1)) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) {
    const bool overlong = first == 0xe0 && second < 0xa0;
    const bool surrogate = first == 0xed && second > 0x9f;
    return !overlong && !surrogate && continues(text, 2) ? 3 : 0;
  }
  const bool overlong = first == 0xf0 && second < 0x90;
  const bool past_unicode = first == 0xf4 && second > 0x8f;
  return !overlong && !past_unicode && continues(text, 2) && continues(text, 3) ? 4 : 0;
}

bool is_between(std::string_view sequence, std::string_view first, std::string_view last) {
  return sequence >= first && sequence <= last;
}

// Of a well-formed sequence: what a terminal obeys (C1, U+0080 to U+009F), takes for the end of a line (U+2028, U+2029)
// or shows the rest of the line backwards for (U+202A to U+202E, U+2066 to U+2069). A log is read with cat and less.
bool commands_terminal(std::string_view sequence) {
  return is_between(sequence, "\xc2\x80", "\xc2\x9f") || is_between(sequence, "\xe2\x80\xa8", "\xe2\x80\xae") ||
         is_between(sequence, "\xe2\x81\xa6", "\xe2\x81\xa9");
}

std::size_t json_length(std::string_view rest) {
  if (is_plain(rest.front())) return 1;
  // DEL is allowed as it is, but a terminal may not take it well.
  if (static_cast<unsigned char>(rest.front()) < 0x80) return 0;
  const std::size_t length = utf8_length(rest);
  return commands_terminal(rest.substr(0, length)) ? 0 : length;
}

// Of a well-formed sequence of two or three bytes (RFC 3629, 3).
std::uint16_t code_point(std::string_view sequence) {
  std::uint32_t point = static_cast<unsigned char>(sequence.front()) & (sequence.size() == 2 ? 0x1f : 0x0f);
  for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return static_cast<std::uint16_t>(point);
}

// A byte that is no UTF-8 is written as the code point of its number.
std::size_t append_json_escape(std::string_view rest, std::string& out) {
  if (rest.front() == '"' || rest.front() == '\\') {
    out.append({'\\', rest.front()});
    return 1;
  }
  const std::size_t length = std::max<std::size_t>(utf8_length(rest), 1);
  const auto point = length == 1 ? static_cast<unsigned char>(rest.front()) : code_point(rest.substr(0, length));
  out += "\\u";
  append_hex(out, static_cast<char>(point >> 8));
  append_hex(out, static_cast<char>(point & 0xff));
  return length;
}

void append_json_text(std::string_view text, std::string& out) {
  append_escaped(text, out, json_length, append_json_escape);
}

// `key`: with its quotes and colon, and the comma before it.
void append_json_member(std::string_view key, std::string_view value, std::string& out) {
  out.append(key).append("\"");
  append_json_text(value, out);
  out += '"';
}

}  // namespace

// ---- time ----

void AccessTime::update(WallTime at) {
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  if (second == second_) return;
  second_ = second;
  const std::time_t time = second;
  std::tm local{};
  localtime_r(&time, &local);
  // Names of months in English whatever the locale: strftime's %b would not be.
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::string format = "%d/";
  format.append(months[static_cast<std::size_t>(local.tm_mon)]).append("/%Y:%H:%M:%S %z");
  combined_length_ = std::strftime(combined_.data(), combined_.size(), format.c_str(), &local);
  iso8601_length_ = std::strftime(iso8601_.data(), iso8601_.size(), "%Y-%m-%dT%H:%M:%S%z", &local);
  // ISO 8601's extended form parts the offset's hours and minutes by a colon, which %z leaves out.
  if (iso8601_length_ > 2) {
    const std::size_t minutes = iso8601_length_ - 2;
    iso8601_[minutes + 2] = iso8601_[minutes + 1];
    iso8601_[minutes + 1] = iso8601_[minutes];
    iso8601_[minutes] = ':';
    ++iso8601_length_;
  }
}

std::string_view AccessTime::combined(WallTime at) {
  update(at);
  return {combined_.data(), combined_length_};
}

std::string_view AccessTime::iso8601(WallTime at) {
  update(at);
  return {iso8601_.data(), iso8601_length_};
}

// ---- lines ----

void format_combined(const AccessEntry& entry, AccessTime& time, std::string& out) {
  append_address(entry.client, out);
  out.append(" - - [").append(time.combined(entry.at)).append("] \"");
  if (entry.method.empty()) {
    out += '-';
  } else {
    append_combined_text(entry.method, out);
    out += ' ';
    append_combined_text(entry.target, out);
    out.append(" ").append(protocol(entry.version));
  }
  out.append("\" ");
  if (entry.status < 100) out.append(entry.status < 10 ? "00" : "0");
  append_number(entry.status, out);
  out += ' ';
  append_number(entry.body_bytes, out);
  out.append(" \"");
  append_combined_or_dash(entry.referer, out);
  out.append("\" \"");
  append_combined_or_dash(entry.user_agent, out);
  out.append("\"\n");
}

void format_json(const AccessEntry& entry, AccessTime& time, std::string& out) {
  out.append("{\"time_iso8601\":\"").append(time.iso8601(entry.at)).append("\",\"msec\":");
  append_seconds(entry.at.time_since_epoch(), 3, out);
  out.append(",\"remote_addr\":\"");
  append_address(entry.client, out);
  out.append("\",\"remote_port\":");
  append_number(entry.client_port, out);
  append_json_member(",\"request_method\":", entry.method, out);
  append_json_member(",\"request_uri\":", entry.target, out);
  append_json_member(",\"server_protocol\":", entry.method.empty() ? "" : protocol(entry.version), out);
  append_json_member(",\"host\":", entry.host, out);
  out.append(",\"status\":");
  append_number(entry.status, out);
  out.append(",\"body_bytes_sent\":");
  append_number(entry.body_bytes, out);
  out.append(",\"request_time\":");
  append_seconds(entry.duration, 6, out);
  append_json_member(",\"http_referer\":", entry.referer, out);
  append_json_member(",\"http_user_agent\":", entry.user_agent, out);
  append_json_member(",\"upstream_addr\":", entry.origin_server, out);
  out.append(",\"upstream_attempts\":");
  append_number(entry.attempts, out);
  out.append(",\"upstream_response_time\":");
  if (entry.attempts == 0) {
    out.append("null");
  } else {
    append_seconds(entry.origin_time, 6, out);
  }
  append_json_member(",\"upstream_error\":", entry.origin_error, out);
  append_json_member(",\"upstream_cache_status\":", entry.cache, out);
  append_json_member(",\"ssl_protocol\":", entry.tls, out);
  append_json_member(",\"request_id\":", entry.request_id, out);
  append_json_member(",\"rehearsal\":", entry.rehearsal, out);
  out.append(",\"worker\":");
  append_number(entry.worker, out);
  append_json_member(",\"guard\":", name(entry.guard), out);
  out.append("}\n");
}

}  // namespace tenfold::edge
