#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

// The text of a page, whatever it is written in. Pure; any thread.
namespace tenfold::watch {

// A page as UTF-8. What it is written in says, the first that does: its byte order mark; the charset of its
// Content-Type; its <meta charset> or XML declaration, within the first 4 KiB. Where nothing does it is UTF-8, and
// where it cannot be that, windows-1252, as browsers have it. Names are those of the WHATWG's Encoding Standard (there,
// iso-8859-1 is windows-1252 too), and all that iconv knows. Bytes that are no characters become U+FFFD; a page that is
// called UTF-8 stays as it is. Errors: invalid, in words, when it is written in what nobody here knows.
Result<std::string> as_utf8(std::string body, std::string_view content_type);

// The charset that a Content-Type names, in lower case; empty: none.
std::string charset_of(std::string_view content_type);

}  // namespace tenfold::watch
