#pragma once

#include <string>
#include <string_view>

namespace tenfold {

std::string base64(std::string_view bytes);  // RFC 4648, 4: padded, without line ends

}  // namespace tenfold
