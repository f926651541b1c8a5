#pragma once

#include <string>
#include <string_view>

namespace tenfold::origin {

// The cookie value that leads to a server: 24 hexadecimal digits of HMAC-SHA256 over the server's name. It tells a
// client nothing about the server, and cannot be made up without the secret.
std::string sticky_value(std::string_view secret, std::string_view server_name);

}  // namespace tenfold::origin
