#include "oncall/link/signed_link.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/hmac.hpp"
#include "base/result.hpp"
#include "base/text/percent.hpp"

namespace tenfold::oncall {
namespace {

constexpr std::size_t longest_link_bytes = 2'000;
constexpr std::size_t signature_characters = 64;
// Seconds that a WallTime can hold.
constexpr std::int64_t latest_second = std::chrono::duration_cast<std::chrono::seconds>(Duration::max()).count();

std::string signed_text(std::int64_t alert, std::int64_t expires, std::string_view who) {
  return fmt::format("{}:{}:{}", alert, expires, who);
}

// All of the text, without sign and leading zeros: one number has one form.
std::optional<std::int64_t> number_of(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9' || (text.front() == '0' && text.size() > 1)) {
    return std::nullopt;
  }
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct Parts {
  std::optional<std::string> who;
  std::optional<std::string_view> expires;
  std::optional<std::string_view> signature;
};

// Each name once, no others.
std::optional<Parts> parts_of(std::string_view query) {
  Parts parts;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = pair.substr(0, equals);
    const std::string_view value = pair.substr(equals + 1);
    if (key == "who" && !parts.who) {
      parts.who = percent_decoded(value, Plus::is_blank);
      if (!parts.who) return std::nullopt;
    } else if (key == "exp" && !parts.expires) {
      parts.expires = value;
    } else if (key == "sig" && !parts.signature) {
      parts.signature = value;
    } else {
      return std::nullopt;
    }
  }
  if (!parts.who || !parts.expires || !parts.signature) return std::nullopt;
  return parts;
}

}  // namespace

std::string signed_link(std::string_view link_url, std::string_view secret, const LinkClaim& claim) {
  TENFOLD_ASSERT(!secret.empty());
  while (link_url.ends_with('/')) link_url.remove_suffix(1);
  const auto expires = std::chrono::floor<std::chrono::seconds>(claim.expires.time_since_epoch()).count();
  return fmt::format("{}/ack/{}?who={}&exp={}&sig={}", link_url, claim.alert, percent_encoded(claim.who), expires,
                     hmac_sha256_hex(secret, signed_text(claim.alert, expires, claim.who)));
}

std::optional<LinkClaim> signed_claim(std::string_view path_and_query, std::string_view secret) {
  constexpr std::string_view prefix = "/ack/";
  const std::size_t question = path_and_query.find('?');
  if (secret.empty() || path_and_query.size() > longest_link_bytes || !path_and_query.starts_with(prefix) ||
      question == std::string_view::npos) {
    return std::nullopt;
  }
  const auto alert = number_of(path_and_query.substr(prefix.size(), question - prefix.size()));
  const auto parts = parts_of(path_and_query.substr(question + 1));
  if (!alert || !parts || parts->signature->size() != signature_characters) return std::nullopt;
  const auto expires = number_of(*parts->expires);
  if (!expires || *expires > latest_second) return std::nullopt;
  const std::string right = hmac_sha256_hex(secret, signed_text(*alert, *expires, *parts->who));
  if (::CRYPTO_memcmp(right.data(), parts->signature->data(), signature_characters) != 0) return std::nullopt;
  return LinkClaim{*alert, *parts->who, WallTime(std::chrono::seconds(*expires))};
}

std::optional<LinkClaim> verify_link(std::string_view path_and_query, std::string_view secret, WallTime now) {
  auto claim = signed_claim(path_and_query, secret);
  return claim && claim->expires > now ? claim : std::nullopt;
}

}  // namespace tenfold::oncall
