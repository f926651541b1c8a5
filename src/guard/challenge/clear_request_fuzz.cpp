#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "guard/challenge/clear_request.hpp"
#include "guard/pages/request.hpp"

// Whatever the query, where it leads is a path of this shop that fits into a Location field.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  using namespace tenfold::guard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  const ClearRequest request = read_clear_query(text);
  TENFOLD_ASSERT(request.to.starts_with('/') && request.to.size() <= longest_way_back);
  TENFOLD_ASSERT(request.to.size() < 2 || (request.to[1] != '/' && request.to[1] != '\\'));
  TENFOLD_ASSERT(std::ranges::all_of(request.to, [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; }));
  TENFOLD_ASSERT(local_path(request.to) == request.to);
  for (const std::string_view part : {request.seed, request.nonce}) {
    TENFOLD_ASSERT(part.find('&') == std::string_view::npos && part.size() <= size);
  }
  return 0;
}
