#pragma once

#include <string>
#include <string_view>

#include "oncall/service/oncall.hpp"

namespace tenfold::app {

// The pages behind the signed link in a message: one that asks with a button, and one that says what came of it.
// Opening changes nothing: mail scanners and previews open links too.
std::string acknowledge_page(const oncall::Plan& plan, const oncall::AlertView& alert);
std::string acknowledge_answer(std::string_view shop, std::string_view head, std::string_view detail);

}  // namespace tenfold::app
