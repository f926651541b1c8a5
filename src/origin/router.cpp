#include "origin/router.hpp"

#include <algorithm>
#include <array>

#include "base/arena.hpp"
#include "base/text/letters.hpp"
#include "http/normal_path.hpp"

namespace tenfold::origin {

namespace {

// Longer names than DNS allows (RFC 1035, 2.3.4) match no configured host.
constexpr std::size_t longest_host = 255;

std::string_view without_port(std::string_view authority) {
  if (!authority.empty() && authority.front() == '[') return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.rfind(':'));
}

// A pattern with escapes, as paths are compared. An escaped star is no wildcard, and cannot be told from one: such a
// pattern stays as it is.
std::string normal_pattern(const std::string& pattern) {
  if (pattern.find('%') == std::string::npos || pattern.find("%2a") != std::string::npos ||
      pattern.find("%2A") != std::string::npos) {
    return pattern;
  }
  Arena arena;
  return std::string(http::normal_path(pattern, arena));
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  // Where to go on when a character does not fit: behind the last star, with that star taking one character more.
  std::size_t star = std::string_view::npos;
  std::size_t star_took = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_took = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_took;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Router::Router(const std::vector<RouteSettings>& routes) {
  for (const RouteSettings& route : routes) {
    Rule& rule = rules_.emplace_back();
    rule.paths = route.paths;
    for (RouteSettings::Pattern& pattern : rule.paths) pattern.path = normal_pattern(pattern.path);
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
  return std::any_of(paths.begin(), paths.end(), [&](const RouteSettings::Pattern& pattern) {
    return (pattern.method.empty() || pattern.method == method) && glob_matches(pattern.path, path);
  });
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
