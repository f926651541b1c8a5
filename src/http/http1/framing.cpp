#include "http/http1/framing.hpp"

#include <algorithm>
#include <array>

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"
#include "http/connection_options.hpp"

namespace tenfold::http::http1 {
namespace {

// A list of one coding that exists (RFC 9112, 7.2) and chunked behind it: well-formed, but no other coding is spoken
// here (RFC 9112, 6.1 asks for 501). Any other list may be cut at another place by another parser.
bool is_unsupported_coding_list(std::string_view value) {
  const std::size_t comma = value.find(',');
  if (comma == std::string_view::npos) return false;
  std::string_view last = value.substr(comma + 1);
  if (last.starts_with(' ')) last.remove_prefix(1);
  if (!equals_ignoring_case(last, "chunked")) return false;
  constexpr std::array<std::string_view, 5> codings{"gzip", "x-gzip", "compress", "x-compress", "deflate"};
  return std::ranges::any_of(
      codings, [&](std::string_view coding) { return equals_ignoring_case(value.substr(0, comma), coding); });
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, is_digit)) return false;
  std::uint32_t port = 0;
  for (const char c : text) port = port * 10 + static_cast<std::uint32_t>(c - '0');
  return port <= 65535;
}

constexpr bool is_name_char(char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

constexpr bool is_address_char(char c) { return is_hex_digit(c) || c == ':' || c == '.'; }

// White space around a field value that is not one of spaces alone. A tab there is legal, but some parsers take it for
// part of the value, and then do not see that a body is chunked. The value lies in its line.
bool has_tab_around(std::string_view value) {
  const char* at = value.data() - 1;
  while (*at == ' ') --at;
  if (*at == '\t') return true;
  at = value.data() + value.size();
  while (*at == ' ') ++at;
  return *at == '\t';
}

}  // namespace

std::optional<std::uint64_t> parse_content_length(std::string_view value) {
  if (value.empty() || value.size() > 19) return std::nullopt;
  std::uint64_t length = 0;
  for (const char c : value) {
    if (!is_digit(c)) return std::nullopt;
    length = length * 10 + static_cast<std::uint64_t>(c - '0');  // 19 digits fit
  }
  if (length > INT64_MAX) return std::nullopt;
  return length;
}

bool is_valid_authority(std::string_view authority) {
  std::size_t host_bytes = 0;
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos || bracket < 3) return false;
    if (!std::ranges::all_of(authority.substr(1, bracket - 1), is_address_char)) return false;
    host_bytes = bracket + 1;
  } else {
    while (host_bytes < authority.size() && is_name_char(authority[host_bytes])) ++host_bytes;
    if (host_bytes == 0) return false;
  }
  const std::string_view rest = authority.substr(host_bytes);
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

void FramingFields::field(Field field, std::string_view value) {
  switch (field) {
    case Field::content_length:
      ++content_lengths_;
      length_ = parse_content_length(value);
      tab_around_ = tab_around_ || has_tab_around(value);
      break;
    case Field::transfer_encoding:
      ++transfer_encodings_;
      transfer_encoding_ = value;
      tab_around_ = tab_around_ || has_tab_around(value);
      break;
    case Field::host:
      ++hosts_;
      host_ = value;
      break;
    case Field::connection: connection(value); break;
    case Field::upgrade: upgrade_ = !value.empty(); break;
    case Field::expect: expects_continue_ = expects_continue_ || equals_ignoring_case(value, "100-continue"); break;
    default: break;
  }
}

void FramingFields::connection(std::string_view value) {
  if (equals_ignoring_case(value, "keep-alive")) {  // by far the most frequent
    keep_alive_ = true;
    return;
  }
  for_each_element(value, [this](std::string_view option) {
    if (equals_ignoring_case(option, "close")) close_ = true;
    if (equals_ignoring_case(option, "keep-alive")) keep_alive_ = true;
    if (equals_ignoring_case(option, "upgrade")) upgrade_option_ = true;
    return ++connection_options_ <= ConnectionOptions::most;
  });
}

Refusal FramingFields::fault(Version version, int fault_status) const {
  if (transfer_encodings_ != 0) {
    if (content_lengths_ != 0) return {fault_status, "There are both a Content-Length and a Transfer-Encoding."};
    if (version == Version::http_1_0) return {fault_status, "HTTP/1.0 has no Transfer-Encoding."};
    if (transfer_encodings_ > 1) return {fault_status, "There is more than one Transfer-Encoding."};
    if (!equals_ignoring_case(transfer_encoding_, "chunked")) {
      const bool unsupported = is_unsupported_coding_list(transfer_encoding_);
      return {unsupported && fault_status == 400 ? 501 : fault_status, "The only Transfer-Encoding here is chunked."};
    }
  }
  if (tab_around_) return {fault_status, "There is a tab beside a length or a Transfer-Encoding."};
  if (connection_options_ > ConnectionOptions::most) return {431, "There are too many options in Connection."};
  if (content_lengths_ > 1) return {fault_status, "There is more than one Content-Length."};
  if (content_lengths_ == 1 && !length_) return {fault_status, "The Content-Length is not a number."};
  return {};
}

}  // namespace tenfold::http::http1
