// A Range of any content against sizes of any kind: what comes out lies within the representation.
#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "cache/range/range.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tenfold::cache::RangeWish;
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{10'000}, UINT64_MAX}) {
    const RangeWish wish = tenfold::cache::parse_range(value, bytes);
    if (wish.kind == RangeWish::Kind::part) TENFOLD_ASSERT(wish.first <= wish.last && wish.last < bytes);
  }
  return 0;
}
