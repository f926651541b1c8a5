#include "guard/challenge/clear_request.hpp"

#include <algorithm>
#include <optional>

#include "base/text/percent.hpp"
#include "guard/pages/request.hpp"

namespace tenfold::guard {

namespace {

// The text before the next "&", which is taken off `rest` with it.
std::string_view take_parameter(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('&'), rest.size());
  const std::string_view parameter = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return parameter;
}

}  // namespace

ClearRequest read_clear_query(std::string_view query) {
  std::optional<std::string_view> seed;
  std::optional<std::string_view> nonce;
  std::optional<std::string_view> to;
  while (!query.empty()) {
    const std::string_view parameter = take_parameter(query);
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string_view name = parameter.substr(0, equals);
    auto* const at = name == "seed" ? &seed : name == "nonce" ? &nonce : name == "to" ? &to : nullptr;
    if (at == nullptr || at->has_value()) continue;
    *at = parameter.substr(std::min(equals + 1, parameter.size()));
  }
  ClearRequest request{.seed = seed.value_or(""), .nonce = nonce.value_or("")};
  // Escaped, each byte is three.
  if (to && to->size() <= 3 * longest_way_back) {
    if (const auto decoded = percent_decoded(*to, Plus::stays)) request.to = local_path(*decoded);
  }
  return request;
}

ClearAnswer answer_to(Solution solution) {
  switch (solution) {
    case Solution::right: return ClearAnswer::grant;
    case Solution::rationed: return ClearAnswer::wait;
    default: return ClearAnswer::challenge;
  }
}

}  // namespace tenfold::guard
