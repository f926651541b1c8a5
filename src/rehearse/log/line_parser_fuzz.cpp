#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "rehearse/log/line_parser.hpp"

// Whatever the line, what the entry shows lies in memory that may be read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::rehearse;
  static LineParser parser;
  // Without a byte behind the line: a look past its end is found.
  const auto bytes = std::make_unique<char[]>(size);
  if (size > 0) std::memcpy(bytes.get(), data, size);
  const std::string_view line(bytes.get(), size);
  Entry entry;
  std::string_view expected;
  std::size_t sum = 0;
  if (parser.parse(line, entry, expected)) {
    for (const std::string_view text : {entry.client, entry.method, entry.target, entry.referer, entry.user_agent}) {
      for (const char c : text) sum += static_cast<unsigned char>(c);
    }
    if (!entry.target.empty() && entry.target.front() != '/') std::abort();
    if (entry.client.empty()) std::abort();
  } else if (expected.empty()) {
    std::abort();
  }
  return sum == 1 ? 1 : 0;
}
