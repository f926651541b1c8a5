#pragma once

#include <cstdint>
#include <string_view>

namespace tenfold::cache {

// What a Range field asks of a representation of known size (RFC 9110, 14.1.2 and 14.2).
struct RangeWish {
  enum class Kind : std::uint8_t {
    whole,          // no usable Range: another unit, malformed, too many, or parts that do not join into one
    part,           // first to last, both included
    unsatisfiable,  // 416
  } kind = Kind::whole;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// More ranges than this in one field are ignored, all of them (RFC 9110, 14.2 and 17.15).
inline constexpr int max_ranges = 16;

// Several ranges that overlap or touch are one part; else the whole is given, which costs no more than it is long.
RangeWish parse_range(std::string_view value, std::uint64_t size_bytes);

}  // namespace tenfold::cache
