#include "http/rehearsal_credential.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "base/hmac.hpp"
#include "base/text/hex.hpp"
#include "base/text/letters.hpp"

namespace tenfold::http {

namespace {

using std::chrono::seconds;

constexpr std::size_t signature_digits = 64;
// Until the year 2286. WallTime, in nanoseconds, ends in 2262; what is compared with it here are seconds.
constexpr std::size_t longest_expiry_digits = 10;

std::string sign(std::string_view secret, std::string_view expiry, std::string_view id) {
  return hmac_sha256_hex(secret, fmt::format("{}:{}", expiry, id));
}

struct CredentialParts {
  std::string_view expiry;
  std::string_view id;
  std::string_view signature;
};

// The text before the next semicolon, which is taken off `rest` with it.
std::string_view take_part(std::string_view& rest) {
  const std::size_t end = rest.find(';');
  const std::string_view part = trimmed(rest.substr(0, end));
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

std::optional<CredentialParts> split(std::string_view text) {
  if (text.size() > longest_rehearsal_credential || take_part(text) != "v1") return std::nullopt;
  CredentialParts parts;
  for (int i = 0; i < 3; ++i) {
    if (i == 2 && text.find(';') != std::string_view::npos) return std::nullopt;
    const std::string_view part = take_part(text);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = part.substr(0, equals);
    std::string_view* const at = name == "exp"   ? &parts.expiry
                                 : name == "id"  ? &parts.id
                                 : name == "sig" ? &parts.signature
                                                 : nullptr;
    if (at == nullptr || !at->empty()) return std::nullopt;
    *at = part.substr(equals + 1);
  }
  return parts;
}

// One moment is written in one way only: no sign, no leading zero.
std::optional<seconds> read_expiry(std::string_view text) {
  if (text.empty() || text.size() > longest_expiry_digits || (text.front() == '0' && text.size() > 1))
    return std::nullopt;
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return seconds(number);
}

bool is_signature(std::string_view text) {
  return text.size() == signature_digits && std::ranges::all_of(text, is_hex_digit);
}

}  // namespace

bool is_rehearsal_id(std::string_view id) {
  return !id.empty() && id.size() <= longest_rehearsal_id && std::all_of(id.begin(), id.end(), [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.' || c == ':';
  });
}

std::string make_rehearsal_credential(std::string_view secret, std::string_view id, WallTime expires) {
  TENFOLD_ASSERT(!secret.empty() && is_rehearsal_id(id) && expires >= WallTime());
  const std::string expiry = fmt::to_string(std::chrono::floor<seconds>(expires.time_since_epoch()).count());
  return fmt::format("v1; exp={}; id={}; sig={}", expiry, id, sign(secret, expiry, id));
}

Result<RehearsalCredential> verify_rehearsal_credential(std::string_view text, std::string_view secret, WallTime now) {
  if (secret.empty()) return fail(Errc::refused);
  const auto parts = split(text);
  if (!parts || !is_rehearsal_id(parts->id) || !is_signature(parts->signature)) return fail(Errc::invalid);
  const auto expiry = read_expiry(parts->expiry);
  if (!expiry) return fail(Errc::invalid);
  // The signature first: whoever does not have the secret learns nothing but that it is wrong.
  const std::string ours = sign(secret, parts->expiry, parts->id);
  if (!equal_in_constant_time(ours, lower_case(parts->signature))) return fail(Errc::refused);
  // In whole seconds: the expiry may lie past what nanoseconds can tell.
  const Duration since_1970 = now.time_since_epoch();
  if (std::chrono::floor<seconds>(since_1970) >= *expiry) return fail(Errc::timed_out);
  if (std::chrono::ceil<seconds>(since_1970 + longest_rehearsal) < *expiry) return fail(Errc::too_large);
  return RehearsalCredential{.id = parts->id, .expires = WallTime(*expiry)};
}

}  // namespace tenfold::http
