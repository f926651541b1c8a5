#include "cache/range/range.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::cache {
namespace {

using Kind = RangeWish::Kind;

void expect_part(std::string_view value, std::uint64_t size, std::uint64_t first, std::uint64_t last) {
  const RangeWish wish = parse_range(value, size);
  EXPECT_EQ(wish.kind, Kind::part) << value;
  EXPECT_EQ(wish.first, first) << value;
  EXPECT_EQ(wish.last, last) << value;
}

// RFC 9110, 14.1.2, its examples for 10,000 bytes among them.
TEST(Range, OnePart) {
  expect_part("bytes=0-499", 10000, 0, 499);
  expect_part("bytes=500-999", 10000, 500, 999);
  expect_part("bytes=-500", 10000, 9500, 9999);
  expect_part("bytes=9500-", 10000, 9500, 9999);
  expect_part("bytes=0-0", 10000, 0, 0);
  expect_part("BYTES=0-0", 10000, 0, 0);
  expect_part("bytes=9999-", 10000, 9999, 9999);
  expect_part("bytes=0-10000", 10000, 0, 9999);
  expect_part("bytes=-10001", 10000, 0, 9999);
  expect_part("bytes=0-99999999999999999999999999", 10000, 0, 9999);
}

TEST(Range, BeyondTheEndIsUnsatisfiable) {
  for (const char* value : {"bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=99999999999999999999999-"}) {
    EXPECT_EQ(parse_range(value, 10000).kind, Kind::unsatisfiable) << value;
  }
  EXPECT_EQ(parse_range("bytes=0-", 0).kind, Kind::unsatisfiable);
  EXPECT_EQ(parse_range("bytes=-1", 0).kind, Kind::unsatisfiable);
}

TEST(Range, WhatCannotBeReadIsIgnored) {
  for (const char* value : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1-2", "bytes 0-1",
                            "items=0-1", "bytes=0-1,x", "bytes=0x1-2", "bytes=+1-2", "bytes=0--1"}) {
    EXPECT_EQ(parse_range(value, 10000).kind, Kind::whole) << value;
  }
}

TEST(Range, SeveralThatJoinAreOne) {
  expect_part("bytes=0-10, 11-20", 100, 0, 20);
  expect_part("bytes=50-, 0-60", 100, 0, 99);
  expect_part("bytes=0-5, 500-", 100, 0, 5);
  EXPECT_EQ(parse_range("bytes=0-10, 12-20", 100).kind, Kind::whole);
}

TEST(Range, TooManyAreIgnored) {
  std::string value = "bytes=0-0";
  for (int i = 1; i < max_ranges; ++i) value += ",0-0";
  expect_part(value, 100, 0, 0);
  EXPECT_EQ(parse_range(value + ",0-0", 100).kind, Kind::whole);
}

}  // namespace
}  // namespace tenfold::cache
