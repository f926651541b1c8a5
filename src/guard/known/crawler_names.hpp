#pragma once

#include <cstdint>
#include <string_view>

namespace tenfold::guard {

// Operators of crawlers that a shop wants to be found by and that can be proven by their names in DNS. Not among them,
// since they publish addresses only: DuckDuckBot, facebookexternalhit, and those that collect for language models.
// The owner may allow their networks.
enum class Crawler : std::uint8_t { none, google, bing, apple, yandex, baidu, petal, seznam, pinterest, amazon };

std::string_view name(Crawler crawler);  // "google"; "none"

// Which a request says it is from. Anybody may say so. Costs a browser's request some nanoseconds. Looks at the first
// longest_agent bytes.
Crawler claimed_crawler(std::string_view user_agent);
inline constexpr std::size_t longest_agent = 512;

// Whose the host of this name is, as the operators document it; none: nobody's of these. host: in lower case, without a
// dot at its end.
Crawler crawler_of_host(std::string_view host);

}  // namespace tenfold::guard
