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

Refusal MessageFields::host_fault() const {
  if (hosts_ > 1) return {400, "There is more than one Host."};
  if (hosts_ == 1 && !is_valid_authority(host_)) return {400, "The Host is malformed."};
  return {};
}

}  // namespace tenfold::http
