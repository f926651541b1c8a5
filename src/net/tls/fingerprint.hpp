#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tenfold::net {

// How a client's TLS looks, in the 36 characters of FoxIO's JA4 ("t13d1516h2_8daaf6152771_e5627efa2ab1"): clients made
// of the same software have the same, over all of their connections. Whoever wants to look like another does: it is for
// people who look at clients, and proves nothing.
struct TlsFingerprint {
  std::array<char, 36> text{};  // zeros: none

  bool empty() const { return text[0] == '\0'; }
  std::string_view view() const { return {text.data(), empty() ? 0 : text.size()}; }
  bool operator==(const TlsFingerprint&) const = default;
};

// Of a ClientHello whole with its head of four bytes, as it came (RFC 8446, 4.1.2). None of what is malformed or offers
// more than most_offered. Allocates nothing.
TlsFingerprint fingerprint_of(std::string_view client_hello);

// Ciphers, extensions or signature algorithms, each: what sorting and hashing them may cost is bounded by it. Browsers
// send some twenty.
inline constexpr std::size_t most_offered = 256;

}  // namespace tenfold::net
