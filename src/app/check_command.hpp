#pragma once

#include <string>

#include "app/command.hpp"
#include "app/terminal.hpp"

namespace tenfold::app {

struct CheckOptions {
  std::string file = "shop.yaml";
  enum class Show : unsigned char { words, json, schema, reference } show = Show::words;
};

// `tenfold check`: says all that is wrong with a configuration. Words for people go to `err`, but for a closing line
// when all is good; what programs read goes to `out`.
Exit check(const CheckOptions& options, const Terminal& out, const Terminal& err);

}  // namespace tenfold::app
