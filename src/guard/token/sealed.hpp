#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "guard/subject.hpp"
#include "guard/token/token_keys.hpp"

// How a token is written: hexadecimal digits in lower case, two for each byte of
//
//   version and purpose (1) | issued, unix s (4) | fields | network (2, where it is bound to one) | signature
//
// Each purpose has one length, and each field its place: what is signed can be read in one way only, and a token has
// one text. Signed are the bytes before the signature, the number of the key's period and the network, whole.
namespace tenfold::guard {

// Why a token was not opened.
enum class TokenFault : std::uint8_t {
  malformed,      // no token, cut off, too long, or of values that none has
  other_version,  // of another release
  other_purpose,  // a token, but not of this kind
  from_future,    // issued later than our clock and clock_skew say
  expired,
  other_network,  // of a client elsewhere
  forged,         // the signature is of other keys or of another text
};
std::string_view name(TokenFault fault);  // "malformed", "other version", ...

template <class T>
using Opened = std::expected<T, TokenFault>;

// By how much the clocks of several edges may differ.
inline constexpr Duration clock_skew = std::chrono::minutes(1);
inline constexpr std::size_t longest_token = 119;

// The bytes between `issued` and the signature.
inline constexpr std::size_t most_token_field_bytes = 24;

// The form of a purpose's tokens.
struct TokenShape {
  TokenPurpose purpose;
  std::uint8_t field_bytes;      // without the network's
  std::uint8_t signature_bytes;  // 12 to 16: nobody guesses one of 12 by asking
  Duration life;                 // from `issued` on; at most the purpose's period
};

// A token's fields while they are put in or taken out, in this order, most significant byte first.
class TokenFields {
 public:
  void put(std::uint64_t value, std::size_t bytes);
  std::uint64_t take(std::size_t bytes);
  std::size_t size() const { return end_; }
  const std::uint8_t* data() const { return bytes_.data(); }

 private:
  std::array<std::uint8_t, most_token_field_bytes> bytes_{};
  std::size_t end_ = 0;   // of what was put
  std::size_t next_ = 0;  // to be taken
};

struct SealedToken {
  WallTime issued;  // whole seconds
  TokenFields fields;
};

// network: null for a token that is good everywhere. `issued` not before 1970; cut to whole seconds.
std::string seal_token(const TokenKeys& keys, const TokenShape& shape, WallTime issued, const TokenFields& fields,
                       const Prefix* network);

// What the keys do not open their previous ones do, if there are any; what neither does is told of the former. Takes as
// long for any two signatures.
Opened<SealedToken> open_token(const TokenKeys& keys, const TokenShape& shape, std::string_view text,
                               const Prefix* network, WallTime now);

}  // namespace tenfold::guard
