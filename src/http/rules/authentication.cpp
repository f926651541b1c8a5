#include "http/rules/authentication.hpp"

#include <string_view>

namespace tenfold::http {

namespace {

bool is_of_connection(std::string_view scheme) {
  return equals_ignoring_case(scheme, "ntlm") || equals_ignoring_case(scheme, "negotiate");
}

// Credentials, or a list of challenges: any element may begin with a scheme, or with a parameter of the last one.
bool names_one(std::string_view value) {
  while (true) {
    const auto begin = value.find_first_not_of(" \t,");
    if (begin == std::string_view::npos) return false;
    value.remove_prefix(begin);
    if (is_of_connection(value.substr(0, value.find_first_of(" \t,:")))) return true;
    const auto comma = value.find(',');
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma);
  }
}

}  // namespace

bool authenticates_connection(const Headers& headers) {
  for (const Header& header : headers) {
    switch (header.field) {
      case Field::authorization:
      case Field::proxy_authorization:
      case Field::www_authenticate:
      case Field::proxy_authenticate:
        if (names_one(header.value)) return true;
        break;
      default: break;
    }
  }
  return false;
}

}  // namespace tenfold::http
