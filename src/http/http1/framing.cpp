#include "http/http1/framing.hpp"

#include <algorithm>
#include <array>

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

void FramingFields::field(Field field, std::string_view value) {
  switch (field) {
    case Field::content_length:
      message_.field(field, value);
      tab_around_ = tab_around_ || has_tab_around(value);
      break;
    case Field::transfer_encoding:
      ++transfer_encodings_;
      transfer_encoding_ = value;
      tab_around_ = tab_around_ || has_tab_around(value);
      break;
    case Field::host:
    case Field::expect: message_.field(field, value); break;
    case Field::connection: connection(value); break;
    case Field::upgrade: upgrade_ = !value.empty(); break;
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
    if (message_.has_length()) return {fault_status, "There are both a Content-Length and a Transfer-Encoding."};
    if (version == Version::http_1_0) return {fault_status, "HTTP/1.0 has no Transfer-Encoding."};
    if (transfer_encodings_ > 1) return {fault_status, "There is more than one Transfer-Encoding."};
    if (!equals_ignoring_case(transfer_encoding_, "chunked")) {
      const bool unsupported = is_unsupported_coding_list(transfer_encoding_);
      return {unsupported && fault_status == 400 ? 501 : fault_status, "The only Transfer-Encoding here is chunked."};
    }
  }
  if (tab_around_) return {fault_status, "There is a tab beside a length or a Transfer-Encoding."};
  if (connection_options_ > ConnectionOptions::most) return {431, "There are too many options in Connection."};
  return message_.length_fault(fault_status);
}

}  // namespace tenfold::http::http1
