#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/page/preference.hpp"

// What of a request decides on the page that it is answered with, and where that page leads. Pure; any thread.
namespace tenfold::guard {

// HTML for whoever shows a page; JSON for scripts and apps: who prefers it, who says "X-Requested-With:
// XMLHttpRequest", and what a browser's script fetches (Sec-Fetch-Dest: empty), unless that is a navigation which a
// service worker passes on; plain text for pictures, styles and the like, which nobody sees and which should be small.
http::PageFormat page_format(const http::Headers& request);

// What asking again would do.
enum class Asked : std::uint8_t {
  page,  // GET, HEAD: nothing
  form,  // it may order something; our pages never repeat it
};
Asked asked(http::Method method);

// The longest path that our pages lead back to; past it they leave its query away, or lead to the home page.
inline constexpr std::size_t longest_way_back = 2048;

// Where our page leads back to, in this shop whatever the request says: the page asked for; after a form the page
// before, if that is known (Referer), else the form's own address.
std::string way_back(const http::RequestHead& request);

// The same of a path and query that came as a parameter: fit to stand in Location and href. What is none of this shop's
// ("//elsewhere.example/", "https:...") becomes "/". ASCII without quotes, blanks, "<", ">" or "#".
std::string local_path(std::string_view target);

}  // namespace tenfold::guard
