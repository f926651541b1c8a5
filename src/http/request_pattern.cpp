#include "http/request_pattern.hpp"

#include <algorithm>
#include <utility>

#include "base/arena.hpp"
#include "base/text/glob.hpp"
#include "http/normal_path.hpp"

namespace tenfold::http {

namespace {

std::string normal_pattern(const std::string& pattern) {
  if (pattern.find('%') == std::string::npos || pattern.find("%2a") != std::string::npos ||
      pattern.find("%2A") != std::string::npos) {
    return pattern;
  }
  Arena arena;
  return std::string(normal_path(pattern, arena));
}

}  // namespace

RequestPattern::RequestPattern(std::string method, const std::string& path)
    : method_(std::move(method)),
      path_(normal_pattern(path)),
      star_(std::min(path_.find('*'), path_.size())),
      rest_(star_ == path_.size()       ? Rest::nothing
            : star_ + 1 == path_.size() ? Rest::anything
                                        : Rest::stars) {}

bool RequestPattern::rest_matches(std::string_view path) const {
  switch (rest_) {
    case Rest::nothing: return path.size() == path_.size();
    case Rest::anything: return true;
    case Rest::stars: break;
  }
  return glob_matches(std::string_view(path_).substr(star_), path.substr(star_));
}

}  // namespace tenfold::http
