#pragma once

#include <string_view>

namespace tenfold {

// True if the text is what the pattern says; `*` stands for any run of characters, also none. Linear in practice, at
// worst pattern × text.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace tenfold
