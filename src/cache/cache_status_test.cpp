#include "cache/cache_status.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace tenfold::cache {
namespace {

// RFC 9211, 2.
TEST(CacheStatus, SaysWhatHappened) {
  Arena arena;
  EXPECT_EQ(cache_status_value({.ttl_s = 30}, arena), "Tenfold; hit; ttl=30");
  EXPECT_EQ(cache_status_value({.ttl_s = -412, .detail = "stale-if-error"}, arena),
            "Tenfold; hit; ttl=-412; detail=stale-if-error");
  EXPECT_EQ(cache_status_value({.forward = Forward::uri_miss, .stored = true, .collapsed = true}, arena),
            "Tenfold; fwd=uri-miss; stored; collapsed");
  EXPECT_EQ(cache_status_value({.forward = Forward::stale, .forward_status = 304, .ttl_s = 60}, arena),
            "Tenfold; fwd=stale; fwd-status=304; ttl=60");
}

TEST(CacheStatus, TheLongestFits) {
  Arena arena;
  const std::string_view value = cache_status_value({.forward = Forward::vary_miss,
                                                     .forward_status = INT32_MIN,
                                                     .ttl_s = INT64_MIN,
                                                     .stored = true,
                                                     .collapsed = true,
                                                     .detail = "d"},
                                                    arena);
  EXPECT_EQ(value,
            "Tenfold; fwd=vary-miss; fwd-status=-2147483648; ttl=-9223372036854775808; stored; collapsed; detail=d");
}

}  // namespace
}  // namespace tenfold::cache
