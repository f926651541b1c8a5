#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include "edge/access_log/access_format.hpp"

// Whatever a client sends: one line of printable ASCII with its quotes in place, or one valid JSON object.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::edge;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  AccessEntry entry;
  entry.method = "GET";
  entry.target = bytes.substr(0, size / 2);
  entry.user_agent = bytes.substr(size / 2);
  AccessTime time;

  std::string line;
  format_combined(entry, time, line);
  TENFOLD_ASSERT(std::ranges::count(line, '"') == 6 && line.find('\n') == line.size() - 1);
  for (const char c : std::string_view(line).substr(0, line.size() - 1)) TENFOLD_ASSERT(c >= ' ' && c <= '~');

  line.clear();
  format_json(entry, time, line);
  TENFOLD_ASSERT(line.find('\n') == line.size() - 1);
  TENFOLD_ASSERT(nlohmann::json::accept(line));
  return 0;
}
