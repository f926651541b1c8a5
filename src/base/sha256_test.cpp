#include "base/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/text/hex.hpp"

namespace tenfold {
namespace {

std::string digest_of(std::string_view text) {
  const Sha256 digest = sha256(text);
  return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// The examples of FIPS 180-4.
TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(digest_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

}  // namespace
}  // namespace tenfold
