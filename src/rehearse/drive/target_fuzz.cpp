#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rehearse/drive/target.hpp"

// Whatever is taken for a target reads back as the same from what it is written as.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::rehearse;
  const auto target = parse_target({reinterpret_cast<const char*>(data), size});
  if (!target) return 0;
  TENFOLD_ASSERT(target->path.starts_with('/') && target->port != 0 && !target->host.empty());
  const auto again = parse_target(target->origin() + target->path);
  TENFOLD_ASSERT(again.has_value() && again->host == target->host && again->port == target->port);
  TENFOLD_ASSERT(again->scheme == target->scheme && again->path == target->path);
  return 0;
}
