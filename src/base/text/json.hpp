#pragma once

#include <string>
#include <string_view>

namespace tenfold {

// Text as it may stand between a JSON string's quotes (RFC 8259, 7). Bytes from 0x80 on stay as they are.
std::string json_escaped(std::string_view text);

}  // namespace tenfold
