#include "origin/router.hpp"

#include <algorithm>
#include <array>

#include "base/text/letters.hpp"

namespace tenfold::origin {

namespace {

// Longer names than DNS allows (RFC 1035, 2.3.4) match no configured host.
constexpr std::size_t longest_host = 255;

std::string_view without_port(std::string_view authority) {
  if (!authority.empty() && authority.front() == '[') return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.rfind(':'));
}

}  // namespace

Router::Router(const std::vector<RouteSettings>& routes) {
  for (const RouteSettings& route : routes) {
    Rule& rule = rules_.emplace_back();
    for (const auto& [method, path] : route.paths) rule.paths.emplace_back(method, path);
    rule.any_host = route.hosts.empty();
    for (const std::string& host : route.hosts) {
      if (host.starts_with("*.")) {
        rule.host_suffixes.push_back(host.substr(1));
      } else {
        rule.exact_hosts.push_back(host);
      }
    }
  }
}

bool Router::Rule::takes_host(std::string_view host) const {
  if (any_host) return true;
  if (std::find(exact_hosts.begin(), exact_hosts.end(), host) != exact_hosts.end()) return true;
  return std::any_of(host_suffixes.begin(), host_suffixes.end(),
                     [&](const std::string& suffix) { return host.size() > suffix.size() && host.ends_with(suffix); });
}

bool Router::Rule::takes_path(std::string_view method, std::string_view path) const {
  if (paths.empty()) return true;
  return std::any_of(paths.begin(), paths.end(),
                     [&](const http::RequestPattern& pattern) { return pattern.matches(method, path); });
}

std::size_t Router::find(std::string_view method, std::string_view authority, std::string_view path) const {
  if (rules_.empty()) return 0;
  std::array<char, longest_host> folded;
  std::string_view host = without_port(authority);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() > folded.size()) host = {};
  std::transform(host.begin(), host.end(), folded.begin(), to_lower);
  host = {folded.data(), host.size()};
  const auto rule = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& candidate) {
    return candidate.takes_host(host) && candidate.takes_path(method, path);
  });
  return static_cast<std::size_t>(rule - rules_.begin());
}

}  // namespace tenfold::origin
