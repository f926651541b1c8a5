#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short texts in some twenty nanoseconds. Whoever does not
// know the key can neither choose texts that collide nor forge a tag. Pure; any thread.
namespace tenfold {

struct SipKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  bool operator==(const SipKey&) const = default;
};

SipKey sip_key(std::string_view bytes);  // of the first 16 bytes; there must be as many

// For tables: 64 bits.
std::uint64_t siphash(const SipKey& key, std::string_view text);
std::uint64_t siphash(const SipKey& key, std::uint64_t number);  // the same of its eight bytes, least first

// For signatures: the 128-bit variant, as 16 bytes.
std::array<std::uint8_t, 16> siphash_128(const SipKey& key, std::string_view text);

}  // namespace tenfold
