#include "guard/known/worth_classes.hpp"

#include <algorithm>
#include <utility>

#include "http/normal_path.hpp"

namespace tenfold::guard {

namespace {

// Of patterns that take any method only "/*" matches the shortest path and another one.
bool covers_everything(const WorthClass& each) {
  return std::ranges::any_of(each.paths, [](const http::RequestPattern& pattern) {
    constexpr std::string_view no_method;
    return pattern.matches(no_method, "/") && pattern.matches(no_method, "/another");
  });
}

}  // namespace

WorthClasses::WorthClasses(std::vector<WorthClass> classes)
    : classes_(std::move(classes)),
      rest_(static_cast<std::size_t>(std::ranges::find_if(classes_, covers_everything) - classes_.begin())) {}

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
