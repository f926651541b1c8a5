#pragma once

#include <array>
#include <span>
#include <string_view>

#include "edge/respond/error_page.hpp"

namespace tenfold::edge {

// What the error pages say, as customers of a shop are spoken to. UTF-8, no markup.
struct ErrorText {
  std::string_view title;
  std::string_view explanation;  // what happened
  std::string_view advice;       // what to do now
};

struct ErrorTexts {
  int status;                    // 0: any other of the class
  std::string_view retry_after;  // seconds; empty where trying again does not help
  std::array<ErrorText, 4> in;   // English, German, French, Spanish
  Trouble trouble = Trouble::usual;
};

// A status's usual row comes before those for its other troubles. The last two rows are for other statuses: 4xx, then
// 5xx.
std::span<const ErrorTexts> error_texts();

}  // namespace tenfold::edge
