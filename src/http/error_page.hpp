#pragma once

#include <string>
#include <string_view>

namespace tenfold::http {

// A small HTML document that a customer can read: the status, its standard phrase and a sentence. Escapes HTML.
std::string plain_error_page(int status, std::string_view explanation);

}  // namespace tenfold::http
