#include "guard/known/sealed.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard {
namespace {

constexpr SipKey key{1, 2};

std::string detail_of(const Result<std::string_view>& opened) { return opened ? "opened" : opened.error().detail; }

TEST(Sealed, OpensWhatWasSealed) {
  EXPECT_EQ(unseal(key, "things 1", seal(key, "things 1", "content")).value(), "content");
  EXPECT_EQ(unseal(key, "things 1", seal(key, "things 1", "")).value(), "");
}

TEST(Sealed, SaysWhyItDoesNotOpen) {
  const std::string sealed = seal(key, "things 1", "content");
  EXPECT_EQ(detail_of(unseal(key, "things 2", sealed)), "expected what was saved as \"things 2\"");
  EXPECT_EQ(detail_of(unseal(key, "things 1", "")), "expected what was saved as \"things 1\"");
  EXPECT_EQ(detail_of(unseal({1, 3}, "things 1", sealed)), "was saved under another secret");
}

TEST(Sealed, WithAnyByteChangedOrMissingItDoesNotOpen) {
  const std::string sealed = seal(key, "things 1", "content");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(unseal(key, "things 1", damaged)) << i;
    EXPECT_FALSE(unseal(key, "things 1", sealed.substr(0, i))) << i;
  }
  EXPECT_FALSE(unseal(key, "things 1", sealed + "x"));
}

TEST(SealedReader, TakesNoMoreThanThereIs) {
  std::string content;
  append_number(content, std::uint32_t{7});
  content += "text";
  SealedReader reader(content);
  std::uint32_t number = 0;
  std::uint64_t longer = 0;
  std::string_view text;
  EXPECT_TRUE(reader.take(number));
  EXPECT_EQ(number, 7u);
  EXPECT_FALSE(reader.take(longer));
  EXPECT_FALSE(reader.take(text, 5));
  EXPECT_TRUE(reader.take(text, 4));
  EXPECT_EQ(text, "text");
  EXPECT_TRUE(reader.done());
}

}  // namespace
}  // namespace tenfold::guard
