#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "rehearse/log/line_parser.hpp"
#include "rehearse/log/visitor_survey.hpp"

// Whatever the lines, what an entry shows lies in memory that may be read. A first line of "#Fields:" names columns;
// one of "%" or "$" is a format for those behind it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::rehearse;
  // Without a byte behind the line: a look past its end is found.
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  LineOptions options;
  if (rest.starts_with('%') || rest.starts_with('$')) {
    options.format = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(options.format.size() + 1, rest.size()));
  }
  LineParser parser(options);
  std::size_t sum = 0;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto bytes = std::make_unique<char[]>(end);
    if (end > 0) std::memcpy(bytes.get(), rest.data(), end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string_view line(bytes.get(), end);
    if (line.starts_with('#')) parser.comment(line);
    Entry entry;
    std::string_view expected;
    if (!parser.parse(line, entry, expected)) {
      if (expected.empty()) std::abort();
      continue;
    }
    for (const std::string_view text : {entry.client, entry.forwarded, entry.method, entry.target, entry.referer,
                                        entry.user_agent, entry.host, visitor_of(entry, Trust::by_line)}) {
      for (const char c : text) sum += static_cast<unsigned char>(c);
    }
    if (!entry.target.empty() && entry.target.front() != '/') std::abort();
    for (const char c : entry.target) {
      if (c <= ' ' || c == 0x7f) std::abort();  // fit for a request line
    }
    if (entry.client.empty()) std::abort();
  }
  return sum == 1 ? 1 : 0;
}
