#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "watch/probe/charset.hpp"

// The first line is the Content-Type, the rest the page. However they are, what comes out is bounded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string body = line < text.size() ? text.substr(line + 1) : std::string();
  const auto page = tenfold::watch::as_utf8(body, text.substr(0, line));
  if (page && page->size() > 12 * body.size()) std::abort();
  return 0;
}
