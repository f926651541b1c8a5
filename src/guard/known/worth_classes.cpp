#include "guard/known/worth_classes.hpp"

#include <algorithm>

#include "http/normal_path.hpp"

namespace tenfold::guard {

std::size_t WorthClasses::class_of(std::string_view method, std::string_view path) const {
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    for (const http::RequestPattern& pattern : classes_[i].paths) {
      if (pattern.matches(method, path)) return i;
    }
  }
  return classes_.size();
}

std::size_t WorthClasses::class_of(const http::RequestHead& request, std::string_view path) const {
  const std::size_t normal = class_of(request.method_name, path);
  const std::string_view spelt = request.path();
  if (http::has_more_readings(spelt)) return classes_.size();
  return spelt == path ? normal : std::max(normal, class_of(request.method_name, spelt));
}

}  // namespace tenfold::guard
