#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "watch/probe/check.hpp"
#include "watch/probe/destination.hpp"
#include "watch/probe/expect.hpp"

namespace tenfold::watch {

// What a journey carries from step to step. Values come from the site that is watched: they are not trusted.
using Captured = std::map<std::string, std::string>;
inline constexpr std::size_t most_captured_bytes = 4'096;  // of one value; a longer one fails the step

// The origin that a URL names by itself, whatever is captured; nothing: a captured value has a part in it.
std::optional<Destination> named_origin(std::string_view url);

// Puts captured values in place of {name}; {name:url} puts them percent-encoded. A name is a letter or underscore, then
// letters, digits, _ and -; braces around anything else stay as they are. Errors: not_found, naming what no earlier
// step has captured.
Result<std::string> expand(std::string_view text, const Captured& captured);

// The request of a step with all values in place. Errors: those of expand(); invalid, when a value would break a line
// of the header, or lead to another host than the one that the URL names itself.
Result<HttpProbe> expand(const HttpProbe& request, const Captured& captured);

// Takes from an answer what a step captures. Errors: not_found, invalid, too_large.
Result<std::string> capture(const Capture& what, const Answer& answer, Expressions& expressions);

}  // namespace tenfold::watch
