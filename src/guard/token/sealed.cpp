#include "guard/token/sealed.hpp"

#include <algorithm>

#include "base/hmac.hpp"
#include "base/result.hpp"
#include "base/text/hex.hpp"

namespace tenfold::guard {

namespace {

constexpr unsigned token_version = 1;
constexpr std::size_t network_bytes = 2;
constexpr std::size_t signature_bytes = 16;
constexpr std::size_t most_token_bytes = longest_token / 2;

// A token's bytes, then what is signed with them and not sent.
struct Draft {
  std::array<std::uint8_t, most_token_bytes + sizeof(std::uint32_t) + 17> bytes{};
  std::size_t size = 0;

  void put(std::uint64_t value, std::size_t count) {
    for (std::size_t i = count; i-- > 0;) bytes[size++] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }
};

constexpr std::uint8_t first_byte(TokenPurpose purpose) {
  return static_cast<std::uint8_t>(token_version << 4 | static_cast<unsigned>(purpose));
}

// Value of each digit as tokens are written; 255 of all else, capitals too: a token has one text.
constexpr std::array<std::uint8_t, 256> digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(255);
  for (std::size_t i = 0; i < hex_digits.size(); ++i) {
    values[static_cast<unsigned char>(hex_digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

// False if the text, of an even length that fits, has other characters in it.
bool decode(std::string_view text, std::uint8_t* out) {
  unsigned seen = 0;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const unsigned high = digit_values[static_cast<unsigned char>(text[i])];
    const unsigned low = digit_values[static_cast<unsigned char>(text[i + 1])];
    seen |= high | low;
    *out++ = static_cast<std::uint8_t>(high << 4 | low);
  }
  return seen < 16;
}

// Only tells another network from a forgery; that it is the same network, the signature says.
std::uint16_t network_mark(const SipKey& key, const Prefix& network) {
  const auto bytes = network.bytes();
  return static_cast<std::uint16_t>(siphash(key, {bytes.data(), bytes.size()}));
}

using Signature = std::array<std::uint8_t, signature_bytes>;

// The draft holds the token's bytes up to the signature.
Signature sign_draft(const SipKey& key, Draft& draft, std::uint32_t period, const Prefix* network) {
  draft.put(period, sizeof(period));
  if (network != nullptr) {
    const auto bytes = network->bytes();
    std::copy(bytes.begin(), bytes.end(), draft.bytes.begin() + static_cast<std::ptrdiff_t>(draft.size));
    draft.size += bytes.size();
  }
  return siphash_128(key, draft.text());
}

std::size_t bytes_before_signature(const TokenShape& shape, const Prefix* network) {
  return 1 + 4 + shape.field_bytes + (network != nullptr ? network_bytes : 0);
}

std::optional<TokenFault> fault_of_time(const TokenShape& shape, WallTime issued, WallTime now) {
  if (issued > now + clock_skew) return TokenFault::from_future;
  if (issued + shape.life <= now) return TokenFault::expired;
  return std::nullopt;
}

std::optional<TokenFault> fault_of_text(const TokenShape& shape, std::string_view text, std::size_t bytes) {
  std::uint8_t first = 0;
  if (text.size() < 2 || !decode(text.substr(0, 2), &first)) return TokenFault::malformed;
  if (first >> 4 != token_version) return TokenFault::other_version;
  if (first != first_byte(shape.purpose)) return TokenFault::other_purpose;
  if (text.size() != 2 * bytes) return TokenFault::malformed;
  return std::nullopt;
}

Opened<SealedToken> open_by(const TokenKeys& keys, const TokenShape& shape, std::string_view text,
                            const Prefix* network, WallTime now) {
  const std::size_t before = bytes_before_signature(shape, network);
  if (const auto fault = fault_of_text(shape, text, before + shape.signature_bytes)) return std::unexpected(*fault);
  Draft draft;
  Signature theirs;
  if (!decode(text.substr(0, 2 * before), draft.bytes.data()) || !decode(text.substr(2 * before), theirs.data())) {
    return std::unexpected(TokenFault::malformed);
  }
  draft.size = before;

  std::uint32_t issued_s = 0;
  for (std::size_t i = 1; i <= 4; ++i) issued_s = issued_s << 8 | draft.bytes[i];
  SealedToken token{.issued = WallTime(std::chrono::seconds(issued_s)), .fields = {}};
  if (const auto fault = fault_of_time(shape, token.issued, now)) return std::unexpected(*fault);

  const std::uint32_t period = token_period_number(shape.purpose, token.issued);
  const SipKey key = keys.key(shape.purpose, period);
  if (network != nullptr) {
    const unsigned mark = draft.bytes[before - 2] << 8 | draft.bytes[before - 1];
    if (mark != network_mark(key, *network)) return std::unexpected(TokenFault::other_network);
  }
  const Signature ours = sign_draft(key, draft, period, network);
  if (!equal_in_constant_time({reinterpret_cast<const char*>(ours.data()), shape.signature_bytes},
                              {reinterpret_cast<const char*>(theirs.data()), shape.signature_bytes})) {
    return std::unexpected(TokenFault::forged);
  }
  for (std::size_t i = 0; i < shape.field_bytes; ++i) token.fields.put(draft.bytes[5 + i], 1);
  return token;
}

}  // namespace

std::string_view name(TokenFault fault) {
  constexpr std::array<std::string_view, 7> names{"malformed", "other version", "other purpose", "from future",
                                                  "expired",   "other network", "forged"};
  return names[static_cast<std::size_t>(fault)];
}

void TokenFields::put(std::uint64_t value, std::size_t bytes) {
  TENFOLD_ASSERT(end_ + bytes <= bytes_.size());
  for (std::size_t i = bytes; i-- > 0;) bytes_[end_++] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint64_t TokenFields::take(std::size_t bytes) {
  TENFOLD_ASSERT(next_ + bytes <= end_);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | bytes_[next_++];
  return value;
}

std::string seal_token(const TokenKeys& keys, const TokenShape& shape, WallTime issued, const TokenFields& fields,
                       const Prefix* network) {
  TENFOLD_ASSERT(fields.size() == shape.field_bytes && issued >= WallTime());
  const std::uint32_t period = token_period_number(shape.purpose, issued);
  const SipKey key = keys.key(shape.purpose, period);
  Draft draft;
  draft.put(first_byte(shape.purpose), 1);
  draft.put(static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(issued.time_since_epoch()).count()), 4);
  std::copy_n(fields.data(), fields.size(), draft.bytes.begin() + static_cast<std::ptrdiff_t>(draft.size));
  draft.size += fields.size();
  if (network != nullptr) draft.put(network_mark(key, *network), network_bytes);

  std::string text;
  text.reserve(longest_token);
  text += hex(draft.text());
  const Signature signature = sign_draft(key, draft, period, network);
  text += hex({reinterpret_cast<const char*>(signature.data()), shape.signature_bytes});
  return text;
}

Opened<SealedToken> open_token(const TokenKeys& keys, const TokenShape& shape, std::string_view text,
                               const Prefix* network, WallTime now) {
  auto opened = open_by(keys, shape, text, network, now);
  if (opened || keys.previous() == nullptr) return opened;
  // The network's mark is signed by the key, too.
  if (opened.error() != TokenFault::forged && opened.error() != TokenFault::other_network) return opened;
  auto by_previous = open_by(*keys.previous(), shape, text, network, now);
  return by_previous ? std::move(by_previous) : std::move(opened);
}

}  // namespace tenfold::guard
