#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "rehearse/drive/visitor/cookies.hpp"

// Lines of Set-Cookie values; whatever they are, the jar keeps its bounds and sends one line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  using rehearse::CookieJar;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const http::HttpDate now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  CookieJar jar;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    jar.take(text.substr(0, end), "/shop/page?a", "shop.example", now);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  TENFOLD_ASSERT(jar.size() <= CookieJar::most_cookies);
  std::string line;
  jar.append_field(line, "/shop/page", CookieJar::Transport::secure, now);
  TENFOLD_ASSERT(line.empty() || (line.starts_with("Cookie: ") && line.find('\n') == line.size() - 1));
  return 0;
}
