#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How texts are written where they go. Pure; any thread.
namespace tenfold::oncall::channels {

// application/x-www-form-urlencoded, as the URL standard has it: names and values in the order given.
using Form = std::vector<std::pair<std::string, std::string>>;
std::string form_encoded(const Form& form);
// Nothing: more than `most_fields`, or a percent sign without two hexadecimal digits behind it.
std::optional<Form> form_decoded(std::string_view text, std::size_t most_fields);

// For a header's value: what is not printable ASCII is percent-encoded, so that no text can end the line.
std::string header_safe(std::string_view text);

}  // namespace tenfold::oncall::channels
