#pragma once

#include <algorithm>
#include <string_view>

namespace tenfold::app {

// The value of "name=" in a query, as it stands there; empty: it is not there.
inline std::string_view in_query(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
  }
  return {};
}

}  // namespace tenfold::app
