#include "base/siphash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold {
namespace {

// The reference implementation's vectors: key 00 01 ... 0f, message 00 01 ... (n-1).
std::string counting(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i));
  return text;
}

const SipKey key = sip_key(counting(16));

TEST(SipHash, GivesTheReferenceVectors) {
  EXPECT_EQ(siphash(key, ""), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(siphash(key, counting(1)), 0x74f839c593dc67fdu);
  EXPECT_EQ(siphash(key, counting(8)), 0x93f5f5799a932462u);
  EXPECT_EQ(siphash(key, counting(15)), 0xa129ca6149be45e5u);  // the paper's own example
}

TEST(SipHash, OfANumberIsThatOfItsBytes) {
  EXPECT_EQ(siphash(key, std::uint64_t{0x0706050403020100}), siphash(key, counting(8)));
}

TEST(SipHash, GivesTheReferenceVectorsOf128Bits) {
  const std::array<std::uint8_t, 16> of_nothing{0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6,
                                                0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93};
  EXPECT_EQ(siphash_128(key, ""), of_nothing);
  const std::array<std::uint8_t, 16> of_fifteen{0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11,
                                                0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9};
  EXPECT_EQ(siphash_128(key, counting(15)), of_fifteen);
}

TEST(SipHash, DependsOnTheKeyAndOnEveryByte) {
  EXPECT_NE(siphash(key, "a"), siphash({key.low, key.high ^ 1}, "a"));
  EXPECT_NE(siphash(key, std::string_view("a\0", 2)), siphash(key, "a"));
}

}  // namespace
}  // namespace tenfold
