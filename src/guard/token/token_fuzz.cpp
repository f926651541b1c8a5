#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "guard/token/our_cookies.hpp"
#include "guard/token/tokens.hpp"

namespace {

using namespace tenfold;
using namespace tenfold::guard;

constexpr WallTime now{std::chrono::seconds(1'800'000'000)};

const TokenKeys& keys() {
  static const TokenKeys made("a secret of thirty-two characters", now);
  return made;
}

// Whatever is opened has one text only: that which it is sealed to again.
void open_all(std::string_view text, const Prefix& network) {
  if (const auto seen = open_first_seen(keys(), text, now)) TENFOLD_ASSERT(seal(keys(), *seen) == text);
  if (const auto clearance = open_clearance(keys(), text, network, now)) {
    TENFOLD_ASSERT(seal(keys(), *clearance, network) == text);
  }
  if (const auto place = open_place(keys(), text, network, now)) {
    TENFOLD_ASSERT(seal(keys(), *place, network) == text);
  }
  if (const auto seed = open_seed(keys(), text, network, now)) TENFOLD_ASSERT(seal(keys(), *seed, network) == text);
}

// The same with a signature that is right, so that what follows it is reached too: fields are any bytes.
void open_signed(std::string_view bytes, const Prefix& network) {
  if (bytes.empty()) return;
  for (const TokenPurpose purpose :
       {TokenPurpose::first_seen, TokenPurpose::clearance, TokenPurpose::place, TokenPurpose::seed}) {
    const std::size_t size = purpose == TokenPurpose::place ? 15 : purpose == TokenPurpose::seed ? 5 : 13;
    const bool is_seed = purpose == TokenPurpose::seed;
    const TokenShape shape{.purpose = purpose,
                           .field_bytes = static_cast<std::uint8_t>(size),
                           .signature_bytes = static_cast<std::uint8_t>(is_seed ? 12 : 16),
                           .life = std::chrono::seconds(1)};
    TokenFields fields;
    for (std::size_t i = 0; i < size; ++i) fields.put(static_cast<std::uint8_t>(bytes[i % bytes.size()]), 1);
    open_all(seal_token(keys(), shape, now, fields, purpose == TokenPurpose::first_seen ? nullptr : &network), network);
  }
}

bool is_within(std::string_view part, std::string_view whole) {
  return part.data() == nullptr || (part.data() >= whole.data() && part.end() <= whole.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Prefix network = Prefix::of(net::IpAddress::v4(0xc0000207), Level::network);
  open_all(text, network);
  open_signed(text, network);

  static const CookieNames names;
  Arena arena;
  OwnCookies own;
  const std::string_view rest = take_own_cookies(text, arena, own);
  for (const CookieValues& values : {own.first_seen, own.clearance, own.place}) {
    for (const std::string_view part : values) {
      TENFOLD_ASSERT(is_within(part, text) && part.find(';') == std::string_view::npos);
    }
  }
  TENFOLD_ASSERT(is_within(names.session_in(rest), rest) && rest.size() <= text.size());
  OwnCookies more;
  TENFOLD_ASSERT(take_own_cookies(rest, arena, more) == rest && more.first_seen.empty());
  return 0;
}
