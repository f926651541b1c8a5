#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/normal_path.hpp"
#include "http/overlong.hpp"

// Normal once, normal for ever; no longer than what it was made of; inside the root.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string path = "/" + std::string(reinterpret_cast<const char*>(data), size);
  Arena arena;
  const std::string_view once = http::normal_path(path, arena);
  TENFOLD_ASSERT(once.size() <= path.size() && once.front() == '/');
  TENFOLD_ASSERT(http::normal_path(once, arena) == once);
  const std::string closed = std::string(once) + "/";
  for (const std::string_view never : {"/../", "/./"}) TENFOLD_ASSERT(closed.find(never) == std::string::npos);
  TENFOLD_ASSERT(once.find("//") == std::string_view::npos && once.find('\\') == std::string_view::npos);
  TENFOLD_ASSERT(http::overlong_in(path) == http::Overlong::none || http::has_more_readings(path));
  return 0;
}
