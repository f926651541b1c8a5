#include "http/rules/message_fields.hpp"

#include "base/text/letters.hpp"
#include "http/rules/authority.hpp"

namespace tenfold::http {

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

void MessageFields::field(Field field, std::string_view value) {
  switch (field) {
    case Field::content_length:
      ++content_lengths_;
      length_ = parse_content_length(value);
      break;
    case Field::host:
      ++hosts_;
      host_ = value;
      break;
    case Field::expect: expects_continue_ = expects_continue_ || equals_ignoring_case(value, "100-continue"); break;
    default: break;
  }
}

Refusal MessageFields::length_fault(int fault_status) const {
  // A list of equal lengths may be taken for one (RFC 9110, 8.6); not every server does.
  if (content_lengths_ > 1) return {fault_status, "There is more than one Content-Length."};
  if (content_lengths_ == 1 && !length_) return {fault_status, "The Content-Length is not a number."};
  return {};
}

Refusal MessageFields::host_fault() const {
  if (hosts_ > 1) return {400, "There is more than one Host."};
  if (hosts_ == 1 && !is_valid_authority(host_)) return {400, "The Host is malformed."};
  return {};
}

}  // namespace tenfold::http
