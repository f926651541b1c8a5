#include "http/rules/trailers.hpp"

#include <gtest/gtest.h>

namespace tenfold::http {
namespace {

Headers some() {
  Headers trailers;
  trailers.add("Server-Timing", "a");
  trailers.add("content-LENGTH", "3");
  trailers.add("ETag", "\"a\"");
  return trailers;
}

TEST(Trailers, AreNotOfTheHead) {
  EXPECT_TRUE(may_be_trailer(Field::other));
  EXPECT_TRUE(may_be_trailer(Field::etag));
  for (const Field field : {Field::content_length, Field::transfer_encoding, Field::host, Field::authorization,
                            Field::set_cookie, Field::x_forwarded_for, Field::tenfold_rehearsal, Field::trailer}) {
    EXPECT_FALSE(may_be_trailer(field)) << name(field);
  }
}

TEST(Trailers, ThatAreMisplacedAreRefusedOrLeftOut) {
  Headers refused = some();
  EXPECT_EQ(settle_trailers(refused, Misplaced::refused).status, 400);
  Headers left_out = some();
  EXPECT_EQ(settle_trailers(left_out, Misplaced::left_out).status, 0);
  EXPECT_EQ(left_out.size(), 2u);
  EXPECT_FALSE(left_out.has(Field::content_length));
  EXPECT_EQ(settle_trailers(left_out, Misplaced::refused).status, 0);
}

}  // namespace
}  // namespace tenfold::http
