#pragma once

#include <optional>
#include <string>
#include <string_view>

// Percent-encoding (RFC 3986, 2.1). Pure; any thread.
namespace tenfold {

// Only unreserved characters (RFC 3986, 2.3) stay: fit for any part of a URL, and for forms.
std::string percent_encoded(std::string_view text);

// What stands for a byte: "%C3".
void append_percent(std::string& out, char byte);

enum class Plus : unsigned char {
  stays,
  is_blank,  // as forms write it (the URL standard's application/x-www-form-urlencoded)
};
// Nothing when a percent sign has not two hexadecimal digits behind it.
std::optional<std::string> percent_decoded(std::string_view text, Plus plus);
// As browsers have it: such a percent sign stays as it is.
std::string percent_decoded_leniently(std::string_view text, Plus plus);

}  // namespace tenfold
