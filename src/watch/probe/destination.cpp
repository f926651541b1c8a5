#include "watch/probe/destination.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/text/letters.hpp"
#include "watch/probe/words.hpp"

namespace tenfold::watch {
namespace {

// They say which answer is wanted, and prove nothing.
constexpr std::array<std::string_view, 7> harmless_fields{
    "accept", "accept-encoding", "accept-language", "cache-control", "content-type", "pragma", "user-agent"};

}  // namespace

bool is_same_origin(const Destination& one, const Destination& other) {
  return one.scheme == other.scheme && one.host == other.host && one.port == other.port;
}

void leave_secrets(HeaderFields& headers) {
  std::erase_if(headers, [](const auto& header) {
    return std::ranges::none_of(harmless_fields, [&](auto name) { return equal_but_for_case(header.first, name); });
  });
}

Result<Destination> destination_of(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return fail(Errc::invalid, fmt::format("{} is not a URL", in_quotes(url)));
  }
  const auto part = [&](CURLUPart which, unsigned flags) {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, flags) != CURLUE_OK) return std::string();
    std::string out = text;
    curl_free(text);
    return out;
  };
  Destination to{.scheme = part(CURLUPART_SCHEME, 0),
                 .host = lower_case(part(CURLUPART_HOST, 0)),
                 .port = static_cast<std::uint16_t>(std::atoi(part(CURLUPART_PORT, CURLU_DEFAULT_PORT).c_str())),
                 .addresses = {}};
  if (to.scheme == "http" || to.scheme == "https") return to;
  return fail(Errc::invalid, fmt::format("{} is not a URL of http or https", in_quotes(url)));
}

}  // namespace tenfold::watch
