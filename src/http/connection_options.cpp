#include "http/connection_options.hpp"

namespace tenfold::http {

ConnectionOptions::ConnectionOptions(const Headers& headers) {
  for (const Header& header : headers) {
    if (header.field != Field::connection) continue;
    for_each_element(header.value, [this](std::string_view option) {
      const bool names_field = !equals_ignoring_case(option, "keep-alive") && !equals_ignoring_case(option, "close");
      if (names_field && count_ < most && !names(option)) options_[count_++] = option;
      return count_ < most;
    });
  }
}

bool ConnectionOptions::names(std::string_view field) const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (equals_ignoring_case(options_[i], field)) return true;
  }
  return false;
}

}  // namespace tenfold::http
