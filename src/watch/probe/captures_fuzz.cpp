#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "watch/probe/captures.hpp"

// The first line is a text with {names}; what follows is what the site sent: a value that was captured, and a body from
// which more is. Nothing of the site's may add a line to a header or lead to another host.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::watch;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string pattern(input.substr(0, line));
  const std::string site(input.substr(std::min(line + 1, input.size())));
  const Captured captured{{"a", site}};

  const auto url = expand(HttpProbe{.url = "https://shop.test{a}", .headers = {{"X-A", "{a:url}"}}}, captured);
  if (url && !url->url.starts_with("https://shop.test")) std::abort();
  const auto header = expand(HttpProbe{.url = "https://shop.test/", .headers = {{"X-A", pattern}}}, captured);
  if (header && header->headers[0].second.find_first_of("\r\n") != std::string::npos) std::abort();

  static Expressions expressions;
  const Answer answer{.headers = {{"x-a", site}}, .body = site, .body_bytes = site.size()};
  const auto value = capture({.name = "x", .pointer = "/a/0"}, answer, expressions);
  if (value && value->size() > most_captured_bytes) std::abort();
  judge({.text = pattern, .json_pointer = pattern.empty() ? "/a" : pattern, .json_equals = pattern}, answer,
        expressions);
  return 0;
}
