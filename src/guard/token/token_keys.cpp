#include "guard/token/token_keys.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/hmac.hpp"
#include "base/result.hpp"

namespace tenfold::guard {

namespace {

// With a zero byte, which no other text that guard.secret signs has in it (a server's name, for stickiness).
constexpr std::string_view root_label("tenfold tokens\0v1", 17);

constexpr std::size_t ring_of(TokenPurpose purpose) { return static_cast<std::size_t>(purpose) - 1; }

constexpr std::array every_purpose{TokenPurpose::first_seen, TokenPurpose::clearance, TokenPurpose::place,
                                   TokenPurpose::seed};

// The first of the three that are kept ready.
std::uint32_t first_ready(TokenPurpose purpose, WallTime now) {
  const std::uint32_t present = token_period_number(purpose, now);
  return present == 0 ? 0 : present - 1;
}

}  // namespace

std::uint32_t token_period_number(TokenPurpose purpose, WallTime at) {
  TENFOLD_ASSERT(at >= WallTime());
  return static_cast<std::uint32_t>(at.time_since_epoch() / token_period(purpose));
}

TokenKeys::TokenKeys(std::string_view secret, WallTime now, std::string_view previous_secret)
    : TokenKeys(Root{hmac_sha256(secret, root_label)},
                previous_secret.empty() ? nullptr : std::make_shared<const TokenKeys>(previous_secret, now), now) {
  TENFOLD_ASSERT(!secret.empty());
}

TokenKeys::TokenKeys(Root root, std::shared_ptr<const TokenKeys> previous, WallTime now)
    : root_(std::move(root)), previous_(std::move(previous)) {
  for (const TokenPurpose purpose : every_purpose) {
    Ring& ring = rings_[ring_of(purpose)];
    ring.first = first_ready(purpose, now);
    for (std::uint32_t i = 0; i < ring.keys.size(); ++i) ring.keys[i] = derive(purpose, ring.first + i);
  }
}

TokenKeys TokenKeys::refreshed(WallTime now) const {
  return TokenKeys(root_, previous_ ? std::make_shared<const TokenKeys>(previous_->refreshed(now)) : nullptr, now);
}

bool TokenKeys::is_due(WallTime now) const {
  for (const TokenPurpose purpose : every_purpose) {
    if (rings_[ring_of(purpose)].first != first_ready(purpose, now)) return true;
  }
  return false;
}

SipKey TokenKeys::key(TokenPurpose purpose, std::uint32_t period) const {
  const Ring& ring = rings_[ring_of(purpose)];
  const std::uint32_t index = period - ring.first;  // an earlier period wraps round to a great number
  return index < ring.keys.size() ? ring.keys[index] : derive(purpose, period);
}

SipKey TokenKeys::derive(TokenPurpose purpose, std::uint32_t period) const {
  return sip_key(hmac_sha256(root_.bytes, fmt::format("{}:{}", static_cast<unsigned>(purpose), period)));
}

}  // namespace tenfold::guard
