#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include "edge/access_log/access_format.hpp"

namespace {

// Well-formed UTF-8: true when it holds a character that a terminal obeys or that turns the text around (C0, DEL, C1,
// U+2028 to U+202E, U+2066 to U+2069).
bool holds_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto at = [&](std::size_t n) { return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0; };
    if (at(0) < ' ' || at(0) == 0x7f) return true;
    if (at(0) == 0xc2 && at(1) < 0xa0) return true;
    if (at(0) == 0xe2 && at(1) == 0x80 && at(2) >= 0xa8 && at(2) <= 0xae) return true;
    if (at(0) == 0xe2 && at(1) == 0x81 && at(2) >= 0xa6 && at(2) <= 0xa9) return true;
  }
  return false;
}

}  // namespace

// Whatever a client sends: one line of printable ASCII with its quotes in place, or one valid JSON object that no
// terminal obeys.
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
  TENFOLD_ASSERT(!holds_control(std::string_view(line).substr(0, line.size() - 1)));
  return 0;
}
