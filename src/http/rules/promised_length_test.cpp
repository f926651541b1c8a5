#include "http/rules/promised_length.hpp"

#include <gtest/gtest.h>

namespace tenfold::http {
namespace {

TEST(PromisedLength, AdmitsAnythingWhereNothingIsPromised) {
  PromisedLength length;
  EXPECT_TRUE(length.admits(1000, BodyEnd::more));
  length.take(1000);
  EXPECT_TRUE(length.admits(0, BodyEnd::last));
}

TEST(PromisedLength, AdmitsJustWhatIsPromised) {
  PromisedLength length(10);
  EXPECT_FALSE(length.admits(11, BodyEnd::more));
  EXPECT_FALSE(length.admits(9, BodyEnd::last));
  EXPECT_TRUE(length.admits(10, BodyEnd::last));
  EXPECT_TRUE(length.admits(4, BodyEnd::more));
  length.take(4);
  EXPECT_FALSE(length.admits(7, BodyEnd::more));
  EXPECT_TRUE(length.admits(6, BodyEnd::more));
  length.take(6);
  EXPECT_TRUE(length.admits(0, BodyEnd::last));
  EXPECT_FALSE(length.admits(1, BodyEnd::last));
}

TEST(PromisedLength, OfNothingIsAPromiseToo) {
  const PromisedLength nothing(0);
  EXPECT_TRUE(nothing.admits(0, BodyEnd::last));
  EXPECT_FALSE(nothing.admits(1, BodyEnd::more));
}

}  // namespace
}  // namespace tenfold::http
