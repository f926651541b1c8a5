#pragma once

#include <string>
#include <string_view>

namespace tenfold::config {

// A number in international form ("+490151...") without the trunk prefix that is dialled inside its country only (the
// 0 of most, 06 in Hungary, 8 in Russia and Kazakhstan), if there is one behind the country's code: "+49151...". As it
// is where none is: in Italy the 0 belongs to the number. Countries that are not in the table are left alone. Pure.
std::string without_trunk_prefix(std::string_view number);

}  // namespace tenfold::config
