#include "base/text/json.hpp"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(JsonEscaped, EscapesWhatEndsAStringOrCannotStandInOne) {
  EXPECT_EQ(json_escaped("Tom's \"shop\" \\ more"), "Tom's \\\"shop\\\" \\\\ more");
  EXPECT_EQ(json_escaped(std::string_view("a\n\x1f\0b", 5)), "a\\u000a\\u001f\\u0000b");
  EXPECT_EQ(json_escaped("Crème / \x7f"), "Crème / \x7f");
}

}  // namespace
}  // namespace tenfold
