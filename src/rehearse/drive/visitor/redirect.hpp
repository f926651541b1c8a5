#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "rehearse/drive/target.hpp"
#include "rehearse/model/traffic_model.hpp"
#include "rehearse/record/run_record.hpp"

namespace tenfold::rehearse {

inline constexpr int most_redirects = 10;  // in a row, as browsers have it (20 there); past it the last answer stands

// True for 301, 302, 303, 307 and 308.
bool is_redirect(int status);

// The method after a redirect: GET after 303, and after 301 and 302 for POST (RFC 9110, 15.4); else the same.
std::string_view method_after(int status, std::string_view method);

// Where a Location leads from a request for `from` (path and query) at the origin (RFC 3986, 5.2): path and query when
// that is the same origin; empty when it is another, or no HTTP URL.
std::optional<std::string> resolve_location(const Target& origin, std::string_view from, std::string_view location);

// The paths of the log's pages.
using KnownPages = std::unordered_set<std::string>;
std::shared_ptr<const KnownPages> known_pages_of(const TrafficModel& model);

// Where a redirect with that Location leads from a request for `from` at the origin. Never nowhere or for_ever.
Led where_led(const Target& origin, std::string_view from, std::string_view location, const KnownPages& known);

}  // namespace tenfold::rehearse
