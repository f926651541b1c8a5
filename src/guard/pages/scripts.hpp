#pragma once

#include <string>
#include <string_view>

// The scripts of our pages: the files beside this one, compiled in by tenfold_embed.
namespace tenfold::guard {

extern const std::string_view solve_js;
extern const std::string_view queue_js;

// Without what only its readers need: comments that are a line, or that stand behind two blanks at its end; and blanks
// beside anything that is no letter or digit, where a line has no quotation mark. A third shorter, and the same script,
// if it does not write "a + +b", "a - -b", or two blanks and two slashes in a string.
std::string compacted(std::string_view script);

}  // namespace tenfold::guard
