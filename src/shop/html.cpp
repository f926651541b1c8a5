#include "shop/html.hpp"

#include <algorithm>

#include "base/text/percent.hpp"

namespace tenfold::shop::html {

std::string form_value(std::string_view form, std::string_view key) {
  while (!form.empty()) {
    const std::string_view pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(form.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (percent_decoded_leniently(pair.substr(0, equals), Plus::is_blank) == key) {
      return equals == std::string_view::npos ? std::string()
                                              : percent_decoded_leniently(pair.substr(equals + 1), Plus::is_blank);
    }
  }
  return {};
}

}  // namespace tenfold::shop::html
