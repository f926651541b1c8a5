#pragma once

#include <string>
#include <string_view>

namespace tenfold {

// Text as it may stand in HTML and XML: between tags, and in attributes in either kind of quotes. Control characters
// that XML 1.0 cannot hold (all but tab and line feed) become spaces.
void append_markup_escaped(std::string& out, std::string_view text);
std::string markup_escaped(std::string_view text);

}  // namespace tenfold
